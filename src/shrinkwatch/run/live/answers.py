"""Says what the rules said of a single transaction, as soon as it was judged."""

import threading
import time
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.records.alert import Reason
from shrinkwatch.records.money import minor_decimals
from shrinkwatch.rules.judge import Judgement
from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.live.port import Scored
from shrinkwatch.scoring.desk import Desk

KEPT = 100_000
"""Transactions of which the answer is kept, about the last ten seconds of a very large chain."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A batch that was judged.

    positions: (rows,) int64. currency: of each row. desk: knows which rules could never speak.
    """

    positions: NDArray[np.int64]
    currency: pl.Series
    judgement: Judgement
    desk: Desk

    def answer(self, row: int) -> Scored:
        """Return what is said of the transaction in this row."""
        rules = self.judgement.rules
        fired = [rules[place] for place in np.flatnonzero(self.judgement.fired[row]).tolist()]
        losses = self.judgement.loss_minor[row, self.judgement.fired[row]].tolist()
        currency, silent = self.currency[row], self.desk.silent
        return Scored(
            int(self.positions[row]),
            rules=tuple(rule.id for rule in fired),
            reasons=tuple(_reason(*one, currency) for one in zip(fired, losses, strict=True)),
            missing=tuple(
                f"{rule.title}: {silent[rule.id]}" for rule in rules if rule.id in silent
            ),
        )


def _reason(rule: Rule, loss_minor: int, currency: str) -> Reason:
    """Return why a rule speaks of one receipt; only many of them can be compared with peers."""
    loss = loss_minor / 10 ** minor_decimals(currency)
    at_stake = f"; {loss:,.2f} {currency} at stake" if loss_minor else ""
    return Reason(f"{rule.title}{at_stake}.", rule.id, loss, currency, None, rule.source)


@dataclass
class Answers:
    """`port.Scores` in the process that scores: the latest transactions' answers.

    Any thread may wait while one tells.
    """

    kept: deque[Judged] = field(default_factory=deque)
    rows: int = 0
    until: int = 0
    behind: tuple[int, float] = (0, 0.0)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, judged: Judged) -> None:
        """Keep a batch's answers; the oldest make room."""
        with self.changed:
            self.kept.append(judged)
            self.rows += judged.positions.size
            while self.rows > KEPT and len(self.kept) > 1:
                self.rows -= self.kept.popleft().positions.size

    def come_to(self, position: int, behind: tuple[int, float]) -> None:
        """Say that all before this position is judged or left out, and how far that is behind."""
        with self.changed:
            self.until, self.behind = position, behind
            self.changed.notify_all()

    def is_on(self) -> bool:
        """Return True: it is in this very process."""
        return True

    def wait(self, position: int, timeout_s: float) -> Scored | None:
        """Return what was said of the record at this position, waiting until it was judged.

        None when that takes too long, when it was left out, or when it was judged long ago.
        """
        until = time.monotonic() + timeout_s
        with self.changed:
            while self.until <= position:
                left = until - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    return None
            batches = tuple(self.kept)
        for judged in reversed(batches):
            row = np.flatnonzero(judged.positions == position)
            if row.size:
                return judged.answer(int(row[0]))
        return None

    def lag(self) -> tuple[int, float]:
        """Return how far scoring is behind the journal: records, and seconds since they came."""
        with self.changed:
            return self.behind
