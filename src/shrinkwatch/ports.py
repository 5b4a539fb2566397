"""The sockets: what the rooms expect of whatever stores, reads or tells the time for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.records.alert import Alert
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.deed import Deed
from shrinkwatch.records.message import Message
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.tables import TableKind, Tables


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def __call__(self) -> datetime:
        """Return the present moment."""
        ...


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of the records of one append; the four add up to what was given."""

    accepted: int = 0
    duplicate: int = 0
    revised: int = 0
    conflicting: int = 0


@dataclass(frozen=True, slots=True)
class Tail:
    """What was appended from a position on, as far as it was read.

    batch: the records that a replay would take, as known now, in order of arrival. positions,
    arrived_us: int64 per transaction of it; UTC µs. left_out: positions of the others. damaged:
    positions (first, one after the last) of which the journal holds something else than was
    written; none of them is in the batch. until: the position from which the next tail begins.
    """

    batch: Batch
    positions: NDArray[np.int64]
    arrived_us: NDArray[np.int64]
    left_out: NDArray[np.int64]
    damaged: tuple[tuple[int, int], ...]
    until: int


class Journal(Protocol):
    """All that ever arrived, durable, in order, once.

    Arrival order is (arrived_at, position): a bulk load's arrived_at is its ended_at, so history
    replays as it happened; position breaks ties and never changes.
    """

    def append(self, batch: Batch) -> Appended:
        """Store the batch and return what became of it; when it returns, it is on disk."""
        ...

    def reject(self, rejects: Sequence[Rejected]) -> int:
        """Keep what could not be read; returns how many are new (the same bytes count once)."""
        ...

    def append_table(self, kind: TableKind, frame: pl.DataFrame, arrived_at: datetime) -> int:
        """Store a table's rows; returns how many are new or changed. Twice changes nothing."""
        ...

    def days(self) -> list[date]:
        """Return the UTC dates on which transactions arrived, oldest first."""
        ...

    def arrivals(self, day: date, columns: dict[str, Sequence[str]] | None = None) -> Batch:
        """Return what arrived on this UTC date, in order, each in its latest revision of that day.

        A revision that arrived on a later day is shown by `receipts`, not replayed.

        columns: the columns wanted per part of the batch; None means all.
        """
        ...

    def pieces(
        self, day: date, most: int, columns: dict[str, Sequence[str]] | None = None
    ) -> Iterator[Batch]:
        """Yield what `arrivals` returns in batches of at most so many transactions.

        A day of the largest chains does not fit into memory; this never holds it whole.
        """
        ...

    def tail(
        self, position: int, most: int, columns: dict[str, Sequence[str]] | None = None
    ) -> Tail:
        """Return what was appended from this position on, about `most` records of it.

        position: 0, or where an earlier tail ended. columns: as in `arrivals`.
        """
        ...

    def end(self) -> int:
        """Return the position that the next record gets."""
        ...

    def position_after(self, day: date) -> int:
        """Return a position from which on all lies that arrived after this UTC date."""
        ...

    def arrives_after(self, day: date, position: int) -> bool:
        """Return whether anything of this UTC date or before it may lie from this position on.

        position: 0, or where a tail ended.
        """
        ...

    def left_out(self, position: int) -> frozenset[int]:
        """Return the positions, from this one on, of records that a replay does not take now."""
        ...

    def receipts(
        self, tx_keys: Sequence[int], columns: dict[str, Sequence[str]] | None = None
    ) -> Batch:
        """Return these transactions with everything known of them, in the order asked for.

        What was never stored is left out. columns: as in `arrivals`.
        """
        ...

    def tables(self, as_of: datetime | None = None) -> Tables:
        """Return every table as it was known at that time (None: now)."""
        ...

    def table_arrivals(self, kind: TableKind, day: date) -> list[datetime]:
        """Return when on this UTC date rows of the table arrived, each moment once, ascending."""
        ...

    def rejects(self) -> Iterator[Rejected]:
        """Return what could not be read, oldest first.

        Settled is what was accepted after it had been rejected: a record of the same key.
        """
        ...

    def fingerprint(self, until: date, kinds: Sequence[TableKind]) -> str:
        """Return a text that changes when anything changes that was known by the end of this day.

        until: a UTC date. kinds: the tables that matter; the others may change.
        """
        ...


class AlertStore(Protocol):
    """The alerts that were raised, by id."""

    def put(self, alerts: Sequence[Alert]) -> None:
        """Store new alerts and new states of known ones."""
        ...

    def replace(self, alerts: Sequence[Alert]) -> None:
        """Make these the only alerts; what people did with the ones that stay is kept."""
        ...

    def all(self) -> list[Alert]:
        """Return every alert, most valuable (probability × expected loss) first."""
        ...


class AuditLog(Protocol):
    """Who did or saw what: written before it is shown, never changed."""

    def write(self, deed: Deed) -> None:
        """Write one deed down; when it returns, it is on disk. Raises: Unreachable."""
        ...


class Notifier(Protocol):
    """Carries a message to one place: a room, a mailbox, somebody's program."""

    def send(self, message: Message) -> None:
        """Return when it has arrived; a message of the same id may come again.

        Raises: Unreachable when it may arrive later, Refused when it never will.
        """
        ...
