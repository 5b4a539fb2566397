"""What people see of the alerts, through what they may see."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from shrinkwatch.cases.names import PEOPLE, Names
from shrinkwatch.records.access import Person
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.deed import Actor
from shrinkwatch.run.api.problem import Problem
from shrinkwatch.run.api.scope import stores_of
from shrinkwatch.run.audit import about_alerts, note
from shrinkwatch.run.labels import said
from shrinkwatch.run.opened import Opened


@dataclass(frozen=True, slots=True)
class Leads:
    """The alerts of a workspace as one person may see them."""

    desk: Opened
    person: Person

    @property
    def names(self) -> Names:
        """What people are called before this person's eyes."""
        privacy = self.desk.settings.privacy
        shows = privacy.show_ids or self.person.role in privacy.show_ids_to
        return Names(self.desk.workspace.key.secret, shows)

    def all(self) -> list[Alert]:
        """Return this person's alerts, most valuable first; ids of people as they are."""
        return [one for one in said(self.desk).alerts if self.person.sees(stores_of(one))]

    def one(self, alert_id: str) -> Alert:
        """Return this alert.

        Raises: Problem (404) where there is none, or it is not this person's to see: the same
        words, so that nobody learns what other stores have.
        """
        for alert in self.all():
            if alert.alert_id == alert_id:
                return alert
        raise Problem(404, "no-such-alert", "there is no such alert")

    def note_shown(self, alerts: Sequence[Alert]) -> None:
        """Write into the audit log that this person saw these.

        Raises: Unreachable when that cannot be written; then they are not to be shown, either.
        """
        by = Actor("person", self.person.name)
        note(self.desk.workspace, "alert_shown", about_alerts(alerts), by=by)

    def shown(self, alert: Alert) -> Alert:
        """Return the alert with pseudonyms for ids of people, unless they may be shown."""
        names = self.names
        if names.show_ids:
            return alert
        about = alert.subject

        def called(kind: str, id_: str) -> str:
            return names.pseudonym(kind, id_, about.store_id) if kind in PEOPLE else id_

        related = tuple(
            msgspec.structs.replace(one, id=called(one.type, one.id)) for one in alert.related
        )
        subject = msgspec.structs.replace(about, id=called(about.type, about.id))
        return msgspec.structs.replace(alert, subject=subject, related=related)
