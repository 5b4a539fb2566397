"""Keeps the alerts of a workspace, with what people did with them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.dialects import insert
from shrinkwatch.adapters.stores.schema import alert as table
from shrinkwatch.records.alert import Alert


class Along(Protocol):
    """Something that is stored with alerts or not at all, such as the messages about them."""

    def __call__(
        self, connection: Connection, new: Sequence[Alert], changed: Sequence[Alert]
    ) -> None:
        """Write what belongs to these alerts; raise to have nothing written.

        new: alerts that were not there before. changed: new states of known ones.
        """
        ...


@dataclass(frozen=True, slots=True)
class StoredAlerts:
    """`ports.AlertStore` in the workspace's database."""

    database: Database

    def put(self, alerts: Sequence[Alert]) -> None:
        """Store new alerts and new states of known ones."""
        with self.database.write() as connection:
            upsert(connection, alerts)

    def replace(self, alerts: Sequence[Alert], along: Sequence[Along] = ()) -> None:
        """Make these the only alerts; the status of one that stays is kept as people left it.

        along: written in the same transaction.
        """
        with self.database.write() as connection:
            rows = connection.execute(sa.select(table.c.alert_id, table.c.status)).all()
            status = dict(iter(rows))
            connection.execute(sa.delete(table))
            kept = [
                one
                if status.get(one.alert_id, "new") == "new"
                else msgspec.structs.replace(one, status=status[one.alert_id])
                for one in alerts
            ]
            upsert(connection, kept)
            new = [one for one in kept if one.alert_id not in status]
            changed = [one for one in kept if one.alert_id in status]
            for write in along:
                write(connection, new, changed)

    def all(self) -> list[Alert]:
        """Return every alert, most valuable (probability × expected loss) first."""
        order = (table.c.worth.desc(), table.c.alert_id)
        with self.database.read() as connection:
            documents = connection.scalars(sa.select(table.c.document).order_by(*order)).all()
        decode = msgspec.json.Decoder(Alert).decode
        return [decode(document) for document in documents]


def upsert(connection: Connection, alerts: Iterable[Alert]) -> None:
    """Store new alerts and new states of known ones."""
    rows = [
        {
            "alert_id": one.alert_id,
            "status": one.status,
            "worth": one.probability * one.expected_loss,
            "document": msgspec.json.encode(one),
        }
        for one in alerts
    ]
    if rows:
        statement = insert(connection, table)
        fresh = {name: statement.excluded[name] for name in ("status", "worth", "document")}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["alert_id"], set_=fresh), rows
        )
