"""What the door to the tills asks of live scoring: what a transaction just taken in came to."""

from typing import Protocol

from msgspec import Struct

from shrinkwatch.records.alert import Reason


class Scored(Struct, frozen=True):
    """What live scoring says of one transaction; a lead, never a finding.

    position: of the record in the journal.
    probability: that the transaction is part of a theft; None where no model gives one for single
    transactions. rules: ids of the rules that fired on it and know of other receipts to
    compare with. reasons: theirs, in the same order.
    missing: what could not be checked of this receipt, a few sentences: rules that had nothing to
    compare it with, and what its feed lacks to check it.
    """

    position: int
    probability: float | None = None
    rules: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()


class Scores(Protocol):
    """Answers for transactions that live scoring has judged."""

    def is_on(self) -> bool:
        """Return whether scoring runs."""
        ...

    def wait(self, position: int, timeout_s: float) -> Scored | None:
        """Return what was said of the record at this position, waiting until it was judged.

        None when that takes longer than `timeout_s`, or when a later version of the record took
        its place. Any thread may call it.
        """
        ...

    def lag(self) -> tuple[int, float]:
        """Return how far scoring is behind the journal: records, and seconds since they came."""
        ...
