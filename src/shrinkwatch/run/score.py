"""Replays the journal in the order of arrival and raises the few alerts that are worth a look."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Protocol, Self

import polars as pl
from msgspec import Struct

from shrinkwatch.adapters.stores.alerts import Along
from shrinkwatch.adapters.stores.live import StoredLive
from shrinkwatch.features import labelled
from shrinkwatch.features.stream import COLUMNS_READ, FeatureStream, Known
from shrinkwatch.ports import Clock, Journal
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.tables import Tables
from shrinkwatch.rules.judge import Judgement, judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.ahead import ahead
from shrinkwatch.run.alone import alone
from shrinkwatch.run.closed_days import archive
from shrinkwatch.run.dossier_files import DossierFiles
from shrinkwatch.run.hearing import Hearing
from shrinkwatch.run.memory import give_back
from shrinkwatch.run.notify.routes import router
from shrinkwatch.run.rule_changes import note_rules
from shrinkwatch.run.rulebook import rules_on
from shrinkwatch.run.settings import read
from shrinkwatch.run.settled import Difference, difference
from shrinkwatch.run.snapshot import TABLES_THAT_JUDGE, Shelf, Snapshot, judge_of
from shrinkwatch.run.trusted import trusted
from shrinkwatch.run.workspace import Workspace
from shrinkwatch.scoring.desk import Desk
from shrinkwatch.scoring.settings import ScoringSettings

Progress = Callable[[str, float, float | None], None]

COLUMNS = COLUMNS_READ | {"tenders": (*COLUMNS_READ["tenders"], "card_token")}
"""What is read of a day; the token names a card in an alert."""

CHUNK = 40_960
"""Transactions judged at once: bounds memory; any other number gives the same alerts."""


class ScoreReport(Struct, frozen=True):
    """What a replay went through and what came of it.

    raised: alerts that are open now; new: of them, those that were not there before.
    silent: rule id -> why it could never speak. differs: from what live scoring had raised for the
    same days, which happens where something came late or was damaged.
    """

    days: int
    transactions: int
    raised: int
    new: int
    silent: dict[str, str]
    seconds: float
    differs: Difference = Difference()


class Listener(Protocol):
    """Whoever wants to see what the desk sees."""

    def see(
        self, frame: pl.DataFrame, judgement: Judgement, tenders: pl.DataFrame | None = None
    ) -> None:
        """Take in what the rules said of a batch's receipts."""


class Replay:
    """The way from arrivals to alerts: features, rules and the desk, a day at a time.

    beside: see what the desk sees, batch by batch.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        stream: FeatureStream,
        desk: Desk,
        tables: Tables,
        beside: Sequence[Listener] = (),
    ) -> None:
        self.rules = tuple(rules)
        self.stream = stream
        self.desk = desk
        self.tables = tables
        self.beside = tuple(beside)

    def know(self, tables: Tables) -> Self:
        """Use these tables from now on."""
        self.tables = tables
        self.stream.update_tables(tables)
        return self

    def see(self, arrivals: Iterable[Batch], hearing: Hearing | None = None) -> int:
        """Take in arrivals of the day that is open, in order; returns how many.

        A batch is judged while the next becomes features and the one after that is read and looked
        at. hearing: what people answer meanwhile; None: nothing.
        """
        seen = 0
        for frame, tenders in ahead(self._learned(ahead(self._looked(arrivals, hearing)))):
            self.show(frame, judge(self.rules, frame), tenders)
            seen += frame.height
            del frame, tenders  # the next ones take their room
        return seen

    def show(self, frame: pl.DataFrame, judged: Judgement, tenders: pl.DataFrame) -> None:
        """Have the desk, and whoever looks on, see what the rules said of a batch."""
        for listener in (self.desk, *self.beside):
            listener.see(frame, judged, tenders)

    def _looked(
        self, arrivals: Iterable[Batch], hearing: Hearing | None
    ) -> Iterator[tuple[Known, pl.DataFrame]]:
        """Yield what each batch says by itself, cut where people answered, and its tenders."""
        for batch in arrivals:
            for tables, part in ((self.tables, batch),) if hearing is None else hearing.cut(batch):
                if tables is not self.tables:
                    self.know(tables)
                yield self.stream.look(part), part.tenders
            del batch, part  # the lines need not wait while the next ones are read

    def _learned(
        self, looked: Iterable[tuple[Known, pl.DataFrame]]
    ) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Yield the features and the tenders of each batch."""
        for known, tenders in looked:
            frame = self.stream.learn(known)
            del known  # the next one takes its room
            yield frame, tenders
            del frame

    def close(self, day: date) -> list[Alert]:
        """Close the day and return the alerts that are new or changed."""
        give_back()
        with ThreadPoolExecutor(1) as beside:
            tidied = beside.submit(self.stream.close_day, day)
            alerts = self.desk.close_day(day, self.tables)
            tidied.result()
        return alerts

    def whole_day(self, journal: Journal, day: date) -> tuple[int, list[Alert]]:
        """Take in the journal's day as it was known then, and close it.

        Returns how many transactions arrived, and the alerts that are new or changed.
        """
        hearing = Hearing(journal, day)
        self.know(hearing.tables)
        return self.see(journal.pieces(day, CHUNK, COLUMNS), hearing), self.close(day)


def _now() -> datetime:
    return datetime.now(UTC)


def score(
    workspace: Workspace,
    *,
    since: date | None = None,
    until: date | None = None,
    progress: Progress | None = None,
    clock: Clock = _now,
) -> ScoreReport:
    """Replay the journal, keep the alerts in the workspace and return what happened.

    since: the first UTC day whose alerts are wanted; the days before still warm the memory, and
    alerts that opened before it stay as they are. until: the last UTC day that is replayed.
    Days that an earlier run closed are not replayed when nothing about them has changed; days that
    are over and came over HTTP are archived first. Whoever is to be told of a new alert, as the
    settings say, is written into the outbox with it; clock: for how new it is.
    Raises: Misconfigured when settings or rules are wrong; Unreachable while another program
    scores.
    """
    with alone(workspace.state):
        return _score(workspace, since, until, progress, clock)


def _score(
    workspace: Workspace,
    since: date | None,
    until: date | None,
    progress: Progress | None,
    clock: Clock,
) -> ScoreReport:
    began = time.monotonic()
    settings = read(workspace.folder)
    rules, scoring = rules_on(workspace.folder, settings), settings.scoring()
    note_rules(workspace, rules, scoring)
    archive(workspace, clock)
    shelf, judges = Shelf(workspace.state), judge_of(rules, scoring)
    days = [day for day in workspace.journal.days() if until is None or day <= until]
    found = shelf.find(workspace.journal, judges, since, days)
    replay = begin(workspace.journal, shelf, found, rules, scoring)
    days = [day for day in days if found is None or day > found.day]
    raised: dict[str, Alert] = {}
    transactions = 0
    kept = DossierFiles(workspace.dossiers, judges)
    for done, day in enumerate(days):
        if progress is not None:
            progress("Scoring", done, len(days))
        replay.desk.opinion = trusted(workspace.models, replay.desk.dossiers.columns, day)
        arrived, alerts = replay.whole_day(workspace.journal, day)
        kept.keep(day, replay.desk.dossiers)
        transactions += arrived
        for alert in alerts:
            if since is None or alert.opened_at.date() >= since:
                raised[alert.alert_id] = alert
    before, differs = _by_id(workspace), Difference()
    if days:
        along = router(workspace, clock)
        _replace(workspace, raised, days[0] if since is None else since, until, along)
        differs = _settle(workspace, before, clock)
        mark = workspace.journal.fingerprint(days[-1], TABLES_THAT_JUDGE)
        shelf.keep(Snapshot(days[-1], since, judges, mark), replay.stream, replay.desk)
    if progress is not None:
        progress("Scoring", len(days), len(days))
    return ScoreReport(
        days=len(days),
        transactions=transactions,
        raised=len(workspace.alerts.all()),
        new=len(raised.keys() - before.keys()),
        silent=replay.desk.silent,
        seconds=time.monotonic() - began,
        differs=differs,
    )


def begin(
    journal: Journal,
    shelf: Shelf,
    found: Snapshot | None,
    rules: Sequence[Rule],
    settings: ScoringSettings,
    receipts: Path | None = None,
) -> Replay:
    """Return the replay as the snapshot left it; without one, one that has seen nothing.

    receipts: folder for the stream's receipts (None: one of the shelf's).
    """
    look_up = partial(journal.receipts, columns=labelled.COLUMNS_READ)
    if found is None:
        tables = journal.tables()
        own = shelf.fresh_receipts() if receipts is None else receipts
        stream = FeatureStream.new(tables, own, look_up)
        return Replay(rules, stream, Desk.new(rules, settings), tables)
    tables = Hearing(journal, found.day).tables
    return Replay(rules, *shelf.read(tables, rules, settings, look_up, receipts), tables)


def _replace(
    workspace: Workspace, raised: dict[str, Alert], first: date, last: date | None, along: Along
) -> None:
    """Put these in the place of the alerts opened in that time.

    first, last: UTC dates, inclusive. last None: no end. along: stored with them.
    """
    stay = {
        id_: alert
        for id_, alert in _by_id(workspace).items()
        if alert.opened_at.date() < first or (last is not None and alert.opened_at.date() > last)
    }
    workspace.alerts.replace(list((stay | raised).values()), (along,))


def _settle(workspace: Workspace, before: dict[str, Alert], clock: Clock) -> Difference:
    """Return, and write down, how the alerts differ from those that were raised live."""
    live = StoredLive(workspace.database).position()
    closed = None if live is None else live.closed_day
    differs = difference(before, _by_id(workspace), closed)
    if differs:
        workspace.journal.note("settled", differs, clock())
    return differs


def _by_id(workspace: Workspace) -> dict[str, Alert]:
    return {alert.alert_id: alert for alert in workspace.alerts.all()}
