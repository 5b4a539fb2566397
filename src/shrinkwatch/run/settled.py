"""Says how the alerts of a replay differ from those that live scoring raised before it."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from shrinkwatch.records.alert import Alert


class Difference(Struct, frozen=True):
    """Ids of alerts, sorted: those that live scoring did not raise, those that only it raised, and
    those that say something else now."""

    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.changed)


def difference(
    live: Mapping[str, Alert], settled: Mapping[str, Alert], closed: date | None
) -> Difference:
    """Return how settled alerts differ from live ones, by id, whatever people did with them.

    closed: the last UTC day that live scoring closed (None: none); what opened later is left out.
    """
    before, now = ({k: a for k, a in of.items() if _is_of(a, closed)} for of in (live, settled))
    return Difference(
        tuple(sorted(now.keys() - before.keys())),
        tuple(sorted(before.keys() - now.keys())),
        tuple(sorted(k for k in now.keys() & before.keys() if _said(now[k]) != _said(before[k]))),
    )


def _is_of(alert: Alert, closed: date | None) -> bool:
    return closed is not None and alert.opened_at.date() <= closed


def _said(alert: Alert) -> Alert:
    return replace(alert, status="new")
