"""Gathers what the report needs from a workspace, and writes the page."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from shrinkwatch.console.leads import MAX_RECEIPTS, came_before
from shrinkwatch.console.material import Feed, Load, Report
from shrinkwatch.console.report import render
from shrinkwatch.ports import Clock
from shrinkwatch.records.alert import Alert, NaturalKey
from shrinkwatch.run import audit
from shrinkwatch.run.feeds import Feeds, feeds
from shrinkwatch.run.load_notes import LoadNote
from shrinkwatch.run.opened import opened
from shrinkwatch.run.receipts import fetch_named

REPORTS = "reports"
"""The workspace's folder for reports."""

_ON_TIMELINE = 200


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
    made_at = clock()
    seen = feeds(desk, made_at.date())
    alerts = desk.alerts.all()
    audit.note(desk.workspace, "report_made", audit.about_alerts(alerts))
    page = render(
        Report(
            alerts=alerts,
            receipts=fetch_named(desk.journal, shown_receipts(alerts)),
            stores=desk.stores,
            names=desk.names,
            feed=_feed(seen),
            feeds=seen.sources,
            loads=[_load(note) for note in seen.loads],
            ceiling=desk.settings.alerts.per_store_week,
            made_at=made_at,
            note=note,
        )
    )
    path = folder / REPORTS / "leads.html" if out is None else out
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, "utf-8")
    return Written(path, len(alerts))


def shown_receipts(alerts: Iterable[Alert]) -> list[NaturalKey]:
    """Return the keys of the receipts to fetch: the timelines', and what came before the last."""
    keys = [key for alert in alerts for key in alert.transactions[-_ON_TIMELINE:]]
    last = [key for alert in alerts for key in alert.transactions[-MAX_RECEIPTS:]]
    return keys + [before for key in last if (before := came_before(key)) is not None]


def _feed(seen: Feeds) -> Feed:
    first = [source.first for source in seen.sources if source.first is not None]
    last = [source.last for source in seen.sources if source.last is not None]
    return Feed(
        seen.transactions, len(seen.stores), min(first, default=None), max(last, default=None)
    )


def _load(note: LoadNote) -> Load:
    return Load(
        note.at,
        note.files,
        note.accepted,
        note.duplicate,
        note.revised,
        note.conflicting,
        sum(note.rejected.values()),
    )
