"""The outbox: what is still to be told of an alert, written with it and told once a channel."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Update

from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.dialects import insert
from shrinkwatch.adapters.stores.schema import outbox as table
from shrinkwatch.journal.days import microseconds, moment_of
from shrinkwatch.records.message import MessageState


class Due(Struct, frozen=True):
    """Something that is to be told on a channel, not before a time (aware)."""

    alert_id: str
    channel: str
    at: datetime


class Outgoing(Struct, frozen=True):
    """A row of the outbox. attempts: how often it was tried. trouble: why it failed last."""

    alert_id: str
    channel: str
    state: MessageState
    attempts: int
    next_at: datetime
    sent_at: datetime | None
    trouble: str | None


def write(connection: Connection, due: Sequence[Due], at: datetime) -> None:
    """Put these into the outbox; what is there already stays as it is.

    Only what was withdrawn, and hence never told, waits again: its alert is back.
    """
    rows = [
        {
            "alert_id": one.alert_id,
            "channel": one.channel,
            "state": "waiting",
            "attempts": 0,
            "next_us": microseconds(one.at),
            "written_us": microseconds(at),
        }
        for one in due
    ]
    if rows:
        fresh = insert(connection, table)
        back = fresh.on_conflict_do_update(
            index_elements=["alert_id", "channel"],
            set_={name: fresh.excluded[name] for name in ("state", "attempts", "next_us")},
            where=table.c.state == "withdrawn",
        )
        connection.execute(back, rows)


@dataclass(frozen=True, slots=True)
class StoredOutbox:
    """The outbox in the workspace's database."""

    database: Database

    def claim(self, channel: str, now: datetime, until: datetime) -> list[Outgoing]:
        """Return what is due on this channel, and keep it from others until then.

        Whoever claims says what became of it; if he dies, it is due again at `until`.
        """
        due = (table.c.channel == channel) & (table.c.state == "waiting")
        due &= table.c.next_us <= microseconds(now)
        query = sa.select(table).where(due).order_by(table.c.next_us, table.c.alert_id)
        with self.database.read() as connection:
            if connection.execute(query.limit(1)).first() is None:
                return []  # nearly always: whoever writes need not wait for this
        with self.database.write() as connection:
            found = [_outgoing(row) for row in connection.execute(query)]
            change = sa.update(table).where(due)
            attempts = table.c.attempts + 1
            connection.execute(change.values(next_us=microseconds(until), attempts=attempts))
        return found

    def sent(self, channel: str, ids: Collection[str], at: datetime) -> None:
        """Write down that these alerts were told on this channel."""
        self._change(channel, ids, state="sent", sent_us=microseconds(at), trouble=None)

    def again(self, channel: str, ids: Collection[str], at: datetime, why: str | None) -> None:
        """Have these tried again then. why: what failed; None: nothing did, it was too early."""
        late: dict[str, object] = {"next_us": microseconds(at), "trouble": why}
        if why is None:
            late["attempts"] = table.c.attempts - 1
        self._change(channel, ids, **late)

    def park(self, channel: str, ids: Collection[str], why: str) -> None:
        """Try these no more until a person releases them."""
        self._change(channel, ids, state="parked", trouble=why)

    def withdraw(self, channel: str, ids: Collection[str]) -> None:
        """Never tell these: their alert is no more."""
        self._change(channel, ids, state="withdrawn")

    def release(self, now: datetime, alert_id: str = "", channel: str | None = None) -> int:
        """Have parked ones tried again from now on; returns how many.

        alert_id: the beginning of an id; "" for all. channel: None for all.
        """
        which = (table.c.state == "parked") & table.c.alert_id.startswith(alert_id, autoescape=True)
        if channel is not None:
            which &= table.c.channel == channel
        fresh = {"state": "waiting", "attempts": 0, "next_us": microseconds(now)}
        with self.database.write() as connection:
            return int(connection.execute(sa.update(table).where(which).values(fresh)).rowcount)

    def rows(self, *states: MessageState) -> list[Outgoing]:
        """Return the rows in these states (none given: in all), the one due first first."""
        query = sa.select(table).order_by(table.c.next_us, table.c.alert_id, table.c.channel)
        if states:
            query = query.where(table.c.state.in_(states))
        with self.database.read() as connection:
            return [_outgoing(row) for row in connection.execute(query)]

    def _change(self, channel: str, ids: Collection[str], **values: object) -> None:
        if ids:
            with self.database.write() as connection:
                connection.execute(_of(channel, ids).values(values))


def _of(channel: str, ids: Collection[str]) -> Update:
    return sa.update(table).where(table.c.channel == channel, table.c.alert_id.in_(ids))


def _outgoing(row: sa.Row[tuple[object, ...]]) -> Outgoing:
    found = row._mapping
    return Outgoing(
        alert_id=found["alert_id"],
        channel=found["channel"],
        state=found["state"],
        attempts=found["attempts"],
        next_at=moment_of(found["next_us"]),
        sent_at=None if found["sent_us"] is None else moment_of(found["sent_us"]),
        trouble=found["trouble"],
    )
