"""Says what the rules said of a single transaction, as soon as it was judged."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.records.alert import Reason
from shrinkwatch.records.money import minor_decimals
from shrinkwatch.rules.gaps import Kind, gaps, named
from shrinkwatch.rules.judge import Judgement
from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.live.port import Scored
from shrinkwatch.scoring.desk import Desk
from shrinkwatch.scoring.usual import Usual, is_extreme, usual
from shrinkwatch.scoring.weigh import LEAST_OTHERS

KEPT = 100_000
"""Transactions of which the answer is kept, about the last ten seconds of a very large chain."""

MOST_GAPS = 3
"""Sentences on what the feed lacks; `shrinkwatch check` lists all."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A batch that was judged.

    positions: (rows,) int64. receipts: type, status and currency of each row. desk: knows what is
    usual, and which rules could never speak.
    """

    positions: NDArray[np.int64]
    receipts: pl.DataFrame
    judgement: Judgement
    desk: Desk

    def answer(self, row: int) -> Scored:
        """Return what is said of the transaction in this row.

        A rule speaks when there are such receipts of closed days to compare with, one that looks
        for extremes when the receipt is one of them, and one that compares nothing at once.
        """
        rules, firings = self.judgement.rules, self.judgement.firings
        mine = firings.of(firings.row == row)
        kind, status, currency = self.receipts.row(row)
        said, alone = [], []
        for place, loss_minor in zip(mine.place.tolist(), mine.loss_minor.tolist(), strict=True):
            rule, found = rules[place], self._usual(place, row)
            if found is None and rule.kind != "known":
                alone.append(rule)
            elif found is None or rule.kind == "count" or is_extreme(found):
                often = "" if found is None else self._often(found)
                said.append((rule, _reason(rule, often, loss_minor, currency)))
        return Scored(
            int(self.positions[row]),
            rules=tuple(rule.id for rule, _ in said),
            reasons=tuple(reason for _, reason in said),
            missing=(*_without_peers(alone), *self._gaps(Kind(kind, status), said)),
        )

    def _usual(self, place: int, row: int) -> Usual | None:
        """Return what this rule, of those that compare, saw of other receipts; None: too little."""
        if self.judgement.rules[place].kind == "known":
            return None
        measure = self.judgement.measure.get(place)
        return usual(self.desk.evidence, place, nan if measure is None else float(measure[row]))

    def _often(self, found: Usual) -> str:
        days = self.desk.settings.window_days
        return f"; seen on {found.hits:,} of {found.exposed:,} such receipts in {days} days"

    def _gaps(self, kind: Kind, said: Sequence[tuple[Rule, Reason]]) -> tuple[str, ...]:
        """Return what such a receipt was not checked for, what bears on what fired first."""
        schemes = {rule.scheme for rule, _ in said}
        found = gaps(self.judgement.rules, self.desk.shown, kind)
        found.sort(key=lambda gap: schemes.isdisjoint(rule.scheme for rule in gap.rules))
        return tuple(gap.sentence for gap in found[:MOST_GAPS])


def _reason(rule: Rule, often: str, loss_minor: int, currency: str) -> Reason:
    """Return why a rule speaks of one receipt. often: how common that is."""
    loss = loss_minor / 10 ** minor_decimals(currency)
    at_stake = f"; {loss:,.2f} {currency} at stake" if loss_minor else ""
    return Reason(f"{rule.title}{often}{at_stake}.", rule.id, loss, currency, None, rule.source)


def _without_peers(rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return that these rules fired and know too little of other receipts to speak."""
    if not rules:
        return ()
    return (f"{named(rules)}: fewer than {LEAST_OTHERS} such receipts are known to compare with",)


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
