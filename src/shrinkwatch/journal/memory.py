"""A journal that lives in memory: the same promises as the real one, except that it forgets.

For tests, for one-off questions about a file, and for whoever wants to see what a journal is.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import msgspec
import numpy as np
import polars as pl

from shrinkwatch.journal.days import DAY_US, day_number, day_of
from shrinkwatch.journal.pieces import tail_of
from shrinkwatch.journal.projection import Projection, project
from shrinkwatch.journal.table_loads import TableLoad, arrivals_of, as_known, news, whole_rows
from shrinkwatch.journal.versions import IN_EFFECT, REPLAYED, Index, Version, settle, signed
from shrinkwatch.ports import Appended, Tail
from shrinkwatch.records.batch import NOBODY, Batch
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.tables import TableKind, Tables


@dataclass(slots=True)
class MemoryJournal:
    """`ports.Journal` without a disk."""

    _rows: Batch = field(default_factory=Batch.empty)
    _arrived_us: list[int] = field(default_factory=list)
    _versions: dict[int, list[Version]] = field(default_factory=dict)
    _by_position: list[Version] = field(default_factory=list)
    _rejects: dict[bytes | str, tuple[Rejected, int]] = field(default_factory=dict)
    _loads: list[TableLoad] = field(default_factory=list)

    def append(self, batch: Batch) -> Appended:
        """Store the batch and return what became of it."""
        index = Index.of(batch)
        keys = index.tx_key.tolist()
        known = {key: self._versions[key] for key in set(keys) if key in self._versions}
        settled = settle(index, known, len(self._by_position))
        for position, state in settled.revised.items():
            self._by_position[position].state = state
        for row, state in zip(settled.rows, settled.states, strict=True):
            rank = (int(index.revision[row]), int(index.updated_us[row]))
            day = int(index.day[row])
            version = Version(len(self._by_position), int(index.content[row]), rank, day, state)
            self._by_position.append(version)
            self._versions.setdefault(keys[row], []).append(version)
        new = batch.take(settled.rows)
        self._arrived_us += new.transactions["arrived_at"].to_physical().to_list()
        self._rows = Batch.concat([self._rows, new])
        return settled.appended

    def reject(self, rejects: Sequence[Rejected]) -> int:
        """Keep what could not be read; returns how many are new (the same bytes count once)."""
        before = len(self._rejects)
        for reject in rejects:
            known_by = reject.raw_key or reject.raw
            self._rejects.setdefault(known_by, (reject, len(self._by_position)))
        return len(self._rejects) - before

    def append_table(self, kind: TableKind, frame: pl.DataFrame, arrived_at: datetime) -> int:
        """Store a table's rows; returns how many are new or changed."""
        rows = news(self.tables()[kind], whole_rows(kind, frame))
        if rows.height:
            self._loads.append(TableLoad(kind, arrived_at, rows))
        return rows.height

    def days(self) -> list[date]:
        """Return the UTC dates on which transactions arrived, oldest first."""
        return [day_of(number) for number in sorted({us // DAY_US for us in self._arrived_us})]

    def arrivals(self, day: date, columns: Projection | None = None) -> Batch:
        """Return what arrived on this UTC date, each in its latest revision of that day."""
        number = day_number(day)
        rows = [row for row in self._replayed() if self._arrived_us[row] // DAY_US == number]
        rows.sort(key=lambda row: (self._arrived_us[row], row))
        return project(self._rows.take(np.array(rows, dtype=np.int64)), columns)

    def pieces(self, day: date, most: int, columns: Projection | None = None) -> Iterator[Batch]:
        """Yield what `arrivals` returns in batches of at most so many transactions."""
        whole = self.arrivals(day, columns)
        for start in range(0, len(whole), most):
            yield whole.take(range(start, min(start + most, len(whole))))

    def tail(self, position: int, most: int, columns: Projection | None = None) -> Tail:
        """Return what was appended from this position on, at most so many records of it."""
        until = min(position + most, len(self._by_position))
        positions = np.arange(position, until)
        kept = frozenset(self._replayed())
        dead = frozenset(at for at in positions.tolist() if at not in kept)
        found = tail_of([self._rows.take(positions)], [positions], dead, (), until)
        return replace(found, batch=project(found.batch, columns))

    def end(self) -> int:
        """Return the position that the next record gets."""
        return len(self._by_position)

    def position_after(self, day: date) -> int:
        """Return a position from which on all lies that arrived after this UTC date."""
        end = (day_number(day) + 1) * DAY_US
        later = (at for at, us in enumerate(self._arrived_us) if us >= end)
        return next(later, self.end())

    def arrives_after(self, day: date, position: int) -> bool:
        """Return whether anything of this UTC date or before it may lie from this position on."""
        return any(us // DAY_US <= day_number(day) for us in self._arrived_us[position:])

    def left_out(self, position: int) -> frozenset[int]:
        """Return the positions, from this one on, of records that a replay does not take now."""
        return frozenset(range(position, self.end())) - frozenset(self._replayed())

    def receipts(self, tx_keys: Sequence[int], columns: Projection | None = None) -> Batch:
        """Return the effective version of these transactions, in the order asked for."""
        rows = [
            version.position
            for key in tx_keys
            for version in self._versions.get(signed(key), ())
            if version.state in IN_EFFECT
        ]
        return project(self._rows.take(np.array(rows, dtype=np.int64)), columns)

    def tables(self, as_of: datetime | None = None) -> Tables:
        """Return every table as it was known at that time (None: now)."""
        return as_known(self._loads, as_of)

    def table_arrivals(self, kind: TableKind, day: date) -> list[datetime]:
        """Return when on this UTC date rows of the table arrived, each moment once, ascending."""
        return arrivals_of(self._loads, kind, day)

    def rejects(self) -> Iterator[Rejected]:
        """Return what could not be read, oldest first."""
        for reject, position in tuple(self._rejects.values()):
            versions = self._versions.get(signed(reject.tx_key or NOBODY), ())
            came = any(version.position >= position for version in versions)
            yield msgspec.structs.replace(reject, settled=came)

    def fingerprint(self, until: date, kinds: Sequence[TableKind]) -> str:
        """Return a text that changes when anything changes that was known by the end of this day.

        until: a UTC date. kinds: the tables that matter; the others may change.
        """
        end = (day_number(until) + 1) * DAY_US
        told = [
            (number, version.state in REPLAYED)
            for number, version in enumerate(self._by_position)
            if self._arrived_us[number] < end
        ]
        loads = [
            (load.kind, load.arrived_at, load.rows.height)
            for load in self._loads
            if load.kind in kinds and load.arrived_at.date() <= until
        ]
        return hashlib.sha256(msgspec.json.encode([told, loads])).hexdigest()

    def _replayed(self) -> Iterator[int]:
        return (v.position for v in self._by_position if v.state in REPLAYED)
