"""What a report is made of: the alerts, their receipts, and what is known around them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from shrinkwatch.cases.names import Names
from shrinkwatch.records.alert import Alert, NaturalKey, Subject
from shrinkwatch.records.transaction import Transaction


class Store(Struct, frozen=True):
    """What the page says of a store besides its id."""

    name: str | None = None
    zone: str = "UTC"


class Sight(Struct, frozen=True):
    """Whether a scheme can be seen in what was loaded. seen: "yes", "partly" or "no"."""

    scheme: str
    seen: str
    why: str


class Feed(Struct, frozen=True):
    """What was read: how many transactions, of how many stores, between which moments."""

    transactions: int
    stores: int
    first: datetime | None = None
    last: datetime | None = None


class Report(Struct, frozen=True, kw_only=True):
    """All that the page is made of.

    alerts: most valuable first. receipts: as far as they could be found, and with them those that
    a drawer opening without a sale came after (`came_before`). ceiling: new alerts per
    store-week. made_at: aware. note: a sentence under the title, e.g. that this is a simulation.
    """

    alerts: Sequence[Alert]
    receipts: Mapping[NaturalKey, Transaction] = field(default_factory=dict)
    stores: Mapping[str, Store] = field(default_factory=dict)
    names: Names
    feed: Feed
    sights: Sequence[Sight] = ()
    ceiling: int
    made_at: datetime
    note: str | None = None


def by_subject(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """Return the alerts of each subject together, the subject with the most valuable alert first.

    alerts: most valuable first. A subject has one alert per week in which there was new evidence;
    their windows overlap, so only the first of each counts towards what is at stake.
    """
    grouped: dict[Subject, list[Alert]] = {}
    for alert in alerts:
        grouped.setdefault(alert.subject, []).append(alert)
    return list(grouped.values())
