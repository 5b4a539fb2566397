"""Keeps the tables beside the till as they were loaded, so that replay sees what was known then.

A load is the rows of a file that were new or different; a row loaded later with the same key
replaces the earlier one. Tables of events (shifts, counts, labels …) are known row by row: a row
is known from the moment it is about, whenever its file was loaded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl

from shrinkwatch.records.tables import TABLE_COLUMNS, TABLE_KEYS, TableKind, Tables, empty_table

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""The arrival time of a table that history has always had: the first load of its kind."""

_KNOWN_FROM = {
    "shifts": pl.col("clock_in"),
    "till_sessions": pl.col("closed_at"),
    "stock_moves": pl.col("at"),
    "stock_counts": pl.col("counted_at"),
    "store_days": pl.col("date")
    .cast(pl.Datetime("us"))
    .dt.replace_time_zone("UTC")
    .dt.offset_by("1d"),
    "labels": pl.col("at"),
}
"""When a row of a table of events can be known at the earliest."""


@dataclass(frozen=True, slots=True)
class TableLoad:
    """The rows of one file that were new or different when it arrived."""

    kind: TableKind
    arrived_at: datetime
    rows: pl.DataFrame


def whole_rows(kind: TableKind, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with every column of its kind in place; of equal keys the last row stays.

    Further columns are kept. Raises polars' errors where a column cannot be what the contract says.
    """
    columns = TABLE_COLUMNS[kind]
    known = [
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in columns.items()
    ]
    further = [name for name in frame.columns if name not in columns]
    whole = frame.select(*known, *further)
    return whole.unique(subset=list(TABLE_KEYS[kind]), keep="last", maintain_order=True)


def news(current: pl.DataFrame, loaded: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `loaded` that `current` does not already have, word for word."""
    for name in loaded.columns:
        if name not in current.columns:
            current = current.with_columns(pl.lit(None, dtype=loaded.schema[name]).alias(name))
    return loaded.join(current, on=loaded.columns, how="anti", nulls_equal=True)


def as_known(loads: Iterable[TableLoad], as_of: datetime | None) -> Tables:
    """Return the tables that these loads (in order of loading) make, as known at that moment.

    as_of: aware; None means all that was ever loaded, future rows included.
    """
    by_kind: dict[str, list[pl.DataFrame]] = {}
    for load in sorted(loads, key=lambda load: load.arrived_at):
        if as_of is None or load.arrived_at <= as_of:
            by_kind.setdefault(load.kind, []).append(load.rows)
    return Tables({kind: _merged(kind, frames, as_of) for kind, frames in by_kind.items()})


def arrivals_of(loads: Iterable[TableLoad], kind: TableKind, day: date) -> list[datetime]:
    """Return when on this UTC date rows of the table arrived, each moment once, ascending."""
    moments = {load.arrived_at for load in loads if load.kind == kind}
    return sorted(moment for moment in moments if moment.date() == day)


def _merged(kind: str, frames: Sequence[pl.DataFrame], as_of: datetime | None) -> pl.DataFrame:
    keys = list(TABLE_KEYS[kind])
    rows = pl.concat([empty_table(kind), *frames], how="diagonal_relaxed")
    if len(frames) > 1:  # the rows of one load are unique already
        rows = rows.unique(subset=keys, keep="last", maintain_order=True)
    if as_of is None or kind not in _KNOWN_FROM:
        return rows
    rows = rows.filter(_KNOWN_FROM[kind] <= as_of)
    if kind == "shifts":
        left = pl.col("clock_out") <= as_of
        rows = rows.with_columns(pl.when(left).then("clock_out").alias("clock_out"))
    return rows
