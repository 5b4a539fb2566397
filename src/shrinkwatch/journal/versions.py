"""Tells a record that arrived twice from one that was corrected, and from one that contradicts.

CONTRACT §1: same key and same content is a duplicate. A higher `revision`, or the same and a later
`updated_at`, is a revision: the latest is effective, all are kept. Other content without either is
a conflict: the first stays effective and the other is kept beside it. A revision that arrives after
a later one is kept as well and changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.journal.days import arrival_days
from shrinkwatch.ports import Appended
from shrinkwatch.records.batch import Batch

Rank = tuple[int, int]
"""`revision` and `updated_at` (UTC µs); -1 and the smallest integer where the feed has none."""

_NO_TIME = -(2**63)


def signed(key: int) -> int:
    """Return an unsigned 64-bit key as the signed number of the same bits."""
    return int(key) - 2**64 if key >= 2**63 else int(key)


class State(IntEnum):
    """What a stored record is among the records of its key."""

    EFFECTIVE = 0
    """The one that counts."""
    SUPERSEDED = 1
    """A revision came after it."""
    BESIDE = 2
    """It contradicts the effective one and is no revision of it."""


@dataclass(slots=True)
class Version:
    """One stored record: where it is, what it says (16-byte fingerprint) and whether it counts."""

    position: int
    content: bytes
    rank: Rank
    state: State = State.EFFECTIVE


@dataclass(slots=True)
class Settled:
    """What an append does: rows to store with their state, versions to put out of effect.

    rows: row numbers of the batch that are new, in its order. states: theirs. superseded: the
    positions of stored versions that a row of this batch revises.
    """

    rows: list[int] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    appended: Appended = field(default_factory=Appended)


@dataclass(frozen=True, slots=True)
class Index:
    """What of a batch is needed to settle it; plain data, cheap to hand to another process.

    tx_key: int64, the unsigned keys bit for bit. content: 16 bytes per row, end to end.
    revision, updated_us: int64, -1 and the smallest integer where the feed has none.
    day: int64, the UTC day of arrival per row, in days since 1970.
    """

    tx_key: NDArray[np.int64]
    content: bytes
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
            content=b"".join(top["content"].to_list()),
            revision=top["revision"].fill_null(-1).to_numpy(),
            updated_us=top["updated_at"].to_physical().fill_null(_NO_TIME).to_numpy(),
            day=arrival_days(top).to_numpy(),
        )

    def contents(self) -> list[bytes]:
        """Return the fingerprint of each row."""
        return [self.content[at : at + 16] for at in range(0, len(self.content), 16)]


def settle(index: Index, known: Mapping[int, Sequence[Version]], first_position: int) -> Settled:
    """Return what becomes of each row of a batch; nothing is changed.

    known: every stored version of the keys in the batch, by (signed) key; new keys are absent.
    first_position: the position that the first new row gets; the others follow without gaps.
    """
    count = len(index)
    keys = index.tx_key.tolist()
    if not known and len(set(keys)) == count:
        return Settled(list(range(count)), [State.EFFECTIVE] * count, [], Appended(count))
    ranks = zip(index.revision.tolist(), index.updated_us.tolist(), strict=True)
    records = zip(keys, index.contents(), ranks, strict=True)
    return _one_by_one(records, known, first_position)


def _one_by_one(
    records: Iterable[tuple[int, bytes, Rank]],
    known: Mapping[int, Sequence[Version]],
    first_position: int,
) -> Settled:
    """Settle row after row, since a later row may revise an earlier one of the same batch."""
    settled = Settled()
    versions = {key: [replace(one) for one in stored] for key, stored in known.items()}
    place: dict[int, int] = {}
    counts = dict.fromkeys(("accepted", "duplicate", "revised", "conflicting"), 0)
    for row, (key, content, rank) in enumerate(records):
        stored = versions.setdefault(key, [])
        position = first_position + len(settled.rows)
        outcome, state, replaced = _compare(content, rank, stored)
        counts[outcome] += 1
        if state is None:
            continue
        if replaced is not None:
            replaced.state = State.SUPERSEDED
            if replaced.position in place:
                settled.states[place[replaced.position]] = State.SUPERSEDED
            else:
                settled.superseded.append(replaced.position)
        place[position] = len(settled.rows)
        settled.rows.append(row)
        settled.states.append(state)
        stored.append(Version(position, content, rank, state))
    settled.appended = Appended(**counts)
    return settled


def _compare(
    content: bytes, rank: Rank, stored: Sequence[Version]
) -> tuple[str, State | None, Version | None]:
    """Return the outcome, the new record's state (None: do not store) and what it replaces."""
    if not stored:
        return "accepted", State.EFFECTIVE, None
    if any(version.content == content for version in stored):
        return "duplicate", None, None
    effective = next(version for version in stored if version.state is State.EFFECTIVE)
    if rank > effective.rank:
        return "revised", State.EFFECTIVE, effective
    if rank < effective.rank:
        return "revised", State.SUPERSEDED, None
    return "conflicting", State.BESIDE, None
