"""Says in a message what a person may know of an alert, and no more."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shrinkwatch.cases.names import Names
from shrinkwatch.console import words
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.message import Message, Told
from shrinkwatch.run.settings import Notify

_MOST_REASONS = 4


@dataclass(frozen=True, slots=True)
class Wording:
    """Makes messages. store_name: what to call a store; severity: how grave an alert is."""

    names: Names
    store_name: Callable[[str], str]
    severity: Callable[[Alert], str]
    link: str | None

    def of(self, route: Notify, alerts: Sequence[Alert]) -> Message:
        """Return the message on this route about these alerts, the most valuable first."""
        ranked = sorted(
            alerts, key=lambda one: (-one.probability * one.expected_loss, one.alert_id)
        )
        told = tuple(self._told(route, one) for one in ranked)
        if len(told) == 1:
            return Message(f"{route.name}/{told[0].alert_id}", told[0].title, told)
        ids = "\x1f".join(sorted(one.alert_id for one in alerts))
        digest = hashlib.sha256(ids.encode()).hexdigest()[:20]
        return Message(f"{route.name}/{digest}", f"{len(told)} new leads", told)

    def _told(self, route: Notify, alert: Alert) -> Told:
        store = alert.subject.store_id
        where = "" if store is None else f" at {self.store_name(store)}"
        link = None if self.link is None else self.link.replace("{alert_id}", alert.alert_id)
        grave = ("grave", self.severity(alert))
        if route.tells == "link":
            return Told(alert.alert_id, f"A new lead{where}", (grave,), link=link)
        about = alert.subject
        who = self.names.of(about.type, about.id, about.store_id)
        worth = words.money(alert.probability * alert.expected_loss, alert.currency)
        return Told(
            alert.alert_id,
            f"{who}{where}: {', '.join(words.scheme_title(one.id) for one in alert.schemes[:2])}",
            (
                grave,
                ("probable", words.probability(alert.probability)),
                ("at stake", worth),
                ("when", words.span(alert.window.from_, alert.window.to)),
            ),
            tuple(one.sentence for one in alert.reasons[:_MOST_REASONS]),
            tuple(one.sentence for one in alert.exonerating),
            link,
        )
