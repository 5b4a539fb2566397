"""Copies what one database holds into another that is empty: from a server to a file, or back."""

from collections.abc import Callable

import sqlalchemy as sa

from shrinkwatch.adapters.stores import schema
from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.dialects import continue_numbers

_LEFT_OUT = {schema.alembic_version.name, schema.session.name}
"""Every database has its own step; and a copy logs nobody in."""
_ROWS_AT_ONCE = 10_000
_BLOCKS_AT_ONCE = 16
"""Blocks of some megabytes each that are held in memory."""

TABLES = [table for table in schema.metadata.sorted_tables if table.name not in _LEFT_OUT]


def is_empty(database: Database) -> bool:
    """Return whether no table of the database has a row."""
    with database.read() as connection:
        return not any(connection.scalar(sa.select(sa.exists(table.select()))) for table in TABLES)


def copy_tables(
    source: Database, target: Database, copied: Callable[[int], None] | None = None
) -> dict[str, int]:
    """Copy every row, as the source was at one moment; returns how many by table.

    target: empty, and nobody else's before this returns: it is filled in several writes.
    copied: called with the number of rows of the journal that went over, every now and then.
    Raises: Unreachable when either cannot be reached.
    """
    with source.read() as reading:
        return {table.name: _copy(reading, target, table, copied) for table in TABLES}


def _copy(
    reading: sa.Connection,
    target: Database,
    table: sa.Table,
    copied: Callable[[int], None] | None,
) -> int:
    at_once = _BLOCKS_AT_ONCE if table is schema.block else _ROWS_AT_ONCE
    count = 0
    found = reading.execution_options(yield_per=at_once).execute(sa.select(table))
    for rows in found.mappings().partitions():
        with target.write() as writing:
            writing.execute(sa.insert(table), [dict(row) for row in rows])
        count += len(rows)
        if copied is not None and table is schema.block:
            copied(sum(row["rows"] for row in rows))
    with target.write() as writing:
        continue_numbers(writing, table)
    return count
