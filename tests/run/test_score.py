"""Scoring again, in other chunks or from another day changes nothing that it should not change."""

import dataclasses
import shutil
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import msgspec
import polars as pl
import pytest

from shrinkwatch.features import labelled
from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.tables import Tables
from shrinkwatch.run import score as scoring
from shrinkwatch.run.score import Replay, score
from shrinkwatch.run.workspace import Workspace
from shrinkwatch.scoring.desk import Desk


@pytest.fixture(scope="module")
def eager(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small chain with a desk that lets nearly everything pass, for alerts to compare."""
    folder = shutil.copytree(workspace, tmp_path_factory.mktemp("eager") / "workspace")
    (folder / "shrinkwatch.toml").write_text(
        "[alerts]\nreview_cost = 0.0\nprobability_floor = 0.02\n"
    )
    score(Workspace.open(folder))
    return folder


@pytest.fixture
def copy(eager: Path, tmp_path: Path) -> Workspace:
    """The scored chain, to change at will."""
    return Workspace.open(shutil.copytree(eager, tmp_path / "copy"))


def documents(workspace: Workspace) -> bytes:
    return msgspec.json.encode(workspace.alerts.all())


def opened_on(alert: Alert) -> date:
    return alert.opened_at.date()


def test_the_chain_has_alerts_to_speak_of(copy: Workspace) -> None:
    assert len(copy.alerts.all()) >= 3


def test_scoring_again_changes_nothing(copy: Workspace) -> None:
    before = documents(copy)
    report = score(copy)
    assert (report.new, documents(copy)) == (0, before)


def test_any_chunk_gives_the_same_alerts(copy: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = documents(copy)
    copy.alerts.replace([])
    shutil.rmtree(copy.state, ignore_errors=True)
    monkeypatch.setattr(scoring, "CHUNK", 37)
    score(copy)
    assert documents(copy) == before


def test_since_warms_the_memory_and_leaves_earlier_alerts_alone(copy: Workspace) -> None:
    before = documents(copy)
    score(copy, since=copy.journal.days()[10])
    assert documents(copy) == before


def test_since_raises_only_what_opens_from_that_day_on(copy: Workspace) -> None:
    every = copy.alerts.all()
    since = sorted(opened_on(alert) for alert in every)[len(every) // 2]
    copy.alerts.replace([])
    score(copy, since=since)
    assert {a.alert_id for a in copy.alerts.all()} == {
        a.alert_id for a in every if opened_on(a) >= since
    }


def test_until_stops_and_a_later_run_goes_on_to_the_same_alerts(copy: Workspace) -> None:
    before = documents(copy)
    copy.alerts.replace([])
    shutil.rmtree(copy.state, ignore_errors=True)
    days = copy.journal.days()
    stopped = score(copy, until=days[12])
    assert all(opened_on(alert) <= days[12] for alert in copy.alerts.all())
    went_on = score(copy)
    assert (stopped.days, documents(copy)) == (13, before)
    assert went_on.days == len(days) - 13


def test_a_change_of_what_arrived_is_replayed_from_the_start(copy: Workspace) -> None:
    days = copy.journal.days()
    early = copy.journal.arrivals(days[0])
    renamed = early.transactions.with_columns(
        transaction_id=early.transactions["sequence"].cast(str) + "-late",
        tx_key=early.transactions["tx_key"] ^ 1,
    )
    copy.journal.append(dataclasses.replace(early, transactions=renamed))
    assert score(copy).days == len(days)


def test_nothing_loaded_is_nothing_scored(tmp_path: Path) -> None:
    (tmp_path / "shrinkwatch.toml").write_text("")
    report = score(Workspace.open(tmp_path))
    assert (report.days, report.transactions, report.raised) == (0, 0, 0)
    assert timedelta(seconds=report.seconds) < timedelta(minutes=1)


class Frames:
    """Keeps what the desk is shown."""

    def __init__(self) -> None:
        self.seen: list[pl.DataFrame] = []

    def see(self, frame: pl.DataFrame, *_: object) -> None:
        self.seen.append(frame)


def test_a_label_in_the_journal_is_known_of_its_till_from_the_next_day_on(copy: Workspace) -> None:
    journal, (first, second) = copy.journal, copy.journal.days()[:2]
    stolen = journal.arrivals(first).transactions[0]
    label = stolen.select(
        "source",
        "register_id",
        "business_date",
        "sequence",
        "transaction_id",
        row_id=pl.lit("1"),
        at=pl.col("arrived_at") + timedelta(hours=1),
        outcome=pl.lit("theft"),
        transaction_store_id=pl.col("store_id"),
    )
    journal.append_table("labels", label, stolen["arrived_at"][0])
    stream = FeatureStream.new(
        Tables(), look_up=partial(journal.receipts, columns=labelled.COLUMNS_READ)
    )
    shown = Frames()
    replay = Replay((), stream, Desk.new(()), Tables(), beside=[shown])
    told = []
    for day in (first, second):
        shown.seen.clear()
        replay.whole_day(journal, day)
        told.append(pl.concat(shown.seen).filter(register_key=stolen["register_key"][0]))
    assert told[0]["register_confirmed_28d"].null_count() == told[0].height
    assert set(told[1]["register_confirmed_28d"]) == {1}
