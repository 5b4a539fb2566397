"""Opens the workspace's SQLite file so that what was acknowledged is on the disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event

from shrinkwatch.adapters.stores import schema
from shrinkwatch.records.trouble import Misconfigured, Unreachable

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=30000",
    "PRAGMA cache_size=-65536",
    "PRAGMA wal_autocheckpoint=4000",
)


class Database:
    """One SQLite file in WAL mode; every write is one transaction that is synced when it ends."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the database in this file, made where it is missing.

        Raises: Misconfigured when it is of another schema or no database of ours; Unreachable when
        another program holds it or the disk refuses.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(f"sqlite:///{path}")
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        database = cls(engine)
        try:
            database._agree_on_schema(path)
        except sa.exc.DatabaseError as error:
            raise Misconfigured(
                f"{path} is not a Shrinkwatch journal ({error.orig}); move it away or name another "
                "workspace"
            ) from error
        return database

    def _agree_on_schema(self, path: Path) -> None:
        with self.write() as connection:
            schema.metadata.create_all(connection)
            found = connection.scalar(sa.select(schema.schema_version.c.version))
            if found is None:
                connection.execute(sa.insert(schema.schema_version).values(version=schema.VERSION))
            elif found != schema.VERSION:
                raise Misconfigured(
                    f"{path} has schema {found}, this version of Shrinkwatch reads schema "
                    f"{schema.VERSION}; use the version that wrote it, or load its files anew"
                )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection whose changes are on disk when the block ends, or none of them.

        Raises: Unreachable when the disk is full or refuses, or another program holds the file.
        """
        try:
            with self._engine.connect() as connection:
                writing = connection.execution_options(begins="BEGIN IMMEDIATE")
                with writing.begin():
                    yield writing
        except sa.exc.OperationalError as error:
            raise Unreachable(
                f"{self._engine.url.database} cannot be written: {error.orig}; what was written "
                "before is kept: make room on the disk, end what else uses it, and try again"
            ) from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begins", "BEGIN"))
