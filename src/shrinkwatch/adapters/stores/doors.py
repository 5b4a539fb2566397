"""Keeps who may send and who may look, in the workspace's database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.schema import person, sending_key, session
from shrinkwatch.journal.days import microseconds, moment_of
from shrinkwatch.records.access import Person, SendingKey
from shrinkwatch.records.trouble import Refused, Unreachable


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """The keys of terminals and feeds."""

    database: Database

    def all(self) -> list[SendingKey]:
        """Return every key, revoked ones too, oldest first.

        Raises: Unreachable when the database does not answer.
        """
        order = (sending_key.c.created_us, sending_key.c.key_id)
        rows = _all(self.database, sa.select(sending_key).order_by(*order))
        return [
            SendingKey(
                row.key_id,
                row.name,
                _stores(row.stores),
                _stores(row.registers),
                tuple(msgspec.json.decode(row.sends)),
                row.per_second,
                moment_of(row.created_us),
                None if row.revoked_us is None else moment_of(row.revoked_us),
            )
            for row in rows
        ]

    def add(self, key: SendingKey) -> None:
        """Store a new key."""
        with self.database.write() as connection:
            connection.execute(
                sa.insert(sending_key).values(
                    key_id=key.key_id,
                    name=key.name,
                    stores=_text(key.stores),
                    registers=_text(key.registers),
                    sends=_text(key.sends),
                    per_second=key.per_second,
                    created_us=microseconds(key.created_at),
                )
            )

    def revoke(self, key_id: str, at: datetime) -> None:
        """Let this key hold no longer. Raises: Refused when none that holds has this id."""
        change = sa.update(sending_key).where(
            sending_key.c.key_id == key_id, sending_key.c.revoked_us.is_(None)
        )
        with self.database.write() as connection:
            done = connection.execute(change.values(revoked_us=microseconds(at)))
        if done.rowcount == 0:
            raise Refused(f"no key {key_id} holds; `shrinkwatch keys list` shows those that do")


@dataclass(frozen=True, slots=True)
class StoredPeople:
    """The people who may log in, and who is."""

    database: Database

    def all(self) -> list[Person]:
        """Return everybody, those revoked too, by name. Raises: Unreachable."""
        return [_person(row) for row in _all(self.database, sa.select(person).order_by("name"))]

    def find(self, name: str) -> Person | None:
        """Return who has this name and may log in. Raises: Unreachable."""
        query = sa.select(person).where(person.c.name == name, person.c.revoked_us.is_(None))
        rows = _all(self.database, query)
        return _person(rows[0]) if rows else None

    def add(self, new: Person) -> None:
        """Store somebody; who was revoked may come back. Raises: Refused when the name is taken."""
        with self.database.write() as connection:
            gone = sa.delete(person).where(
                person.c.name == new.name, person.c.revoked_us.is_not(None)
            )
            connection.execute(gone)
            taken = sa.select(person.c.name).where(person.c.name == new.name)
            if connection.scalar(taken) is not None:
                raise Refused(
                    f"there is a user {new.name} already; revoke it first, or add another"
                )
            connection.execute(
                sa.insert(person).values(
                    name=new.name,
                    role=new.role,
                    stores=_text(new.stores),
                    password=new.password,
                    created_us=microseconds(new.created_at),
                )
            )

    def revoke(self, name: str, at: datetime) -> None:
        """Lock somebody out, also out of sessions. Raises: Refused when nobody has this name."""
        change = sa.update(person).where(person.c.name == name, person.c.revoked_us.is_(None))
        with self.database.write() as connection:
            done = connection.execute(change.values(revoked_us=microseconds(at)))
            connection.execute(sa.delete(session).where(session.c.name == name))
        if done.rowcount == 0:
            raise Refused(f"there is no user {name}; `shrinkwatch users list` shows who there is")

    def begin(self, mark: str, name: str, until: datetime, now: datetime) -> None:
        """Begin a session under this mark; forget those that are over."""
        with self.database.write() as connection:
            connection.execute(sa.delete(session).where(session.c.until_us < microseconds(now)))
            row = {"mark": mark, "name": name, "until_us": microseconds(until)}
            connection.execute(sa.insert(session).values(row))

    def end(self, mark: str) -> None:
        """End the session under this mark, if there is one."""
        with self.database.write() as connection:
            connection.execute(sa.delete(session).where(session.c.mark == mark))

    def in_session(self, mark: str, now: datetime) -> Person | None:
        """Return whose session this is, None when it is over or nobody's. Raises: Unreachable."""
        query = (
            sa.select(person)
            .join(session, session.c.name == person.c.name)
            .where(session.c.mark == mark, session.c.until_us >= microseconds(now))
            .where(person.c.revoked_us.is_(None))
        )
        rows = _all(self.database, query)
        return _person(rows[0]) if rows else None


def _all(database: Database, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    try:
        with database.read() as connection:
            return connection.execute(query).all()
    except sa.exc.OperationalError as error:
        raise Unreachable(f"the workspace's database does not answer: {error.orig}") from error


def _person(row: sa.Row[Any]) -> Person:
    return Person(
        row.name,
        row.role,
        _stores(row.stores),
        row.password,
        moment_of(row.created_us),
        None if row.revoked_us is None else moment_of(row.revoked_us),
    )


def _stores(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(msgspec.json.decode(text))


def _text(names: tuple[str, ...] | None) -> str | None:
    return None if names is None else msgspec.json.encode(names).decode()
