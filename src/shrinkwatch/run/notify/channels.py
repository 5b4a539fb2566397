"""Opens the channels that the settings name, and the courier who carries messages to them."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime

from shrinkwatch.adapters.network import Network
from shrinkwatch.adapters.notifiers import notifier_of
from shrinkwatch.adapters.stores.outbox import StoredOutbox
from shrinkwatch.ports import Clock, Notifier
from shrinkwatch.records.trouble import Misconfigured, Refused
from shrinkwatch.run.notify.delivery import Courier
from shrinkwatch.run.notify.routes import router
from shrinkwatch.run.notify.wording import Wording
from shrinkwatch.run.opened import Opened
from shrinkwatch.run.settings import FILE_NAME, Notify


def _now() -> datetime:
    return datetime.now(UTC)


def outbox_of(desk: Opened) -> StoredOutbox:
    """Return the workspace's outbox."""
    return StoredOutbox(desk.workspace.alerts.database)


def wording_of(desk: Opened) -> Wording:
    """Return what words the workspace's messages."""
    severity = router(desk.workspace).severity
    return Wording(desk.names, desk.store_name, severity, desk.settings.messages.link)


def courier(desk: Opened, clock: Clock = _now) -> Courier:
    """Return who carries the workspace's messages.

    Raises: Misconfigured when a channel's address is lacking or understood by nobody.
    """
    alerts = desk.workspace.alerts
    return Courier(
        outbox=StoredOutbox(alerts.database),
        alerts=alerts,
        router=router(desk.workspace, clock),
        wording=wording_of(desk),
        notifiers=notifiers(desk),
        clock=clock,
        draw=random.Random().random,  # noqa: S311 - spreads retries, keeps no secret
    )


def notifiers(desk: Opened) -> Mapping[str, Notifier]:
    """Return what sends, by the name of each channel of the settings.

    Raises: Misconfigured, naming the file that is lacking or wrong.
    """
    return {one.name: notifier(desk, one) for one in desk.settings.notify}


def notifier(desk: Opened, route: Notify) -> Notifier:
    """Return what sends on this channel.

    Raises: Misconfigured, naming the file that is lacking or wrong.
    """
    allow = frozenset(host.casefold() for host in desk.settings.messages.allow_hosts)
    path = desk.folder / route.url_file
    where = f"{desk.folder / FILE_NAME}: notify {route.name}: {path}"
    try:
        url = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{where} cannot be read; write the address into it") from error
    if len(url.splitlines()) != 1 or "://" not in url:
        raise Misconfigured(f"{where} does not hold one address; write it on a single line")
    if path.stat().st_mode & 0o077:
        raise Misconfigured(f"{where} can be read by others, and is a secret: chmod 600 {path}")
    try:
        return notifier_of(url, Network(allow))
    except Refused as refused:
        raise Misconfigured(f"{where}: {refused}") from refused
