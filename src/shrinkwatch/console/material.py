"""What a report is made of: the alerts, their receipts, and what is known around them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct, field

from shrinkwatch.cases.names import Names
from shrinkwatch.records.alert import Alert, NaturalKey, Subject
from shrinkwatch.records.transaction import Transaction
from shrinkwatch.rules.feeds.source import SourceHealth


class Store(Struct, frozen=True):
    """What the page says of a store besides its id."""

    name: str | None = None
    zone: str = "UTC"


class Feed(Struct, frozen=True):
    """What was read: how many transactions, of how many stores, between which business dates."""

    transactions: int
    stores: int
    first: date | None = None
    last: date | None = None


class Load(Struct, frozen=True):
    """What became of one load: when it ended (aware), its files, and how many records each way."""

    at: datetime
    files: tuple[str, ...]
    accepted: int
    duplicate: int
    revised: int
    conflicting: int
    rejected: int


class Report(Struct, frozen=True, kw_only=True):
    """All that the page is made of.

    alerts: most valuable first. receipts: as far as they could be found, and with them those that
    a drawer opening without a sale came after (`came_before`). ceiling: new alerts per
    store-week. feeds: by name of the source. loads: oldest first. made_at: aware. note: a sentence
    under the title, e.g. that this is a simulation.
    """

    alerts: Sequence[Alert]
    receipts: Mapping[NaturalKey, Transaction] = field(default_factory=dict)
    stores: Mapping[str, Store] = field(default_factory=dict)
    names: Names
    feed: Feed
    feeds: Sequence[SourceHealth] = ()
    loads: Sequence[Load] = ()
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
