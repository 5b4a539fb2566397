"""Replays the journal in the order of arrival and raises the few alerts that are worth a look."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Self

from msgspec import Struct

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.ports import Journal
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.tables import Tables
from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.rulebook import rules_on
from shrinkwatch.run.settings import read
from shrinkwatch.run.workspace import Workspace
from shrinkwatch.scoring.desk import Desk
from shrinkwatch.scoring.settings import ScoringSettings

Progress = Callable[[str, float, float | None], None]

CHUNK = 200_000
"""Transactions judged at once: bounds memory; any other number gives the same alerts."""


class ScoreReport(Struct, frozen=True):
    """What a replay went through and what came of it.

    raised: alerts that are open now; new: of them, those that were not there before.
    silent: rule id -> why it could never speak.
    """

    days: int
    transactions: int
    raised: int
    new: int
    silent: dict[str, str]
    seconds: float


class Replay:
    """The way from arrivals to alerts: features, rules and the desk, a day at a time."""

    def __init__(self, rules: Sequence[Rule], settings: ScoringSettings, tables: Tables) -> None:
        self.rules = tuple(rules)
        self.stream = FeatureStream.new(tables)
        self.desk = Desk.new(self.rules, settings)
        self.tables = tables

    def know(self, tables: Tables) -> Self:
        """Use these tables from now on."""
        self.tables = tables
        self.stream.update_tables(tables)
        return self

    def see(self, batch: Batch) -> None:
        """Take in arrivals of the day that is open."""
        for chunk in _chunks(batch):
            frame = self.stream.advance(chunk)
            self.desk.see(frame, judge(self.rules, frame), chunk.tenders)

    def close(self, day: date) -> list[Alert]:
        """Close the day and return the alerts that are new or changed."""
        alerts = self.desk.close_day(day, self.tables)
        self.stream.close_day(day)
        return alerts


def score(
    workspace: Workspace,
    *,
    since: date | None = None,
    until: date | None = None,
    progress: Progress | None = None,
) -> ScoreReport:
    """Replay the journal, keep the alerts in the workspace and return what happened.

    since: the first UTC day whose alerts are wanted; the days before still warm the memory.
    until: the last UTC day that is replayed.
    Running it again changes nothing. Raises Misconfigured when settings or rules are wrong.
    """
    began = time.monotonic()
    settings = read(workspace.folder)
    rules = rules_on(workspace.folder, settings)
    alerts: dict[str, Alert] = {}
    seen = 0
    days = [day for day in workspace.journal.days() if until is None or day <= until]
    replay = Replay(rules, settings.scoring(), _known_on(workspace.journal, days))
    for done, day in enumerate(days):
        if progress is not None:
            progress("Scoring", done, len(days))
        batch = workspace.journal.arrivals(day)
        replay.know(_known_on(workspace.journal, [day])).see(batch)
        raised = replay.close(day)
        seen += len(batch)
        if since is None or day >= since:
            alerts |= {alert.alert_id: alert for alert in raised}
    known = {alert.alert_id for alert in workspace.alerts.all()}
    workspace.alerts.replace(list(alerts.values()))
    if progress is not None:
        progress("Scoring", len(days), len(days))
    return ScoreReport(
        days=len(days),
        transactions=seen,
        raised=len(alerts),
        new=len(alerts.keys() - known),
        silent=replay.desk.silent,
        seconds=time.monotonic() - began,
    )


def _known_on(journal: Journal, days: Sequence[date]) -> Tables:
    """Return the tables as they were known when the first of these days began."""
    if not days:
        return journal.tables()
    return journal.tables(datetime.combine(days[0], datetime.min.time(), UTC))


def _chunks(batch: Batch) -> Iterator[Batch]:
    if len(batch) <= CHUNK:
        yield batch
        return
    for start in range(0, len(batch), CHUNK):
        yield batch.take(range(start, min(start + CHUNK, len(batch))))
