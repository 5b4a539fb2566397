"""The journal of a workspace: a database that is told everything first and forgets nothing.

A block of records is one synced transaction: a narrow row per record (key, position, fingerprint,
day) in the order of keys, and the block's columns as one payload, so that JSON is never parsed
twice. Days that are over are copied to the Parquet archive, which can be deleted and is made again.
"""

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import polars as pl
import sqlalchemy as sa
from numpy.typing import NDArray

from shrinkwatch.adapters.stores import rows as stored
from shrinkwatch.adapters.stores.database import Busy, Database
from shrinkwatch.adapters.stores.schema import entry
from shrinkwatch.journal.archive import Archive, by_day
from shrinkwatch.journal.as_sent import AsSent
from shrinkwatch.journal.days import DAY_US, day_number, day_of, microseconds, moment_of
from shrinkwatch.journal.payload import (
    Packed,
    pack,
    pack_as_sent,
    unpack,
    unpack_all,
    unpack_sound,
)
from shrinkwatch.journal.pieces import Piece, in_arrival_order, tail_of
from shrinkwatch.journal.projection import Projection, project, timed
from shrinkwatch.journal.table_loads import TableLoad, arrivals_of, as_known, news, whole_rows
from shrinkwatch.journal.versions import (
    IN_EFFECT,
    UNREAD,
    Index,
    Settled,
    Version,
    settle,
    signed,
)
from shrinkwatch.ports import Appended, Tail
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.tables import TableKind, Tables

ARCHIVED_AT_ONCE = 150_000
"""About how many transactions are held in memory while closed days are archived."""

_MOST_UNSORTED = 64
"""Blocks as they were sent whose records have no rows yet. A row has its place by its key, so that
few of them change nearly as many pages as many."""

_READ_AT_ONCE = 20_000
"""About how many transactions of small blocks are made one piece."""


class StoredJournal:
    """`ports.Journal` in a database, with the Parquet archive of closed days beside it."""

    def __init__(self, database: Database, archive: Archive) -> None:
        self._database = database
        self._archive = archive
        self._loads: tuple[int, list[TableLoad]] = (0, [])

    @classmethod
    def open(cls, file: Path, archive: Path) -> Self:
        """Return the journal in this file, with its archive in that folder; missing ones are made.

        Raises: Misconfigured or Unreachable, saying what to do.
        """
        return cls(Database.open(file), Archive(archive))

    @property
    def is_local(self) -> bool:
        """Whether a write waits for this machine's disk and no server."""
        return self._database.is_file

    def append(self, batch: Batch) -> Appended:
        """Store the batch and return what became of it; when it returns, it is on disk."""
        return self.append_packed(Packed.of(batch))

    def append_packed(self, packed: Packed) -> Appended:
        """Store a batch that another process packed; when it returns, it is on disk."""
        return self.append_each(packed).appended

    def append_each(self, packed: Packed) -> Settled:
        """Store a packed batch and return what became of each row; then it is on disk."""
        index = packed.index
        if len(index) == 0:
            return Settled()
        with self._database.write() as connection:
            first = stored.next_position(connection)
            known = stored.versions(connection, index.tx_key.tolist()) if first else {}
            _read_contents(connection, known)
            settled = settle(index, known, first)
            if settled.rows:
                days = np.unique(index.day[settled.rows]).tolist()
                whole = len(settled.rows) == len(index)
                payload = packed.payload if whole else _only(packed.payload, settled.rows)
                stored.add_records(connection, first, index, settled)
                stored.add_block(connection, first, len(settled.rows), payload, days)
        return settled

    def append_as_sent(self, group: AsSent, index: Index, *, waits: bool = True) -> Settled | None:
        """Store lines as they were sent and return what became of each; then they are on disk.

        None, and nothing is stored, where a key is known already or comes twice: it takes the
        columns to tell what such a record is. waits: for others who write; False, only where
        `is_local`: None then.
        """
        try:
            return self._append_as_sent(group, index, waits=waits)
        except Busy:
            return None

    def _append_as_sent(self, group: AsSent, index: Index, *, waits: bool) -> Settled | None:
        keys = index.tx_key
        with self._database.write(waits=waits) as connection:
            waiting = stored.unsorted_records(connection)
            is_full = waiting.blocks >= _MOST_UNSORTED
            if is_full and not waits:
                return None
            if np.unique(keys).size < keys.size or stored.is_any_known(connection, keys, waiting):
                return None
            if is_full:
                stored.sort_in(connection, waiting)
            first = stored.next_position(connection)
            settled = settle(index, {}, first)
            (day,) = days = np.unique(index.day).tolist()
            stored.add_unsorted(connection, first, day, keys)
            stored.add_block(connection, first, len(index), pack_as_sent(group), days)
        return settled

    def reject(self, rejects: Sequence[Rejected]) -> int:
        """Keep what could not be read; returns how many are new (the same bytes count once)."""
        hashed = [(one.raw_key or hashlib.sha256(one.raw).hexdigest(), one) for one in rejects]
        with self._database.write() as connection:
            return stored.add_rejects(connection, hashed)

    def append_table(self, kind: TableKind, frame: pl.DataFrame, arrived_at: datetime) -> int:
        """Store a table's rows; returns how many are new or changed."""
        with self._database.write() as connection:
            current = as_known(self._table_loads(connection), None)
            rows = news(current[kind], whole_rows(kind, frame))
            if rows.height:
                stored.add_table_load(connection, TableLoad(kind, arrived_at, rows))
        return rows.height

    def days(self) -> list[date]:
        """Return the UTC dates on which transactions arrived, oldest first."""
        with self._database.read() as connection:
            return [day_of(number) for number in sorted(stored.block_days(connection))]

    def arrivals(self, day: date, columns: Projection | None = None) -> Batch:
        """Return what arrived on this UTC date, in order, each in its latest revision of that day.

        An archived day comes from its Parquet files, of which only these columns are read.
        """
        return project(Batch.concat(self.pieces(day, sys.maxsize, columns)), columns)

    def pieces(self, day: date, most: int, columns: Projection | None = None) -> Iterator[Batch]:
        """Yield the same in batches of at most so many transactions; `day` is never held whole."""
        archived = self._archive.blocks(day)
        with self._database.read() as connection:
            blocks = stored.blocks_of(connection, day_number(day))
            dead = stored.not_replayed(connection, blocks)
            pending = [first for first in blocks if first not in archived]
            waiting = [_of_day(one, day, columns) for one in _whole(connection, pending)]
        yield from in_arrival_order([*waiting, *self._archive.pieces(day, columns)], dead, most)

    def tail(self, position: int, most: int, columns: Projection | None = None) -> Tail:
        """Return what was appended from this position on, about `most` records of it."""
        with self._database.read() as connection:
            blocks = list(stored.blocks_from(connection, position, most))
            dead = stored.not_replayed(connection, [position] if blocks else [])
        batches, sound = unpack_sound((raw for _, _, raw in blocks), timed(columns))
        spans = [(first, first + rows) for first, rows, _ in blocks]
        positions = [np.arange(*span) for span, whole in zip(spans, sound, strict=True) if whole]
        damaged = tuple(span for span, whole in zip(spans, sound, strict=True) if not whole)
        until = spans[-1][1] if spans else position
        found = tail_of(batches, positions, dead, damaged, until)
        return replace(found, batch=project(found.batch, columns))

    def end(self) -> int:
        """Return the position that the next record gets."""
        with self._database.read() as connection:
            return stored.next_position(connection)

    def position_after(self, day: date) -> int:
        """Return a position from which on all lies that arrived after this UTC date."""
        with self._database.read() as connection:
            first = stored.first_block_after(connection, day_number(day))
            return stored.next_position(connection) if first is None else first

    def arrives_after(self, day: date, position: int) -> bool:
        """Return whether anything of this UTC date or before it may lie from this position on."""
        with self._database.read() as connection:
            return stored.has_block(connection, day_number(day), position)

    def left_out(self, position: int) -> frozenset[int]:
        """Return the positions, from this one on, of records that a replay does not take now."""
        with self._database.read() as connection:
            return stored.not_replayed(connection, [position])

    def receipts(self, tx_keys: Sequence[int], columns: Projection | None = None) -> Batch:
        """Return the effective version of these transactions, in the order asked for."""
        keys = [signed(key) for key in tx_keys]
        with self._database.read() as connection:
            versions = stored.versions(connection, keys)
            effective = {
                key: one.position
                for key, several in versions.items()
                for one in several
                if one.state in IN_EFFECT
            }
            positions = [effective[key] for key in keys if key in effective]
            return _at(connection, positions, columns)

    def tables(self, as_of: datetime | None = None) -> Tables:
        """Return every table as it was known at that time (None: now)."""
        with self._database.read() as connection:
            return as_known(self._table_loads(connection), as_of)

    def table_arrivals(self, kind: TableKind, day: date) -> list[datetime]:
        """Return when on this UTC date rows of the table arrived, each moment once, ascending."""
        with self._database.read() as connection:
            return arrivals_of(self._table_loads(connection), kind, day)

    def rejects(self) -> Iterator[Rejected]:
        """Return what could not be read, oldest first."""
        with self._database.read() as connection:
            yield from stored.rejects(connection)

    def fingerprint(self, until: date, kinds: Sequence[TableKind]) -> str:
        """Return a text that changes when anything changes that was known by the end of this day.

        until: a UTC date. kinds: the tables that matter; the others may change.
        """
        with self._database.read() as connection:
            listed = stored.block_days(connection)
            days = {day: blocks for day, blocks in listed.items() if day <= day_number(until)}
            within = set().union(*days.values())
            firsts = np.array(sorted(set().union(*listed.values())), dtype=np.int64)
            dead = np.array(sorted(stored.not_replayed(connection, sorted(within))), dtype=np.int64)
            owners = firsts[np.searchsorted(firsts, dead, side="right") - 1].tolist()
            out = [at for at, own in zip(dead.tolist(), owners, strict=True) if own in within]
            loads = [
                (load.kind, load.arrived_at, load.rows.height)
                for load in stored.table_loads(connection)
                if load.kind in kinds and load.arrived_at.date() <= until
            ]
        known = msgspec.json.encode([sorted(days.items()), out, loads])
        return hashlib.sha256(known).hexdigest()

    def note(self, kind: str, body: Any, arrived_at: datetime) -> None:
        """Write an entry (a load, a day's close, a change of rules, a mute) that JSON can hold."""
        raw = msgspec.json.encode(body)
        with self._database.write() as connection:
            connection.execute(
                sa.insert(entry).values(arrived_us=microseconds(arrived_at), kind=kind, body=raw)
            )

    def notes(self, kind: str) -> list[tuple[datetime, Any]]:
        """Return the entries of this kind with the time of each, in the order of writing."""
        query = sa.select(entry.c.arrived_us, entry.c.body).where(entry.c.kind == kind)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(entry.c.id)).all()
        return [(moment_of(us), msgspec.json.decode(body)) for us, body in found]

    def archive_closed_days(self, today: date) -> int:
        """Copy every day before `today` (UTC) to the archive; returns how many transactions.

        Safe to repeat, to be killed and to be run twice at once: what is archived is left alone.
        Whoever writes to the journal need not wait.
        """
        count = 0
        while moved := self._archive_some(today):
            count += moved
        return count

    def _archive_some(self, today: date) -> int:
        with self._archive.alone(), self._database.read() as connection:
            pending = self._pending(connection, today)
            blocks = sorted({first for firsts in pending.values() for first in firsts})
            if not blocks:
                return 0
            loaded = _joined(list(_whole(connection, blocks)))
            pieces = by_day(loaded, _is_pending(loaded, blocks, pending))
            self._archive.add(pieces, {day: sorted(pending[day]) for day in pieces})
        return sum(len(piece.batch) for piece in pieces.values())

    def _table_loads(self, connection: sa.Connection) -> list[TableLoad]:
        """Return every table load; read again only when there are new ones."""
        last = stored.last_table_load(connection)
        if last != self._loads[0]:
            self._loads = (last, stored.table_loads(connection))
        return self._loads[1]

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _pending(self, connection: sa.Connection, today: date) -> dict[date, set[int]]:
        """Return blocks (first positions) to be archived by day, as many as memory may hold."""
        waiting: dict[int, list[date]] = {}
        for number, blocks in stored.block_days(connection).items():
            day = day_of(number)
            if day < today:
                for first in set(blocks) - self._archive.blocks(day):
                    waiting.setdefault(first, []).append(day)
        sizes = stored.block_sizes(connection)
        pending: dict[date, set[int]] = {}
        held = 0
        for first in sorted(waiting):
            if held >= ARCHIVED_AT_ONCE:
                break
            held += sizes[first]
            for day in waiting[first]:
                pending.setdefault(day, set()).add(first)
        return pending


def _only(payload: bytes, rows: Sequence[int]) -> bytes:
    return pack(unpack(payload).take(rows))


def _read_contents(connection: sa.Connection, known: Mapping[int, Sequence[Version]]) -> None:
    """Fill in what versions say of which no columns were made yet."""
    unread = [one for several in known.values() for one in several if one.content == UNREAD]
    if unread:
        batch = _at(connection, [one.position for one in unread], None)
        for version, content in zip(unread, Index.of(batch).content.tolist(), strict=True):
            version.content = content


def _whole(connection: sa.Connection, firsts: Sequence[int]) -> Iterator[Piece]:
    """Yield all the records of the blocks that begin at these positions; small ones together."""
    raws: list[bytes] = []
    positions: list[NDArray[np.int64]] = []
    held = 0
    for first in firsts:
        _, rows, raw = stored.block_with(connection, first)
        raws.append(raw)
        positions.append(np.arange(first, first + rows))
        held += rows
        if held >= _READ_AT_ONCE:
            yield _piece(raws, positions)
            raws, positions, held = [], [], 0
    if raws:
        yield _piece(raws, positions)


def _piece(raws: Sequence[bytes], positions: Sequence[NDArray[np.int64]]) -> Piece:
    batch = Batch.concat(unpack_all(raws))
    arrived = batch.transactions["arrived_at"].to_physical().to_numpy()
    return Piece(batch, np.concatenate(positions), arrived)


def _of_day(piece: Piece, day: date, columns: Projection | None) -> Piece:
    """Return the records of a piece that arrived on that day."""
    of_day = piece.in_order(piece.arrived_us // DAY_US == day_number(day))
    return replace(of_day, batch=project(of_day.batch, columns))


def _joined(pieces: Sequence[Piece]) -> Piece:
    return Piece(
        Batch.concat(piece.batch for piece in pieces),
        np.concatenate([piece.positions for piece in pieces]),
        np.concatenate([piece.arrived_us for piece in pieces]),
    )


def _is_pending(
    loaded: Piece, blocks: Sequence[int], pending: Mapping[date, set[int]]
) -> NDArray[np.bool_]:
    """Return which of the transactions are of a day for which their block is waiting.

    blocks: the first positions of the blocks that were loaded, ascending.
    """
    firsts = np.array(blocks, dtype=np.int64)
    own = firsts[np.searchsorted(firsts, loaded.positions, side="right") - 1]
    day = loaded.arrived_us // DAY_US
    found = np.zeros(len(loaded), dtype=np.bool_)
    for one, waiting in pending.items():
        found |= (day == day_number(one)) & np.isin(own, list(waiting))
    return found


def _at(connection: sa.Connection, positions: Sequence[int], columns: Projection | None) -> Batch:
    """Return the records at these positions, in this order."""
    wanted = np.array(positions, dtype=np.int64)
    order = np.argsort(wanted, kind="stable")
    parts, done = [], 0
    while done < order.size:
        rest = wanted[order[done:]]
        first, rows, raw = stored.block_with(connection, int(rest[0]))
        mine = rest[: np.searchsorted(rest, first + rows)]
        parts.append(unpack(raw, columns).take(mine - first))
        done += mine.size
    return Batch.concat(parts).take(np.argsort(order, kind="stable"))
