"""What a request hands to the writer, and what it gets back: one outcome per record."""

from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

from shrinkwatch.records.access import SendingKey
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.run.api.body import Cut
from shrinkwatch.run.api.problem import Problem

Word = Literal["accepted", "duplicate", "revised", "conflicting", "rejected"]


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What became of one record.

    position: where a transaction is in the journal. reason, sentence: of a rejected one, a code
    for programs and what is wrong for people.
    """

    outcome: Word
    position: int | None = None
    reason: str | None = None
    sentence: str | None = None


class Receipt(Struct, frozen=True, kw_only=True):
    """The answer to a request: the counts, and each record's outcome in the request's order."""

    accepted: int = 0
    duplicate: int = 0
    revised: int = 0
    conflicting: int = 0
    rejected: int = 0
    records: tuple[Outcome, ...]


def receipt(outcomes: list[Outcome]) -> Receipt:
    """Return the answer that says these outcomes."""
    counts: dict[str, int] = {}
    for one in outcomes:
        counts[one.outcome] = counts.get(one.outcome, 0) + 1
    return Receipt(records=tuple(outcomes), **counts)


Answer = list[Outcome] | Problem
"""The outcomes, once they are on disk; or why nothing of the request was taken."""


@dataclass(slots=True)
class Submission:
    """Records of one request. kind: of SENDS."""

    kind: str
    key: SendingKey
    cut: Cut = field(repr=False)


def rejected(reject: Rejected) -> Outcome:
    """Return the outcome of a record that was kept as a reject."""
    return Outcome("rejected", None, reject.reason, reject.sentence)
