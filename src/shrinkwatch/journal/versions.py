"""Tells a record that arrived twice from one that was corrected, and from one that contradicts.

CONTRACT §1: same key and same content is a duplicate. A higher `revision`, or the same and a later
`updated_at`, is a revision: the latest is effective, all are kept. Other content without either is
a conflict: the first stays effective and the other is kept beside it. A revision that arrives after
a later one is kept as well and changes nothing.

A revision that arrives on a later UTC day changes the receipt, but not the replay of the day before
it: what was known then stays known then, and no transaction is counted twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.journal.days import DAY_US
from shrinkwatch.ports import Appended
from shrinkwatch.records.batch import Batch

Rank = tuple[int, int]
"""`revision` and `updated_at` (UTC µs); -1 and the smallest integer where the feed has none."""

NO_RANK: Rank = (-1, -(2**63))

UNREAD = 0
"""Stands for the content of a record that is kept as it was sent and has no columns yet."""


def signed(key: int) -> int:
    """Return an unsigned 64-bit key as the signed number of the same bits."""
    return int(key) - 2**64 if key >= 2**63 else int(key)


class State(IntEnum):
    """What a stored record is among the records of its key."""

    EFFECTIVE = 0
    """The one that counts."""
    SUPERSEDED = 1
    """A revision came after it, on the same day."""
    BESIDE = 2
    """It contradicts the effective one and is no revision of it."""
    CORRECTED = 3
    """A revision came on a later day: on its own day it was what was known, and is replayed."""
    CORRECTION = 4
    """The one that counts; it came after the day on which the first was replayed."""


IN_EFFECT = frozenset({State.EFFECTIVE, State.CORRECTION})
"""States of the version of a transaction that a receipt shows."""

REPLAYED = frozenset({State.EFFECTIVE, State.CORRECTED})
"""States of the version that arrives in a replay: history is as it was known when it happened."""


@dataclass(slots=True)
class Version:
    """One stored record: where it is, what it says (64 bits of its fingerprint), whether it counts.

    day: the UTC day on which it arrived, in days since 1970.
    """

    position: int
    content: int
    rank: Rank
    day: int
    state: State = State.EFFECTIVE


@dataclass(slots=True)
class Settled:
    """What an append does: rows to store with their state, versions to put out of effect.

    rows: row numbers of the batch that are new, in its order. states: theirs. revised: the new
    state of each stored version that a row of this batch revises, by position.
    outcomes, positions: of every row of the batch, what became of it (a field of `Appended`) and
    where it is in the journal; of a duplicate, where its equal is.
    """

    rows: list[int] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    revised: dict[int, State] = field(default_factory=dict)
    appended: Appended = field(default_factory=Appended)
    outcomes: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Index:
    """What of a batch is needed to settle it; plain data, cheap to hand to another process.

    tx_key: int64, the unsigned keys bit for bit. content: int64, half of each fingerprint; records
    are only compared with others of their key, and there one pair in 2**64 is taken for the same.
    revision, updated_us: int64, NO_RANK where the feed has none.
    day: int64, the UTC day of arrival per row, in days since 1970.
    """

    tx_key: NDArray[np.int64]
    content: NDArray[np.int64]
    revision: NDArray[np.int64]
    updated_us: NDArray[np.int64]
    day: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.tx_key)

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Return the index of a batch with all its columns."""
        top = batch.transactions
        return cls(
            tx_key=top["tx_key"].to_numpy().view(np.int64),
            content=np.frombuffer(b"".join(top["content"].to_list()), dtype=np.int64)[::2],
            revision=_filled(top["revision"], NO_RANK[0]),
            updated_us=_filled(top["updated_at"].to_physical(), NO_RANK[1]),
            day=top["arrived_at"].to_physical().to_numpy() // DAY_US,
        )


def _filled(values: pl.Series, otherwise: int) -> NDArray[np.int64]:
    if values.null_count() == len(values):  # as in most feeds
        return np.full(len(values), otherwise, dtype=np.int64)
    return values.fill_null(otherwise).to_numpy()


def settle(index: Index, known: Mapping[int, Sequence[Version]], first_position: int) -> Settled:
    """Return what becomes of each row of a batch; nothing is changed.

    known: every stored version of the keys in the batch, by (signed) key; new keys are absent.
    first_position: the position that the first new row gets; the others follow without gaps.
    """
    count = len(index)
    keys = index.tx_key.tolist()
    if not known and len(set(keys)) == count:
        positions = list(range(first_position, first_position + count))
        everything = list(range(count)), [State.EFFECTIVE] * count
        return Settled(*everything, {}, Appended(count), ["accepted"] * count, positions)
    ranks = zip(index.revision.tolist(), index.updated_us.tolist(), strict=True)
    records = zip(keys, index.content.tolist(), ranks, index.day.tolist(), strict=True)
    return _one_by_one(records, known, first_position)


def _one_by_one(
    records: Iterable[tuple[int, int, Rank, int]],
    known: Mapping[int, Sequence[Version]],
    first_position: int,
) -> Settled:
    """Settle row after row, since a later row may revise an earlier one of the same batch."""
    settled = Settled()
    versions = {key: [replace(one) for one in stored] for key, stored in known.items()}
    place: dict[int, int] = {}
    counts = dict.fromkeys(("accepted", "duplicate", "revised", "conflicting"), 0)
    for row, (key, content, rank, day) in enumerate(records):
        stored = versions.setdefault(key, [])
        new = Version(first_position + len(settled.rows), content, rank, day)
        outcome, replaced = _compare(new, stored)
        counts[outcome] += 1
        settled.outcomes.append(outcome)
        if outcome == "duplicate":
            settled.positions.append(next(s.position for s in stored if s.content == content))
            continue
        settled.positions.append(new.position)
        if replaced is not None and replaced.position in place:
            settled.states[place[replaced.position]] = replaced.state
        elif replaced is not None:
            settled.revised[replaced.position] = replaced.state
        place[new.position] = len(settled.rows)
        settled.rows.append(row)
        settled.states.append(new.state)
        stored.append(new)
    settled.appended = Appended(**counts)
    return settled


def _compare(new: Version, stored: Sequence[Version]) -> tuple[str, Version | None]:
    """Return the outcome and the version that it puts out of effect; sets the states of both."""
    if not stored:
        return "accepted", None
    if any(version.content == new.content for version in stored):
        return "duplicate", None
    effective = next(version for version in stored if version.state in IN_EFFECT)
    if new.rank > effective.rank:
        is_late = effective.state is State.EFFECTIVE and new.day > effective.day
        follows = is_late or effective.state is State.CORRECTION
        new.state = State.CORRECTION if follows else State.EFFECTIVE
        effective.state = State.CORRECTED if is_late else State.SUPERSEDED
        return "revised", effective
    if new.rank < effective.rank:
        new.state = State.SUPERSEDED
        return "revised", None
    new.state = State.BESIDE
    return "conflicting", None
