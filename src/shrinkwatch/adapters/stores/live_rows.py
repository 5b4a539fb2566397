"""Adds rows to the journal's tables a few at a time, and says what became of each."""

from datetime import datetime
from typing import Literal

import polars as pl
from sqlalchemy import Connection

from shrinkwatch.adapters.stores import rows as stored
from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.journal.table_loads import TableLoad, whole_rows
from shrinkwatch.records.tables import TABLE_KEYS, TableKind, empty_table

Row = tuple[object, ...]
Became = Literal["accepted", "duplicate", "revised", "conflicting"]


class LiveRows:
    """The rows of the journal's tables by key; one call at a time, from whatever thread.

    It holds the tables that it was asked for, and reads only what was added since.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[TableKind, tuple[int, pl.DataFrame]] = {}

    def table(self, kind: TableKind) -> pl.DataFrame:
        """Return every row ever loaded of this kind; of one key the last. May be held unmerged."""
        with self._database.read() as connection:
            return self._current(connection, kind)

    def append(self, kind: TableKind, frame: pl.DataFrame, arrived_at: datetime) -> list[Became]:
        """Store the rows that are new or changed; returns what became of each row of the frame.

        A row whose key another store has is conflicting and not stored: ids are given by stores,
        and one must not overwrite another's. When this returns, it is on disk.
        """
        with self._database.write() as connection:
            current = self._current(connection, kind)
            names = TABLE_KEYS[kind]
            near = current.filter(pl.col(names[0]).is_in(frame[names[0]].to_list()))
            became, changed = _settled(kind, whole_columns(kind, frame), near)
            if changed.height:
                stored.add_table_load(connection, TableLoad(kind, arrived_at, changed))
        return became

    def _current(self, connection: Connection, kind: TableKind) -> pl.DataFrame:
        last, known = self._known.get(kind, (0, empty_table(kind)))
        added = stored.table_loads_after(connection, kind, last)
        if added:
            last = added[-1][0]
            known = pl.concat([known, *(rows for _, rows in added)], how="diagonal_relaxed")
            known = known.unique(TABLE_KEYS[kind], keep="last", maintain_order=True)
            self._known[kind] = (last, known)
        return known


def whole_columns(kind: TableKind, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with the columns of its kind and no others, every row kept."""
    return frame.select(empty_table(kind).columns)


def _settled(
    kind: TableKind, frame: pl.DataFrame, known: pl.DataFrame
) -> tuple[list[Became], pl.DataFrame]:
    """Return what becomes of each row, and the rows to store: of one key the last."""
    own = [frame.columns.index(name) for name in TABLE_KEYS[kind]]
    store = frame.columns.index("store_id")
    held = {tuple(row[at] for at in own): row for row in known.select(frame.columns).iter_rows()}
    became: list[Became] = []
    for row in frame.iter_rows():
        key = tuple(row[at] for at in own)
        word = _word(row, held.get(key), store)
        became.append(word)
        if word in {"accepted", "revised"}:
            held[key] = row
    changed = [at for at, word in enumerate(became) if word in {"accepted", "revised"}]
    return became, whole_rows(kind, frame[changed])


def _word(row: Row, known: Row | None, store: int) -> Became:
    if known is None:
        return "accepted"
    if row == known:
        return "duplicate"
    return "revised" if row[store] == known[store] else "conflicting"
