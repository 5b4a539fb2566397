"""Gathers what the report needs from a workspace, and writes the page."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import polars as pl
from msgspec import Struct

from shrinkwatch.console.leads import MAX_RECEIPTS, came_before
from shrinkwatch.console.material import Feed, Report, Sight
from shrinkwatch.console.report import render
from shrinkwatch.ports import Clock, Journal
from shrinkwatch.records.alert import Alert, NaturalKey
from shrinkwatch.rules.carried import field_columns
from shrinkwatch.rules.detectability import detectability
from shrinkwatch.rules.profile import FieldProfile, profile
from shrinkwatch.run.opened import Opened, opened
from shrinkwatch.run.receipts import fetch_named
from shrinkwatch.run.rulebook import rules_on

REPORTS = "reports"
"""The workspace's folder for reports."""

_ON_TIMELINE = 200
_SEEN = {"visible": "yes", "partly": "partly", "not": "no"}
_HEADS: dict[str, Sequence[str]] = {
    "transactions": ("source", "store_id", "ended_at", "began_at"),
    **dict.fromkeys(("lines", "price_changes", "tenders", "events"), ("tx",)),
}


class Written(Struct, frozen=True):
    """Where the report was written, and how many alerts are on it."""

    path: Path
    alerts: int


def _now() -> datetime:
    return datetime.now(UTC)


def write(
    folder: Path, out: Path | None = None, *, note: str | None = None, clock: Clock = _now
) -> Written:
    """Write the alerts of this workspace as HTML; returns where.

    out: the file; None means `reports/leads.html` in the workspace. note: a sentence for the top.
    """
    desk = opened(folder)
    alerts = desk.alerts.all()
    page = render(
        Report(
            alerts=alerts,
            receipts=fetch_named(desk.journal, _shown(alerts)),
            stores=desk.stores,
            names=desk.names,
            feed=_feed(desk.journal),
            sights=_sights(desk),
            ceiling=desk.settings.alerts.per_store_week,
            made_at=clock(),
            note=note,
        )
    )
    path = folder / REPORTS / "leads.html" if out is None else out
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, "utf-8")
    return Written(path, len(alerts))


def profiles(journal: Journal) -> tuple[FieldProfile, ...]:
    """Return what each source of the journal carries."""
    told = field_columns()
    return profile((journal.arrivals(day, told) for day in journal.days()), journal.tables())


def _shown(alerts: Iterable[Alert]) -> list[NaturalKey]:
    """Return the keys of the receipts to fetch: the timelines', and what came before the last."""
    keys = [key for alert in alerts for key in alert.transactions[-_ON_TIMELINE:]]
    last = [key for alert in alerts for key in alert.transactions[-MAX_RECEIPTS:]]
    return keys + [before for key in last if (before := came_before(key)) is not None]


def _feed(journal: Journal) -> Feed:
    heads = [journal.arrivals(day, _HEADS).transactions for day in journal.days()]
    if not heads:
        return Feed(0, 0)
    every = pl.concat(heads)
    at = pl.coalesce("ended_at", "began_at")
    first, last = every.select(at.min().alias("first"), at.max().alias("last")).row(0)
    return Feed(
        every.height,
        every["store_id"].n_unique(),
        cast("datetime | None", first),
        cast("datetime | None", last),
    )


def _sights(desk: Opened) -> list[Sight]:
    rules = rules_on(desk.folder, desk.settings)
    found = profiles(desk.journal)
    several = len(found) > 1
    sights = [
        Sight(
            f"{one.title} ({each.source})" if several else one.title,
            _SEEN[one.verdict],
            _why(one.sentence, one.takes),
        )
        for each in found
        for one in detectability(each, rules)
        if one.watched or one.verdict == "not"
    ]
    return sorted(sights, key=lambda sight: tuple(_SEEN.values()).index(sight.seen))


def _why(sentence: str, takes: Sequence[str]) -> str:
    return f"{sentence} It would take: {'; '.join(takes)}." if takes else sentence
