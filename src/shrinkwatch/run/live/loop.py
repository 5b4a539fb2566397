"""Follows the journal: judges what the tills send within a second, and closes each UTC day.

Records are read in the order of the journal in batches as they queue up, become features and are
judged, exactly as `run.score` replays them. Alerts go out when a day is closed, in one transaction
with how far scoring came. Where what was judged is not what a replay of the day would see (a
receipt was corrected, a clock went back), the day is replayed when it closes, so that the alerts of
a day are those of `shrinkwatch score`; docs/decisions/live-equals-replay.md says more.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import sleep
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.adapters.stores.live import StoredLive
from shrinkwatch.features import labelled
from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.journal.days import DAY_US, day_of, microseconds, moment_of
from shrinkwatch.ports import Clock, Tail
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.trouble import Unreachable
from shrinkwatch.rules.judge import Judgement, judge
from shrinkwatch.run.dossier_files import DossierFiles
from shrinkwatch.run.hearing import Hearing
from shrinkwatch.run.live.answers import Answers, Judged
from shrinkwatch.run.live.aside import Aside
from shrinkwatch.run.live.place import Place
from shrinkwatch.run.live.snapshots import Snapshots
from shrinkwatch.run.rulebook import rules_on
from shrinkwatch.run.score import COLUMNS, Replay, begin
from shrinkwatch.run.settings import read
from shrinkwatch.run.snapshot import TABLES_THAT_JUDGE, Shelf, Snapshot, judge_of
from shrinkwatch.run.trusted import doubts, trusted
from shrinkwatch.run.workspace import Workspace
from shrinkwatch.scoring.desk import Desk

MOST = 8_192
"""Records that are read at once at most; what queued up meanwhile is read the next time."""

SNAPSHOT_RECORDS = 100_000
"""Records after which a snapshot is made: a restart judges them again, in about two seconds."""

SETTLING = timedelta(seconds=2)
"""How long after midnight nothing is read: what was stamped before it may still be on its way."""

_DAY = timedelta(days=1)
_RETRY_S = 1.0
_log = logging.getLogger(__name__)

Notice = Callable[[str], None]
"""Is told what was just done: "read", "judged", "closing", "committed", "kept", "snapshot"."""


class Live:
    """The scoring of one workspace as it happens; `step` does what there is to do.

    One thread steps; `answers` may be asked by others. alarms: what somebody should look at.
    """

    def __init__(
        self,
        workspace: Workspace,
        store: StoredLive,
        clock: Clock,
        notice: Notice = lambda _done: None,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        settings = read(workspace.folder)
        self.workspace, self.journal, self.store = workspace, workspace.journal, store
        self.clock, self.notice, self.pause = clock, notice, pause
        self.rules, self.scoring = rules_on(workspace.folder, settings), settings.scoring()
        self.judge = judge_of(self.rules, self.scoring)
        self.shelf = Shelf(workspace.state)
        self.snapshots = Snapshots(workspace.state / "live")
        self.kept = DossierFiles(workspace.dossiers, self.judge)
        self.aside = Aside()
        self.answers = Answers()
        self.place = Place()
        self.alarms: dict[str, str] = {}
        self.replay: Replay
        self.hearing: Hearing | None = None
        self.snapshot_at = 0

    @classmethod
    def begin(
        cls,
        workspace: Workspace,
        store: StoredLive,
        clock: Clock,
        notice: Notice = lambda _done: None,
        pause: Callable[[float], None] = sleep,
    ) -> Self:
        """Return live scoring as the last snapshot left it; without one, history is replayed.

        The caller holds the lock `run.alone` and lets nobody else score. store: where alerts go,
        and what is told of them. Raises: Misconfigured when settings or rules are wrong.
        """
        live = cls(workspace, store, clock, notice, pause)
        shutil.rmtree(live._receipts, ignore_errors=True)
        live.snapshots.tidy()
        found = live.snapshots.newest(live.judge, live.journal.end())
        if found is None:
            live._replay_until(live.clock().astimezone(UTC).date() - _DAY, begins=True)
        else:
            live._resume(*found)
        live.answers.come_to(live.place.position, live._behind())
        return live

    @property
    def _receipts(self) -> Path:
        """The folder of the stream's receipts."""
        return self.workspace.state / "live" / "receipts"

    def _resume(self, folder: Path, place: Place) -> None:
        """Go on from a snapshot."""
        look_up = partial(self.journal.receipts, columns=labelled.COLUMNS_READ)
        day = place.day or place.closed or self.clock().date()
        self.hearing = Hearing(self.journal, day).again(place.heard)
        tables = self.hearing.tables
        stream = FeatureStream.load(folder / "features", tables, self._receipts, look_up)
        desk = Desk.load(folder / "desk", self.rules, self.scoring)
        self.replay, self.place = Replay(self.rules, stream, desk, tables), place
        self.snapshot_at = place.position

    def _replay_until(self, last: date, *, begins: bool) -> None:
        """Replay what the shelf has not, through this UTC day, and close each day.

        begins: scoring only begins; what came late for a day of the shelf is then replayed as well.
        The first time ever, all that is history: nobody is told of its alerts.
        """
        self.aside.wait()
        days, end = [day for day in self.journal.days() if day <= last], self.journal.end()
        found = self.shelf.find(self.journal, self.judge, last + _DAY, days, late_too=begins)
        is_history = self.store.position() is None
        self.__dict__.pop("replay", None)  # two memories at once may be too much
        shutil.rmtree(self._receipts, ignore_errors=True)
        self.replay = begin(
            self.journal, self.shelf, found, self.rules, self.scoring, self._receipts
        )
        ahead = [day for day in days if found is None or day > found.day]
        for day in ahead:
            self._trust(day)
            _, alerts = self.replay.whole_day(self.journal, day)
            self._commit(day, alerts, tell=not is_history)
            self.place.close(day, end)
        if begins:
            self.place.known_until, self.place.position = end, self.journal.position_after(last)
            self.place.close(last, end)
            if is_history:
                self.store.close_day(last, self.place.position, (), tell=False)
        if ahead:
            self._keep(last, end)

    def step(self) -> int:
        """Read what was appended, judge it, close days that are over; returns how many were read.

        Never waits for more. What it raises ends live scoring: what it holds in memory is no longer
        sure, and a restart goes on from the last snapshot.
        """
        now = self.clock().astimezone(UTC)
        if self._is_settling(now):
            return 0
        before = self.place.position
        tail = self.journal.tail(before, MOST, COLUMNS)
        self.notice("read")
        self._look_at(tail)
        for day, some in _by_day(tail):
            self._take(day, _part(tail, some), tail.until, now.date())
        self.place.position = tail.until
        is_read = tail.until == before
        if is_read and self.place.day is not None and self.place.day < now.date():
            self._close(self.place.day, tail.until)
        self.answers.come_to(self.place.position, self._behind())
        if self.place.position - self.snapshot_at >= SNAPSHOT_RECORDS:
            self.keep_snapshot()
        return tail.until - before

    def keep_snapshot(self) -> bool:
        """Begin to write a snapshot beside the work; returns False while another is written."""
        if self.aside.is_busy():
            return False
        self.snapshots.tidy()
        replay, packed = self.replay, self.replay.desk.packed()
        if self.hearing is not None:
            self.place.heard = self.hearing.heard
        kept = self.snapshots
        self.aside.start(
            lambda: kept.keep(self.judge, self.place, replay.stream, replay.desk, packed)
        )
        self.snapshot_at = self.place.position
        self.notice("snapshot")
        return True

    def _is_settling(self, now: datetime) -> bool:
        midnight = datetime.combine(now.date(), time(), UTC)
        is_new_day = self.place.day is not None and self.place.day < now.date()
        return is_new_day and now < midnight + SETTLING

    def _behind(self) -> tuple[int, float]:
        records = max(0, self.journal.end() - self.place.position)
        if records == 0 or self.place.last_us == 0:
            return records, 0.0
        came = moment_of(self.place.last_us)
        return records, max(0.0, (self.clock() - came).total_seconds())

    def _look_at(self, tail: Tail) -> None:
        """Remember what is left out of a tail, and raise the alarm about what is damaged."""
        self.place.left_out.update(tail.left_out.tolist())
        for first, end in tail.damaged:
            self.place.damaged.append((first, end))
            self._alarm(
                f"damaged {first}",
                f"the journal's records {first} to {end - 1} are not as they were written and are "
                "not scored; restore the journal from a backup, then run `shrinkwatch score`",
            )

    def _alarm(self, about: str, sentence: str) -> None:
        if self.alarms.get(about) != sentence:
            _log.error(sentence)
        self.alarms[about] = sentence

    def _take(self, day: date, part: Tail, until: int, today: date) -> None:
        """Judge the part of a tail that arrived on this UTC day, closing the day before it."""
        place = self.place
        if place.is_closed(day):
            place.late += int(place.is_late(day, part.positions).sum())
            return
        if day > today:
            place.ahead[day] = place.ahead.get(day, 0) + len(part.batch)
            return
        if place.day is not None and day > place.day:
            self._close(place.day, until)
        if place.day is None:
            self._open(day)
        self._judge(part)

    def _open(self, day: date) -> None:
        self.place.open(day)
        self.hearing = Hearing(self.journal, day)
        self.replay.know(self.hearing.tables)

    def _judge(self, part: Tail) -> None:
        """Judge arrivals of the day that is open, and note what a replay would see otherwise."""
        assert self.hearing is not None
        place, start = self.place, 0
        if part.arrived_us[0] < place.last_us:
            place.unsettled.add("out of order")
        if any(microseconds(moment) <= place.last_us for moment in self.hearing.unheard()):
            place.unsettled.add("answered late")
        for tables, batch in self.hearing.cut(part.batch):
            if tables is not self.replay.tables:
                self.replay.know(tables)
            frame = self.replay.stream.advance(batch)
            judged = judge(self.rules, frame)
            self.replay.show(frame, judged, batch.tenders)
            self._answer(part.positions[start : start + len(batch)], batch, judged)
            start += len(batch)
        place.last_us = max(place.last_us, int(part.arrived_us[-1]))
        self.notice("judged")

    def _answer(self, positions: NDArray[np.int64], batch: Batch, judged: Judgement) -> None:
        receipts = batch.transactions.select("type", "status", "currency")
        self.answers.tell(Judged(positions, receipts, judged, self.replay.desk))

    def _close(self, day: date, until: int) -> None:
        """Close a UTC day of which everything before `until` was read."""
        self.notice("closing")
        self.aside.wait()
        self._note_revisions(day, until)
        damaged = any(end > self.place.opened_at for _, end in self.place.damaged)
        if self.place.unsettled and not damaged:
            _log.info("replaying %s, which was %s", day, ", ".join(sorted(self.place.unsettled)))
            self._replay_until(day, begins=False)
            return
        self._trust(day)
        self._commit(day, self.replay.close(day), tell=True)
        self.place.close(day, until)
        if not damaged:
            self._keep(day, until)

    def _note_revisions(self, day: date, until: int) -> None:
        place = self.place
        revised = self.journal.left_out(place.opened_at) - place.left_out
        if any(position < until for position in revised):
            place.unsettled.add("revised")
        if self.journal.arrives_after(day, until):
            place.unsettled.add("out of order")

    def _trust(self, day: date) -> None:
        """Let the model judge that is champion when the day closes; say when it cannot."""
        registry, columns = self.workspace.models, self.replay.desk.dossiers.columns
        self.replay.desk.opinion = trusted(registry, columns, day)
        self.alarms.pop("model", None)
        for doubt in doubts(registry, columns):
            self._alarm("model", doubt)

    def _commit(self, day: date, alerts: Sequence[Alert], *, tell: bool) -> None:
        self.kept.keep(day, self.replay.desk.dossiers)
        while True:
            try:
                self.store.close_day(day, self.place.position, alerts, tell=tell)
                break
            except Unreachable as trouble:  # a full disk; the till's records wait in the journal
                self._alarm("alerts", str(trouble))
                self.pause(_RETRY_S)
        self.alarms.pop("alerts", None)
        self.notice("committed")

    def _keep(self, day: date, until: int) -> None:
        """Have the shelf take the state of a closed day, from which `score` goes on.

        until: what of the journal is in it. Where something came late, `score` starts anew.
        """
        self.aside.wait()
        mark = self.journal.fingerprint(day, TABLES_THAT_JUDGE)
        if self.place.late or self.journal.arrives_after(day, until):
            mark = "something came late"
        replay, packed = self.replay, self.replay.desk.packed()
        snapshot = Snapshot(day, None, self.judge, mark)
        self.aside.start(lambda: self.shelf.keep(snapshot, replay.stream, replay.desk, packed))
        self.notice("kept")


def _by_day(tail: Tail) -> Iterator[tuple[date, slice]]:
    """Yield the UTC days of a tail in order, each with its rows."""
    days, starts = np.unique(tail.arrived_us // DAY_US, return_index=True)
    bounds = [*starts.tolist(), tail.arrived_us.size]
    for day, (start, end) in zip(days.tolist(), pairwise(bounds), strict=True):
        yield day_of(day), slice(start, end)


def _part(tail: Tail, some: slice) -> Tail:
    """Return these rows of a tail."""
    if some == slice(0, len(tail.batch)):
        return tail
    batch = tail.batch.take(np.arange(some.start, some.stop))
    nothing = tail.left_out[:0]
    return Tail(batch, tail.positions[some], tail.arrived_us[some], nothing, (), tail.until)
