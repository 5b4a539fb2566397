"""The alerts as one page to read, print and send: who, what, when, where, how much and why.

The page is one HTML file that fetches nothing. Everything that came from a till is escaped.
"""

import re
from collections import Counter
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from msgspec import Struct

from shrinkwatch.console import plots, words
from shrinkwatch.console.feeds import feed_view
from shrinkwatch.console.leads import MAX_RECEIPTS, store_name, view
from shrinkwatch.console.material import Feed, Report, by_subject
from shrinkwatch.records.alert import Alert

_TURNERS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that turn the writing round: in a name from a till they would scramble what follows."""
_LOADS = 12
"""The latest loads that are listed."""


class Tile(Struct, frozen=True):
    """A number of the page's header with what it counts."""

    number: str
    says: str


def environment() -> Environment:
    """Return what fills in this package's pages: all that came from elsewhere is escaped."""
    return Environment(
        loader=PackageLoader("shrinkwatch.console", "."),
        autoescape=True,
        finalize=_straight,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(report: Report) -> str:
    """Return the page as HTML, complete in itself."""
    leads = by_subject(report.alerts)
    views = [view(rank, alerts, report) for rank, alerts in enumerate(leads, 1)]
    return (
        environment()
        .get_template("report.html")
        .render(
            report=report,
            views=views,
            feeds=[feed_view(feed) for feed in report.feeds],
            loads=report.loads[-_LOADS:],
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
            strip_width=plots.STRIP_WIDTH,
            strip_height=plots.STRIP_HEIGHT,
            max_receipts=MAX_RECEIPTS,
        )
    )


def _straight(value: object) -> object:
    # what a macro has drawn is markup already, and its parts came through here
    if isinstance(value, str) and not isinstance(value, Markup):
        return _TURNERS.sub("", value)
    return value


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
    stores = {key.store_id for alert in leads for key in alert.transactions}
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
    return ((feed.last - feed.first).days + 1) / 7


def _per_store(report: Report, leads: Sequence[Alert]) -> list[tuple[str, int, str]]:
    """Return (store, leads, expected loss) of the stores with leads, most leads first."""
    by_store: dict[str | None, list[Alert]] = {}
    for alert in leads:
        by_store.setdefault(alert.subject.store_id, []).append(alert)
    ordered = sorted(by_store.items(), key=lambda item: -len(item[1]))
    return [
        (
            store_name(store, report) or "cards, customers and items of no one store",
            len(alerts),
            _by_currency(alerts),
        )
        for store, alerts in ordered
    ]


def _versions(alert: Alert) -> str:
    said = alert.versions
    return f"rules {said.rules} · model {said.model} · features {said.features} · code {said.code}"
