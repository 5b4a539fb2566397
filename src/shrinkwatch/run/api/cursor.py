"""Cuts the list of alerts into pages that hold still while alerts come, change and go.

A cursor is where the last alert of a page stands in the order, not which one it is or how many came
before it: the next page begins there even when that alert is gone by then.
"""

import struct
from collections.abc import Sequence

from shrinkwatch.records.alert import Alert

USUAL, MOST = 100, 500
"""Alerts of a page, where nothing else is asked for and at most."""

PATTERN = r"^[0-9a-f]{16}[0-9A-Za-z_-]{1,64}$"
_WORTH = 16


def page(alerts: Sequence[Alert], limit: int, after: str | None) -> tuple[list[Alert], str | None]:
    """Return the alerts of a page, and the cursor of the next; None: these are the last.

    alerts: most valuable first and by id, as the store lists them. after: what an earlier page
    gave (PATTERN); None begins.
    """
    place = None if after is None else _place(after)
    left = [one for one in alerts if place is None or _standing(one) > place]
    shown = left[:limit]
    return shown, _cursor(shown[-1]) if len(left) > limit else None


def _standing(alert: Alert) -> tuple[float, str]:
    return -alert.probability * alert.expected_loss, alert.alert_id


def _cursor(alert: Alert) -> str:
    worth, id_ = _standing(alert)
    return struct.pack(">d", worth).hex() + id_


def _place(cursor: str) -> tuple[float, str]:
    (worth,) = struct.unpack(">d", bytes.fromhex(cursor[:_WORTH]))
    return worth, cursor[_WORTH:]
