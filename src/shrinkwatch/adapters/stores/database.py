"""Opens the workspace's database so that what was acknowledged is on the disk.

A file of SQLite unless the settings name a PostgreSQL server; the same tables, the same statements
(`dialects` has the few that differ).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event

from shrinkwatch.adapters.stores import schema
from shrinkwatch.adapters.stores.dialects import BEGIN_AT_ONCE, BEGIN_TO_WRITE, PATIENCE_MS, begin
from shrinkwatch.records.trouble import Misconfigured, Unreachable

_SQLITE = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={PATIENCE_MS}",
    "PRAGMA cache_size=-65536",
    "PRAGMA wal_autocheckpoint=4000",
)
_POSTGRES = ("SET synchronous_commit TO on",)


class Busy(Unreachable):
    """Another program writes just now."""


class Database:
    """One database; every write is one transaction that is on the disk when it ends.

    name: the file, or the server's address without its password.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**{BEGIN_TO_WRITE: True})
        self._writing_at_once = engine.execution_options(**{BEGIN_AT_ONCE: True})
        url = engine.url
        self.name = url.database or "" if _is_file(engine) else url.render_as_string()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the database in this file, made where it is missing, brought up to date if old.

        Raises: Misconfigured when it is of a later schema or no database of ours; Unreachable when
        another program holds it or the disk refuses.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        database = cls(sa.create_engine(f"sqlite:///{path}", paramstyle="named"))
        event.listen(database.engine, "connect", _prepare_sqlite)
        return database._opened()

    @classmethod
    def connect(cls, address: str) -> Self:
        """Return the database on a PostgreSQL server, its tables made where they are missing.

        address: `postgresql://user@host/name`; a password is better left to `~/.pgpass` or the
        environment's PGPASSWORD. The tables are in the first schema of the search path.
        Raises: Misconfigured for an address of another kind, or where the driver is not installed;
        Unreachable when the server does not answer.
        """
        try:
            url = sa.make_url(address)
        except sa.exc.ArgumentError as error:
            raise Misconfigured(
                "the address of the database is no URL; write postgresql://user@host/name"
            ) from error
        if url.get_backend_name() != "postgresql":
            raise Misconfigured(
                f"{url.render_as_string()} is no address of a PostgreSQL server; write "
                "postgresql://user@host/name"
            )
        try:
            engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
        except ModuleNotFoundError as error:
            raise Misconfigured(
                "the driver for PostgreSQL is not installed; run `pip install "
                "'shrinkwatch[postgres]'`"
            ) from error
        database = cls(engine)
        event.listen(engine, "connect", _prepare_postgres)
        return database._opened()

    def _opened(self) -> Self:
        event.listen(self.engine, "begin", begin)
        try:
            with self.read() as connection:
                found = schema.revision_of(connection)
            if found != schema.REVISION:
                with self.write() as connection:
                    schema.bring_up_to_date(connection, self.name)
        except sa.exc.DatabaseError as error:
            raise Misconfigured(
                f"{self.name} is not a Shrinkwatch journal ({error.orig}); move it away or name "
                "another workspace"
            ) from error
        return self

    @contextmanager
    def write(self, *, waits: bool = True) -> Iterator[Connection]:
        """Give a connection whose changes are on disk when the block ends, or none of them.

        waits: for others who write; False, for a file only: raises Busy while another does.
        Raises: Unreachable when the disk is full or refuses, another program holds the file, or
        the server does not answer.
        """
        try:
            with (self._writing if waits else self._writing_at_once).begin() as connection:
                yield connection
        except self._failures as error:
            if not waits and getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise Busy(f"another program writes into {self.name}") from error
            raise Unreachable(
                f"{self.name} cannot be written: {_said(error)}; what was written before is kept: "
                f"{self._advice}, and try again"
            ) from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database. Raises: Unreachable."""
        try:
            with self.engine.connect() as connection, connection.begin():
                yield connection
        except self._failures as error:
            raise Unreachable(
                f"{self.name} cannot be read: {_said(error)}; {self._advice}, and try again"
            ) from error

    @property
    def is_file(self) -> bool:
        """Whether this is a file, and not a server's."""
        return _is_file(self.engine)

    @property
    def _failures(self) -> tuple[type[Exception], ...]:
        """What is raised when the disk or the server fails: by SQLAlchemy, by the driver itself."""
        return sa.exc.OperationalError, self.engine.dialect.loaded_dbapi.OperationalError

    @property
    def _advice(self) -> str:
        if _is_file(self.engine):
            return "make room on the disk, end what else uses it"
        return "see that the server runs, has room on its disk and lets this user in"

    def close(self) -> None:
        """Let go of the file or the server."""
        self.engine.dispose()


def _said(error: Exception) -> object:
    return getattr(error, "orig", error)


def _is_file(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    _run(connection, _SQLITE)


def _prepare_postgres(connection: Any, _record: object) -> None:
    _run(connection, _POSTGRES)
    connection.commit()


def _run(connection: Any, statements: tuple[str, ...]) -> None:
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
