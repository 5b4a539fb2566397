"""Puts a day's alerts, what is to be told of them, and how far scoring came on the disk as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy import Connection

from shrinkwatch.adapters.stores.alerts import Along, upsert
from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.dialects import insert
from shrinkwatch.adapters.stores.schema import alert, live_position
from shrinkwatch.journal.days import day_number, day_of
from shrinkwatch.records.alert import Alert

_ONLY_ROW = 1


@dataclass(frozen=True, slots=True)
class LivePosition:
    """How far live scoring has come.

    position: of the first record that it has not judged. closed_day: the last UTC day whose alerts
    are out.
    """

    position: int
    closed_day: date


@dataclass(frozen=True, slots=True)
class StoredLive:
    """The alerts of days that live scoring closed. along: written in the same transaction."""

    database: Database
    along: tuple[Along, ...] = ()

    def position(self) -> LivePosition | None:
        """Return how far live scoring has come; None when it never closed a day."""
        with self.database.read() as connection:
            return _position(connection)

    def close_day(
        self, day: date, position: int, alerts: Sequence[Alert], *, tell: bool = True
    ) -> list[Alert]:
        """Store a day's alerts and how far scoring came; return those that are new.

        tell: whether what goes along is written; not for history that is scored the first time.

        When it returns, all of it is on disk; killed before, nothing is. A day that was closed
        before changes nothing, so that a restart repeats no message. What people did with an alert
        stays. Raises: Unreachable.
        """
        with self.database.write() as connection:
            before = _position(connection)
            if before is not None and before.closed_day >= day:
                return []
            status = _status(connection, [one.alert_id for one in alerts])
            kept = [replace(one, status=status.get(one.alert_id, one.status)) for one in alerts]
            upsert(connection, kept)
            new = [one for one in kept if one.alert_id not in status]
            changed = [one for one in kept if one.alert_id in status]
            for write in self.along if tell else ():
                write(connection, new, changed)
            row = {"id": _ONLY_ROW, "position": position, "closed_day": day_number(day)}
            statement = insert(connection, live_position)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["id"], set_=row), row
            )
        return new


def _position(connection: Connection) -> LivePosition | None:
    query = sa.select(live_position.c.position, live_position.c.closed_day)
    found = connection.execute(query).one_or_none()
    return None if found is None else LivePosition(found[0], day_of(found[1]))


def _status(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the status of those of these alerts that are known, by id."""
    query = sa.select(alert.c.alert_id, alert.c.status).where(alert.c.alert_id.in_(ids))
    return dict(iter(connection.execute(query)))
