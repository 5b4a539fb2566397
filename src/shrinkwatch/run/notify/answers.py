"""Takes the answers that people give in a Webex room, as if they had typed `shrinkwatch label`."""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from shrinkwatch.adapters.notifiers.webex import Pressed, Webex
from shrinkwatch.ports import Clock
from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.audit import person
from shrinkwatch.run.labels import label_alert, said
from shrinkwatch.run.notify.channels import notifier
from shrinkwatch.run.opened import Opened


class Answered(Struct, frozen=True):
    """What became of a webhook call.

    pressed: the button, None when the call told of something else. why_not: why the answer is kept
    and does not count; None: it counts, or was none.
    """

    pressed: Pressed | None
    why_not: str | None = None


def _now() -> datetime:
    return datetime.now(UTC)


def webex_answer(
    desk: Opened, channel: str, headers: Mapping[str, str], raw: bytes, clock: Clock = _now
) -> Answered:
    """Record the answer that a call of Webex's webhook brings; the same call again changes nothing.

    channel: the name of a Webex channel of the settings. headers, raw: as they came.
    Raises: Refused when the call is forged, or is about no alert of ours; Unreachable when Webex
    does not say what was pressed: it calls again; Misconfigured when there is no such channel.
    """
    room = _room(desk, channel)
    pressed = room.pressed(headers, raw)
    if pressed is None:
        return Answered(None)
    alert = label_alert(
        desk,
        pressed.alert_id,
        pressed.outcome,
        by=pressed.by,
        loss=None,
        scheme=None,
        at=min(pressed.at, clock()),
        clock=clock,
        actor=person(pressed.by),
    )
    barred = said(desk, clock()).barred
    mine = (one.why for one in barred if (one.alert_id, one.by) == (alert.alert_id, pressed.by))
    return Answered(pressed, next(mine, None))


def _room(desk: Opened, channel: str) -> Webex:
    for route in desk.settings.notify:
        found = notifier(desk, route) if route.name == channel else None
        if isinstance(found, Webex):
            return found
    raise Refused(f"no Webex channel is called {channel}")
