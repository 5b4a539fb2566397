"""Where SQLite and PostgreSQL differ: one function for each difference."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

BEGIN_TO_WRITE, BEGIN_AT_ONCE = "begin to write", "begin to write at once"
"""What a connection is told that will write; at once: rather not, than wait for others."""

PATIENCE_MS = 30_000
"""How long SQLite waits for others who write."""


def insert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Return an INSERT that can say what happens where a row is there already."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def is_among(dialect: str, column: "sa.Column[int]", name: str) -> "sa.ColumnElement[bool]":
    """Return the condition that the column is one of the numbers that this parameter lists.

    As many as there may be are one value: SQLite takes JSON, PostgreSQL an array (`listed`).
    """
    if dialect == "sqlite":
        each = sa.func.json_each(sa.bindparam(name, type_=sa.Text))
        return column.in_(sa.select(each.table_valued("value").c.value))
    return column == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(sa.BigInteger)))


def listed(dialect: str, numbers: Sequence[int]) -> str | list[int]:
    """Return these numbers as the value of a parameter of `is_among`."""
    return msgspec.json.encode(numbers).decode() if dialect == "sqlite" else list(numbers)


def add_rows(connection: Connection, table: Table, rows: Sequence[tuple[int, ...]]) -> None:
    """Insert rows that give every column of the table, in the way that is quickest for many."""
    driver = _driver(connection)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.columns))
        statement = f"INSERT INTO {table.name} VALUES ({marks})"  # noqa: S608 (names of ours)
        driver.executemany(statement, rows)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def run(connection: Connection, statement: sa.ClauseElement, **values: Any) -> Any:
    """Run a small statement and return the driver's cursor; values: of its parameters.

    What SQLAlchemy does for each execution takes several times as long as such a statement.
    """
    text, own = _written(statement, connection.dialect)
    return _driver(connection).execute(text, own | values)


@cache
def _written(statement: sa.ClauseElement, dialect: sa.Dialect) -> tuple[str, dict[str, Any]]:
    """Return the statement as the driver takes it, and the values that it has itself."""
    compiled = statement.compile(dialect=dialect)
    return str(compiled), dict(compiled.params)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def begin(connection: Connection) -> None:
    """Begin a transaction: one that writes is alone from its first statement on.

    So no two give out the same position, and what is read before the write still holds.
    """
    options = connection.get_execution_options()
    writes = options.get(BEGIN_TO_WRITE, False)
    if options.get(BEGIN_AT_ONCE, False):
        _begin_at_once(_driver(connection))
    elif connection.dialect.name == "sqlite":
        _driver(connection).execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext(current_schema()))")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _begin_at_once(driver: Any) -> None:
    driver.execute("PRAGMA busy_timeout=0")
    try:
        driver.execute("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")


def continue_numbers(connection: Connection, table: Table) -> None:
    """Have rows that get their number from the database continue after those that brought one."""
    column = table.autoincrement_column
    if column is None or connection.dialect.name == "sqlite":
        return
    last = connection.scalar(sa.select(sa.func.max(column)))
    if last is not None:
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(sa.select(sa.func.setval(sequence, last)))
