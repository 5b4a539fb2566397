"""Puts together what writes each kind of record, with what is known of the stores."""

import time
from collections.abc import Callable, Sequence
from typing import Literal, get_args

from shrinkwatch.adapters.stores.live_rows import LiveRows
from shrinkwatch.journal.places import Places
from shrinkwatch.ports import Clock
from shrinkwatch.run.api.scope import stores_of
from shrinkwatch.run.api.settling import Take, Takers
from shrinkwatch.run.api.submission import Answer, Submission
from shrinkwatch.run.api.take_rows import RowTaker
from shrinkwatch.run.api.take_transactions import TransactionTaker
from shrinkwatch.run.settings import Defaults
from shrinkwatch.run.workspace import Workspace

RowKind = Literal["shifts", "till_sessions", "stock_moves", "labels"]

_KNOWN_FOR_S = 5.0
"""How old the knowledge of the stores may be."""


class Stores:
    """What is known of the stores' zones and currencies; asks again after some seconds."""

    def __init__(
        self, rows: LiveRows, defaults: Defaults, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._rows = rows
        self._defaults = defaults
        self._monotonic = monotonic
        self._asked_at = float("-inf")
        self._places = Places()

    def places(self) -> Places:
        """Return what is known."""
        now = self._monotonic()
        if now - self._asked_at > _KNOWN_FOR_S:
            own = self._defaults
            stores = self._rows.table("stores")
            self._places = Places.of(stores, time_zone=own.time_zone, currency=own.currency)
            self._asked_at = now
        return self._places


def takers(workspace: Workspace, defaults: Defaults, clock: Clock) -> Takers:
    """Return what writes each kind of record (records.access.SENDS); one call at a time."""
    rows = LiveRows(workspace.database)
    stores = Stores(rows, defaults)

    def stores_of_alert(alert_id: str) -> frozenset[str] | None:
        found = (one for one in workspace.alerts.all() if one.alert_id == alert_id)
        alert = next(found, None)
        return None if alert is None else stores_of(alert)

    def informed(taker: TransactionTaker | RowTaker) -> Take:
        def take(group: Sequence[Submission]) -> list[Answer]:
            taker.know(stores.places())
            return taker.take(group)

        return take

    def at_once(group: Sequence[Submission]) -> list[Answer] | None:
        receipts.know(stores.places())
        return receipts.take_at_once(group)

    journal, key = workspace.journal, workspace.key
    of_rows = {
        kind: RowTaker(kind, journal, rows, key, clock, stores_of_alert)
        for kind in get_args(RowKind)
    }
    receipts = TransactionTaker(journal, key, stores.places(), clock)
    of_receipts = {"transactions": informed(receipts)}
    return Takers(of_receipts | {k: informed(taker) for k, taker in of_rows.items()}, at_once)
