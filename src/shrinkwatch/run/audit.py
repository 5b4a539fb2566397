"""The audit log of a workspace, and who it is that does something at its command line."""

import getpass
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from shrinkwatch.adapters.stores.audit import StoredAudit
from shrinkwatch.cases.chain import ChainSeal
from shrinkwatch.cases.names import Names
from shrinkwatch.ports import Clock
from shrinkwatch.records.alert import Alert, Subject
from shrinkwatch.records.deed import Actor, Deed, DeedKind
from shrinkwatch.run.settings import read
from shrinkwatch.run.workspace import Workspace

MOST_NAMED = 20
"""Alerts that one row names; of more it says how many."""


def _now() -> datetime:
    return datetime.now(UTC)


def audit_log(workspace: Workspace, clock: Clock = _now) -> StoredAudit:
    """Return the audit log of this workspace.

    Raises: Misconfigured when the settings are wrong.
    """
    anchors = workspace.folder / read(workspace.folder).audit.anchors
    return StoredAudit(workspace.alerts.database, workspace.key, anchors, clock)


def note(
    workspace: Workspace,
    kind: DeedKind,
    about: str = "",
    detail: Mapping[str, str | int] | None = None,
    *,
    by: Actor | None = None,
) -> None:
    """Write down what was done here. by: None means whoever is logged in.

    Raises: Unreachable when it cannot be written: then it must not be shown, either.
    """
    doer = at_the_keyboard() if by is None else by
    audit_log(workspace).write(Deed(doer, kind, about, {} if detail is None else detail))


def at_the_keyboard() -> Actor:
    """Return who is logged in; where the system knows no name, the number of the account."""
    try:
        return Actor("person", getpass.getuser())
    except (OSError, KeyError, ImportError):
        return Actor("person", f"account {os.getuid()}")


def person(name: str) -> Actor:
    """Return the person of this name."""
    return Actor("person", name)


def called(workspace: Workspace, name: str) -> str:
    """Return what the log calls somebody who may log in: the pseudonym that stands for deeds."""
    return f"user {ChainSeal.of(workspace.key).pseudonym(name)}"


def about_subject(subject: Subject, names: Names) -> str:
    """Return what the log calls a subject: people by pseudonym, whatever the settings show."""
    hidden = Names(names.key).of(subject.type, subject.id, subject.store_id)
    return hidden if subject.store_id is None else f"{hidden} at store {subject.store_id}"


def about_alerts(alerts: Iterable[Alert]) -> str:
    """Return what the log calls some alerts: their ids, or how many there are.

    >>> about_alerts([])
    'no alerts'
    """
    ids = [one.alert_id for one in alerts]
    if not ids:
        return "no alerts"
    if len(ids) > MOST_NAMED:
        return f"{len(ids)} alerts"
    return f"alert {ids[0]}" if len(ids) == 1 else "alerts " + " ".join(ids)
