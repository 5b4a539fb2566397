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

        The spread is that of rows, averaged over repeats, and of repeats among themselves.
        """
        rows, flags = np.concatenate(self.rows), np.concatenate(self.flags)
        earned = self.earned(positive)
        mean = np.bincount(rows, earned, minlength=positive.size)
        times = np.bincount(rows, minlength=positive.size)
        each = mean[times > 0] / times[times > 0]
        error = float(each.std(ddof=1) / np.sqrt(each.size)) if each.size > 1 else 0.0
        truth = positive[rows]
        caught, flagged = int((flags & truth).sum()), int(flags.sum())
        return Estimate(
            per_thousand=1000.0 * float(each.mean()),
            spread=1000.0 * float(np.hypot(error, self._between(positive))),
            none=1000.0 * float(self.profit.of(truth, np.zeros_like(flags)).mean()),
            all=1000.0 * float(self.profit.of(truth, np.ones_like(flags)).mean()),
            flagged=1000.0 * flagged / flags.size,
            precision=caught / flagged if flagged else None,
            recall=caught / max(int(truth.sum()), 1),
            rows=int((times > 0).sum()),
            repeats=len(set(self.repeats)),
        )

    def earned(self, positive: Mask) -> Floats:
        """Return what every tested row earned, in the order taken in."""
        rows, flags = np.concatenate(self.rows), np.concatenate(self.flags)
        return self.profit.of(positive[rows], flags)

    def _between(self, positive: Mask) -> float:
        """Return the standard error that comes from how the folds were dealt, per row."""
        repeat = np.repeat(self.repeats, [rows.size for rows in self.rows])
        earned = self.earned(positive)
        means = [float(earned[repeat == one].mean()) for one in sorted(set(self.repeats))]
        return float(np.std(means, ddof=1) / np.sqrt(len(means))) if len(means) > 1 else 0.0
