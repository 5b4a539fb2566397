"""What a way of learning would earn on rows that it has neither learned from nor chosen by."""

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.models.tables.profit import Profit

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]


class Estimate(msgspec.Struct, frozen=True):
    """What the flags earned on left-out rows, per thousand rows, with the standard error.

    none, all: what flagging nobody or everybody earns. precision: None without a flag.
    """

    per_thousand: float
    spread: float
    none: float
    all: float
    flagged: float
    precision: float | None
    recall: float
    rows: int
    repeats: int


@dataclass(slots=True)
class LeftOut:
    """Rows whose outcome was predicted while they were left out, fold by fold."""

    profit: Profit
    rows: list[Rows]
    flags: list[Mask]
    repeats: list[int]

    @classmethod
    def none(cls, profit: Profit) -> "LeftOut":
        """Return it without any row."""
        return cls(profit, [], [], [])

    def add(self, repeat: int, rows: Rows, probability: Floats) -> None:
        """Take in a fold. rows: of the table, shape (tested,). probability: the same shape."""
        self.rows.append(rows)
        self.flags.append(probability > self.profit.threshold)
        self.repeats.append(repeat)

    def estimate(self, positive: Mask) -> Estimate:
        """Return what was earned. positive: shape (rows of the table,).

        A row that was tested in several repeats counts once.
        """
        rows, flags = np.concatenate(self.rows), np.concatenate(self.flags)
        earned = self.earned(positive)
        mean = np.bincount(rows, np.concatenate(earned), minlength=positive.size)
        times = np.bincount(rows, minlength=positive.size)
        each = mean[times > 0] / times[times > 0]
        truth = positive[rows]
        caught, flagged = int((flags & truth).sum()), int(flags.sum())
        return Estimate(
            per_thousand=1000.0 * float(each.mean()),
            spread=1000.0 * spread_of(earned, positive.size),
            none=1000.0 * float(self.profit.of(truth, np.zeros_like(flags)).mean()),
            all=1000.0 * float(self.profit.of(truth, np.ones_like(flags)).mean()),
            flagged=1000.0 * flagged / flags.size,
            precision=caught / flagged if flagged else None,
            recall=caught / max(int(truth.sum()), 1),
            rows=int((times > 0).sum()),
            repeats=len(set(self.repeats)),
        )

    def earned(self, positive: Mask) -> list[Floats]:
        """Return what every tested row earned, fold by fold."""
        parts = zip(self.rows, self.flags, strict=True)
        return [self.profit.of(positive[rows], flags) for rows, flags in parts]


def spread_of(folds: list[Floats], rows: int) -> float:
    """Return the standard error of a mean over left-out folds.

    folds: what each tested row earned. rows: of the whole table. The folds learn from much the same
    rows, so their mean is less certain than that of as many independent ones: its variance is
    (1 / folds + tested / learned) times that of one fold. Source: Nadeau & Bengio 2003, "Inference
    for the generalization error", Machine Learning 52, for folds dealt anew; here for repeated
    cross-validation. The variance of a fold is what its rows show or what the folds show among
    themselves, whichever is more: of five folds the latter is small by luck now and then.
    """
    tested = float(np.mean([one.size for one in folds]))
    within = float(np.mean([one.var(ddof=1) / one.size if one.size > 1 else 0.0 for one in folds]))
    between = float(np.var([one.mean() for one in folds], ddof=1)) if len(folds) > 1 else 0.0
    corrected = 1.0 / len(folds) + tested / max(rows - tested, 1.0)
    return float(np.sqrt(corrected * max(within, between)))
