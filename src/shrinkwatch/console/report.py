"""The alerts as one page to read, print and send: who, what, when, where, how much and why.

The page is one HTML file that fetches nothing. Everything that came from a till is escaped.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader
from msgspec import Struct, field

from shrinkwatch.cases.marks import parts
from shrinkwatch.cases.names import Names
from shrinkwatch.cases.receipt import Desk, Row, margin, receipt
from shrinkwatch.console import plots, words
from shrinkwatch.records.alert import Alert, NaturalKey, Reason, Subject
from shrinkwatch.records.money import minor_decimals
from shrinkwatch.records.scheme import scheme
from shrinkwatch.records.transaction import Transaction

MAX_RECEIPTS = 6
"""Receipts printed per alert; the rest are named and can be printed with `shrinkwatch receipt`."""


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

    alerts: most valuable first. receipts: as far as they could be found. ceiling: new alerts per
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


class ReasonView(Struct, frozen=True):
    """A reason with the words of its peers and, where it can be drawn, their plot."""

    reason: Reason
    value: str
    typical: str
    odds: str
    plot: plots.PeersPlot | None


class Paper(Struct, frozen=True):
    """A receipt to show: its rows, each with the margin that says marked or voided."""

    key: str
    rows: tuple[tuple[str, Row], ...]


class AlertView(Struct, frozen=True):
    """A subject's most valuable alert in words; `others`: its alerts of other weeks."""

    rank: int
    alert: Alert
    others: tuple[str, ...]
    who: str
    store: str | None
    schemes: tuple[tuple[str, str], ...]
    at_stake: str
    loss: str
    probability: str
    when: str
    related: tuple[str, ...]
    reasons: tuple[ReasonView, ...]
    timeline: plots.Timeline | None
    papers: tuple[Paper, ...]
    more: int


class Tile(Struct, frozen=True):
    """A number of the page's header with what it counts."""

    number: str
    says: str


def render(report: Report) -> str:
    """Return the page as HTML, complete in itself."""
    environment = Environment(
        loader=PackageLoader("shrinkwatch.console", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    leads = by_subject(report.alerts)
    views = [_view(rank, alerts, report) for rank, alerts in enumerate(leads, 1)]
    return environment.get_template("report.html").render(
        report=report,
        views=views,
        tiles=_tiles(report, [alerts[0] for alerts in leads]),
        stores=_per_store(report, [alerts[0] for alerts in leads]),
        title=_title(len(views)),
        period=_period(report.feed),
        made=f"{words.day(report.made_at)} {report.made_at:%H:%M %Z}",
        versions=sorted({_versions(alert) for alert in report.alerts}),
        plot_width=plots.WIDTH,
        peers_height=plots.PEERS_HEIGHT,
        timeline_width=plots.TIMELINE_WIDTH,
        timeline_height=plots.TIMELINE_HEIGHT,
        max_receipts=MAX_RECEIPTS,
    )


def key_text(key: NaturalKey) -> str:
    """Return a transaction's key as people type it: store/number or store/till/date/number.

    >>> key_text(NaturalKey("pos", "S7", transaction_id="A-1"))
    'S7/A-1'
    """
    if key.transaction_id is not None:
        return f"{key.store_id}/{key.transaction_id}"
    return f"{key.store_id}/{key.register_id}/{key.business_date}/{key.sequence}"


def scheme_title(id_: str) -> str:
    """Return the scheme's name in words; an unknown id as it stands."""
    try:
        return scheme(id_).title
    except KeyError:
        return id_.replace("_", " ")


def by_subject(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """Return the alerts of each subject together, the subject with the most valuable alert first.

    alerts: most valuable first. A subject has one alert per week in which there was new evidence;
    their windows overlap, so only the first of each counts towards what is at stake.
    """
    grouped: dict[Subject, list[Alert]] = {}
    for alert in alerts:
        grouped.setdefault(alert.subject, []).append(alert)
    return list(grouped.values())


def _title(count: int) -> str:
    if count == 0:
        return "Nothing worth a review"
    return "One lead worth a look" if count == 1 else f"{count:,} leads worth a look"


def _period(feed: Feed) -> str:
    if feed.first is None or feed.last is None:
        return ""
    return words.span(feed.first, feed.last)


def _tiles(report: Report, leads: Sequence[Alert]) -> list[Tile]:
    stake = _by_currency(leads)
    stores = {alert.subject.store_id for alert in leads} - {None}
    weeks = max(_weeks(report.feed), 1)
    rate = len(report.alerts) / (max(report.feed.stores, 1) * weeks)
    return [
        Tile(stake, "expected loss: what each would cost × how probable it is"),
        Tile(f"{len(stores)} of {report.feed.stores}", "stores have a lead"),
        Tile(f"{rate:.2f}", f"new alerts per store and week; the ceiling is {report.ceiling}"),
        Tile(f"{report.feed.transactions:,}", "transactions were read"),
    ]


def _by_currency(alerts: Sequence[Alert]) -> str:
    sums: Counter[str] = Counter()
    for alert in alerts:
        sums[alert.currency] += alert.probability * alert.expected_loss  # type: ignore[assignment]
    return " + ".join(words.money(total, currency) for currency, total in sums.items()) or "nothing"


def _weeks(feed: Feed) -> float:
    if feed.first is None or feed.last is None:
        return 0
    return (feed.last - feed.first).total_seconds() / (7 * 86_400)


def _per_store(report: Report, leads: Sequence[Alert]) -> list[tuple[str, int, str]]:
    """Return (store, leads, expected loss) of the stores with leads, most leads first."""
    by_store: dict[str | None, list[Alert]] = {}
    for alert in leads:
        by_store.setdefault(alert.subject.store_id, []).append(alert)
    ordered = sorted(by_store.items(), key=lambda item: -len(item[1]))
    return [
        (_store_name(store, report) or "across stores", len(alerts), _by_currency(alerts))
        for store, alerts in ordered
    ]


def _store_name(store_id: str | None, report: Report) -> str | None:
    if store_id is None:
        return None
    known = report.stores.get(store_id)
    return f"Store {store_id}" if known is None or known.name is None else known.name


def _zone(alert: Alert, report: Report) -> tzinfo:
    ids = [alert.subject.store_id, *(key.store_id for key in alert.transactions)]
    known = [report.stores[id_] for id_ in ids if id_ is not None and id_ in report.stores]
    return ZoneInfo(known[0].zone) if known else UTC


def _view(rank: int, alerts: Sequence[Alert], report: Report) -> AlertView:
    alert = alerts[0]
    zone = _zone(alert, report)
    subject = alert.subject
    found = [key for key in alert.transactions if key in report.receipts]
    shown = found[-MAX_RECEIPTS:]
    return AlertView(
        rank=rank,
        alert=alert,
        others=tuple(
            f"{words.span(other.window.from_, other.window.to)} ({other.alert_id[:6]})"
            for other in alerts[1:]
        ),
        who=report.names.of(subject.type, subject.id, subject.store_id),
        store=_store_name(subject.store_id, report),
        schemes=tuple((scheme_title(s.id), words.percent(s.probability)) for s in alert.schemes),
        at_stake=words.money(alert.probability * alert.expected_loss, alert.currency),
        loss=words.money(alert.expected_loss, alert.currency),
        probability=words.percent(alert.probability),
        when=words.span(alert.window.from_.astimezone(zone), alert.window.to.astimezone(zone)),
        related=tuple(
            f"{other.role}: {report.names.of(other.type, other.id, subject.store_id)}"
            for other in alert.related
        ),
        reasons=tuple(_reason(reason, alert.currency) for reason in alert.reasons),
        timeline=_timeline(alert, [report.receipts[key] for key in found], zone),
        papers=tuple(_paper(key, alert, report) for key in shown),
        more=len(alert.transactions) - len(shown),
    )


def _reason(reason: Reason, currency: str) -> ReasonView:
    value = words.number(reason.value, reason.unit, currency)
    compared = reason.peers
    if compared is None:
        return ReasonView(reason, value, "", "", None)
    return ReasonView(
        reason,
        value,
        words.number(compared.typical, reason.unit, currency),
        words.odds(compared.tail_probability),
        plots.peers(reason.value, compared.typical, compared.tail_probability),
    )


def _timeline(alert: Alert, transactions: list[Transaction], zone: tzinfo) -> plots.Timeline | None:
    times = []
    for transaction in transactions:
        at = transaction.ended_at or transaction.began_at
        if at is not None:
            at = at.replace(tzinfo=zone) if at.tzinfo is None else at
            amount = words.money(float(transaction.net), alert.currency)
            times.append(
                (at, f"{words.day(at.astimezone(zone))} {at.astimezone(zone):%H:%M}, {amount}")
            )
    if not times:
        return None
    return plots.timeline(times, alert.window.from_, alert.window.to, zone)


def _paper(key: NaturalKey, alert: Alert, report: Report) -> Paper:
    transaction = report.receipts[key]
    store = report.stores.get(key.store_id, Store())
    desk = Desk(
        names=report.names,
        zone=ZoneInfo(store.zone),
        decimals=minor_decimals(transaction.currency or alert.currency),
        store_name=store.name,
        marked=parts(tuple(scheme.id for scheme in alert.schemes)),
    )
    rows = receipt(transaction, desk)
    return Paper(key_text(key), tuple((margin(row), row) for row in rows))


def _versions(alert: Alert) -> str:
    said = alert.versions
    return f"rules {said.rules} · model {said.model} · features {said.features} · code {said.code}"
