"""Decides who is told of an alert, and when, and puts that into the outbox with the alert."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import get_args
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from shrinkwatch.adapters.stores import outbox
from shrinkwatch.adapters.stores.outbox import Due
from shrinkwatch.ports import Clock
from shrinkwatch.records.alert import Alert
from shrinkwatch.rules.rule import Severity
from shrinkwatch.run.notify.hours import after_quiet, next_time
from shrinkwatch.run.rulebook import read_book
from shrinkwatch.run.settings import Notify, Settings, read
from shrinkwatch.run.workspace import Workspace

FRESH = timedelta(days=7)
"""Nobody is told of an alert that is older when it is found, as in the first load of a history: it
waits in the queue. Our choice: the budget of a week."""

_GRAVE: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True)
class Router:
    """Says who is told of what. severities: of the rules, by id. zone_of: of a store, by id.

    It is what `StoredAlerts.replace` and `StoredLive` store along with the alerts.
    """

    routes: tuple[Notify, ...]
    severities: Mapping[str, Severity]
    zone_of: Callable[[str | None], tzinfo]
    clock: Clock

    def __call__(
        self,
        connection: Connection,
        new: Sequence[Alert],
        changed: Sequence[Alert],  # noqa: ARG002 - told once, when it was new
    ) -> None:
        """Put into the outbox what is to be told of the new alerts."""
        now = self.clock()
        outbox.write(connection, self.due(new, now), now)

    def due(self, alerts: Sequence[Alert], now: datetime) -> list[Due]:
        """Return whom these alerts are told, and from when on.

        What was drawn by lot is not told: nothing makes it likely. It waits in the queue.
        """
        return [
            Due(alert.alert_id, route.name, self.earliest(route, alert.subject.store_id, now))
            for alert in alerts
            for route in self.routes
            if alert.chosen_by == "score"
            and now - alert.opened_at <= FRESH
            and self._concerns(route, alert)
        ]

    def earliest(self, route: Notify, store_id: str | None, now: datetime) -> datetime:
        """Return when the route may first be told of something in this store, from now on."""
        if route.digest is not None:
            now = next_time(now, time.fromisoformat(route.digest), self.zone_of(None))
        return self.ready(route, store_id, now)

    def ready(self, route: Notify, store_id: str | None, now: datetime) -> datetime:
        """Return this moment, or when the route's quiet hours in this store are over."""
        return after_quiet(now, route.quiet, self.zone_of(store_id))

    def severity(self, alert: Alert) -> Severity:
        """Return that of the gravest rule among its reasons; "low" where none is."""
        grave = (self.severities.get(reason.feature, "low") for reason in alert.reasons)
        return max(grave, key=_GRAVE.index, default="low")

    def _concerns(self, route: Notify, alert: Alert) -> bool:
        schemes = {scheme.id for scheme in alert.schemes}
        stores = {key.store_id for key in alert.transactions} | {alert.subject.store_id}
        return (
            (not route.stores or not stores.isdisjoint(route.stores))
            and (not route.schemes or not schemes.isdisjoint(route.schemes))
            and _GRAVE.index(self.severity(alert)) >= _GRAVE.index(route.severity)
        )


def _now() -> datetime:
    return datetime.now(UTC)


def router(workspace: Workspace, clock: Clock = _now) -> Router:
    """Return what says who is told in this workspace.

    Raises: Misconfigured when its settings are wrong.
    """
    settings = read(workspace.folder)
    book = read_book(workspace.folder, settings)
    severities = {rule.id: rule.severity for rule in book.rules}
    return Router(settings.notify, severities, _zones(workspace, settings), clock)


def _zones(workspace: Workspace, settings: Settings) -> Callable[[str | None], tzinfo]:
    """Return what gives a store's zone; of none, or of one without a zone, the settings'."""
    usual = ZoneInfo(settings.defaults.time_zone or "UTC")

    def zone_of(store_id: str | None) -> tzinfo:
        if store_id is None:
            return usual
        stores = workspace.journal.tables()["stores"]
        own = stores.filter(store_id=store_id)["time_zone"].drop_nulls()
        return ZoneInfo(own[0]) if len(own) else usual

    return zone_of
