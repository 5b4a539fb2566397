"""A chain whose last days arrive live, and a replay of the same journal to compare with."""

import shutil
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from shrinkwatch.adapters.stores.live import StoredLive
from shrinkwatch.journal.days import moment_of
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.tables import TABLE_KEYS
from shrinkwatch.rules.judge import Judgement
from shrinkwatch.run.live.loop import Live
from shrinkwatch.run.rulebook import rules_on
from shrinkwatch.run.score import Replay, begin, score
from shrinkwatch.run.settings import read
from shrinkwatch.run.snapshot import Shelf, judge_of
from shrinkwatch.run.workspace import Workspace

EAGER = "[alerts]\nreview_cost = 0.0\nprobability_floor = 0.02\n"
"""A desk that lets nearly everything pass, for alerts to compare."""

HISTORY_DAYS = 14


@dataclass
class Watch:
    """A clock that is set by hand."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Seen:
    """Keeps what a desk is shown."""

    frames: list[pl.DataFrame] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)

    def see(self, frame: pl.DataFrame, judged: Judgement, _tenders: object = None) -> None:
        self.frames.append(frame)
        self.judgements.append(judged)

    def rows(self) -> pl.DataFrame:
        """Return every row's features and what the rules said of it, in order."""
        fired = np.concatenate([one.fired for one in self.judgements])
        at_risk = np.concatenate([one.at_risk for one in self.judgements])
        loss = np.concatenate([one.loss_minor for one in self.judgements])
        return pl.concat(self.frames).with_columns(
            *(pl.Series(f"fired {n}", fired[:, n]) for n in range(fired.shape[1])),
            *(pl.Series(f"at risk {n}", at_risk[:, n]) for n in range(fired.shape[1])),
            *(pl.Series(f"loss {n}", loss[:, n]) for n in range(fired.shape[1])),
        )


def state_of(replay: Replay, folder: Path) -> dict[str, object]:
    """Return what is remembered: of the features every file, of the desk what it goes on from.

    How the desk numbers its places depends on the batches, and nothing on those numbers.
    """
    replay.stream.save(folder)
    files = (path for path in folder.rglob("*") if path.is_file())
    state: dict[str, object] = {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(files)
    }
    desk = replay.desk
    for name in ("parents", "closed_days", "shown", "opened", "budget", "audit", "priors"):
        state[name] = deepcopy(getattr(desk, name))
    state["weights"] = desk.weights.shapes
    state["totals"] = desk.evidence.chances.totals.sort(pl.all()).rows()
    return state


@dataclass
class Chain:
    """A workspace to which a chain's records are given as they happen."""

    workspace: Workspace
    history: Workspace
    arrivals: dict[date, Batch]
    watch: Watch
    seen: Seen = field(default_factory=Seen)

    @property
    def days(self) -> list[date]:
        """The days that arrive live."""
        return list(self.arrivals)

    def begin(self, **further: object) -> Live:
        """Return live scoring as it starts now."""
        store = StoredLive(self.workspace.alerts.database)
        live = Live.begin(self.workspace, store, self.watch, **further)  # type: ignore[arg-type]
        live.replay.beside = (self.seen,)
        return live

    def send(self, batch: Batch, live: Live | None = None) -> None:
        """Append these records at the time of the last of them, and let live scoring step."""
        self.workspace.journal.append(batch)
        came = batch.transactions["arrived_at"].to_physical().to_numpy()
        self.watch.now = max(self.watch.now, moment_of(int(came.max())))
        if live is not None:
            live.step()

    def send_day(self, day: date, live: Live, sizes: Iterator[int]) -> None:
        """Send a day's records in batches of these sizes."""
        for some in parts(self.arrivals[day], sizes):
            self.send(some, live)

    def end_of(self, day: date, live: Live) -> None:
        """Let the day be over."""
        self.watch.now = datetime.combine(day, time(), UTC) + timedelta(days=1, seconds=5)
        while live.step():
            pass
        live.step()
        live.aside.wait()

    def alerts(self) -> bytes:
        return msgspec.json.encode(self.workspace.alerts.all())


def parts(batch: Batch, sizes: Iterator[int]) -> Iterator[Batch]:
    start = 0
    while start < len(batch):
        end = min(len(batch), start + next(sizes))
        yield batch.take(np.arange(start, end))
        start = end


def at_random(seed: int, most: int = 120) -> Iterator[int]:
    rng = np.random.default_rng(seed)
    while True:
        yield int(rng.integers(1, most)) if rng.random() < 0.8 else 1


@dataclass
class Replayed:
    """What a replay of a journal from the start came to. alerts: of the days given."""

    alerts: bytes
    rows: pl.DataFrame
    state: dict[str, object]


def replayed(chain: Chain, days: Sequence[date], folder: Path) -> Replayed:
    """Replay these days, the journal's last, from the history's state; rows: of these days."""
    settings, journal, seen = read(chain.workspace.folder), chain.workspace.journal, Seen()
    rules, scoring = rules_on(chain.workspace.folder, settings), settings.scoring()
    shelf = Shelf(shutil.copytree(chain.history.state, folder / "shelf"))
    known = chain.history.journal.days()
    judge = judge_of(rules, scoring)
    found = shelf.find(journal, judge, None, known, late_too=False)
    assert found is not None
    replay = begin(journal, shelf, found, rules, scoring)
    replay.beside = (seen,)
    alerts = {alert.alert_id: alert for alert in chain.history.alerts.all()}
    for day in days:
        _, new = replay.whole_day(journal, day)
        alerts |= {alert.alert_id: alert for alert in new}
    order = sorted(alerts.values(), key=lambda a: (-a.probability * a.expected_loss, a.alert_id))
    return Replayed(msgspec.json.encode(order), seen.rows(), state_of(replay, folder / "state"))


@pytest.fixture(scope="session")
def half(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A workspace that holds the first two weeks, scored, and the folder of the whole chain."""
    whole = Workspace.open(workspace)
    folder = tmp_path_factory.mktemp("half") / "workspace"
    folder.mkdir()
    (folder / "shrinkwatch.toml").write_text(EAGER)
    half = Workspace.open(folder)
    days = whole.journal.days()
    beginning = datetime(1970, 1, 1, tzinfo=UTC)
    tables = whole.journal.tables()
    for kind in TABLE_KEYS:
        if tables[kind].height:
            half.journal.append_table(kind, tables[kind], beginning)
    for day in days[:HISTORY_DAYS]:
        half.journal.append(whole.journal.arrivals(day))
    score(half)
    half.close()
    return folder, workspace


@pytest.fixture
def chain(half: tuple[Path, Path], tmp_path: Path) -> Chain:
    """Two weeks of history, and four days that arrive live."""
    folder, whole = half
    journal = Workspace.open(whole).journal
    live_days = journal.days()[HISTORY_DAYS : HISTORY_DAYS + 4]
    arrivals = {day: journal.arrivals(day) for day in live_days}
    copy = Workspace.open(shutil.copytree(folder, tmp_path / "live"))
    return Chain(
        copy,
        Workspace.open(folder),
        arrivals,
        Watch(datetime.combine(live_days[0], time(0, 0, 5), UTC)),
    )
