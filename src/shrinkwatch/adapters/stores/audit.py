"""Keeps the audit log in the workspace's database, and its head in a file outside of it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.schema import audit as table
from shrinkwatch.cases.chain import START, Anchor, ChainSeal, Row, Verified, verify
from shrinkwatch.intake.scrub import scrub_value
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.journal.days import microseconds
from shrinkwatch.ports import Clock
from shrinkwatch.records.deed import Actor, Deed
from shrinkwatch.records.trouble import Unreachable

_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class StoredAudit:
    """`ports.AuditLog` in the workspace's database. anchors: the file outside it, a line a deed."""

    database: Database
    key: TokenKey
    anchors: Path
    clock: Clock

    @property
    def seal(self) -> ChainSeal:
        """What seals the rows."""
        return ChainSeal.of(self.key)

    def write(self, deed: Deed) -> None:
        """Write one deed down; when it returns, it is on disk, and anchored.

        Raises: Unreachable when the database or the anchors' file cannot be written.
        """
        with self.database.write() as connection:
            row = self._linked(connection, deed)
            connection.execute(sa.insert(table).values(msgspec.structs.asdict(row)))
        self._keep(self.seal.anchor(row.number, row.hash))

    def rows(self, last: int | None = None) -> Iterator[Row]:
        """Yield the rows in order; last: only so many of the newest."""
        with self.database.read() as connection:
            query = sa.select(table).order_by(table.c.number)
            if last is not None:
                newest = sa.select(table.c.number).order_by(table.c.number.desc()).limit(last)
                query = query.where(table.c.number.in_(newest))
            found = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
            for row in found.mappings():
                yield Row(**row)

    def head(self) -> Anchor:
        """Return the anchor of the log as it is now."""
        with self.database.read() as connection:
            number, hashed = _last(connection)
        return self.seal.anchor(number, hashed)

    def anchor(self) -> Anchor:
        """Write the log's present head to the anchors' file, and return it."""
        head = self.head()
        self._keep(head)
        return head

    def verify(self, lines: tuple[str, ...] = ()) -> Verified:
        """Return whether the log is what was written; lines: anchors that were kept elsewhere.

        Raises: Unreachable when the anchors' file cannot be read.
        """
        # read first: a deed written meanwhile has its row before its anchor
        kept = [*self._lines(), *lines]
        return verify(self.rows(), kept, self.seal)

    def _linked(self, connection: Connection, deed: Deed) -> Row:
        number, before = _last(connection)
        detail = {name: self._clean(value) for name, value in deed.detail.items()}
        row = Row(
            number=number + 1,
            at_us=microseconds(self.clock()),
            who=_who(deed.by, self.seal),
            what=deed.kind,
            about=scrub_value("about", deed.about, self.key),
            detail=msgspec.json.encode(detail, order="deterministic").decode(),
        )
        return self.seal.link(row, before)

    def _clean(self, value: str | int) -> str | int:
        return scrub_value("detail", value, self.key) if isinstance(value, str) else value

    def _keep(self, anchor: Anchor) -> None:
        try:
            self.anchors.parent.mkdir(parents=True, exist_ok=True)
            with self.anchors.open("ab+") as file:
                start = b"\n" if _torn(file) else b""
                file.write(start + anchor.line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unreachable(error) from error

    def _lines(self) -> list[str]:
        try:
            return self.anchors.read_text("ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: OSError) -> Unreachable:
        return Unreachable(
            f"the audit log's anchors, {self.anchors}: {error.strerror}; put the file's disk right "
            "or name another path in the settings, audit.anchors"
        )


def _who(actor: Actor, seal: ChainSeal) -> str:
    if actor.kind == "person":
        return seal.pseudonym(actor.name)
    return f"{actor.kind} {actor.name}"


def _last(connection: Connection) -> tuple[int, str]:
    query = sa.select(table.c.number, table.c.hash).order_by(table.c.number.desc()).limit(1)
    found = connection.execute(query).one_or_none()
    return (0, START) if found is None else (found.number, found.hash)


def _torn(file: BinaryIO) -> bool:
    """Return whether the file's last line was cut off, by a full disk or a loss of power."""
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"
