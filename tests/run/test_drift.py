"""Drift in a workspace: read from the journal and the answers of a small loaded chain."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from shrinkwatch.run.drift import drift
from shrinkwatch.run.opened import Opened, opened

Command = Callable[..., Any]


@pytest.fixture
def desk(workspace: Path) -> Opened:
    return opened(workspace)


def newest(desk: Opened) -> datetime:
    last = desk.journal.arrivals(desk.journal.days()[-1])
    found: datetime = last.transactions["ended_at"].max()  # type: ignore[assignment]
    return found


def test_the_newest_closed_day_is_set_beside_the_days_before(desk: Opened) -> None:
    last = desk.journal.days()[-1]
    found = drift(desk, lambda: datetime(last.year, last.month, last.day, 23, tzinfo=UTC))
    assert found.day == desk.journal.days()[-2]
    features = {one.feature for one in found.shifts}
    assert {"refunds", "tenders", "entries", "prices", "cancelled"} <= features
    assert {one.store_id for one in found.shifts} >= {None}
    prices = [one for one in found.shifts if one.feature == "prices" and one.store_id is None]
    assert prices[0].shifted is not None


def test_a_chain_that_sends_is_looked_at_store_by_store(desk: Opened) -> None:
    now = newest(desk)
    found = drift(desk, lambda: now)
    assert found.newest == now
    assert found.silent == ()


def test_when_nothing_comes_any_more_no_store_is_singled_out(desk: Opened) -> None:
    found = drift(desk, lambda: newest(desk) + timedelta(days=2))
    assert found.silent is None
    assert drift(desk, lambda: newest(desk) + timedelta(days=400)).newest is None


def test_without_answers_precision_is_unknown(desk: Opened) -> None:
    states = {one.about: one.state for one in drift(desk, lambda: newest(desk)).watched}
    assert states["precision"] == states["calibration"] == states["label_delay"] == "unknown"


def test_answers_of_the_label_table_are_read_and_a_person_s_latest_counts(
    command: Command, workspace: Path, tmp_path: Path
) -> None:
    chain = tmp_path / "chain"
    shutil.copytree(workspace, chain)
    desk = opened(chain)
    alerts = desk.alerts.all()
    assert alerts
    opened_at = alerts[0].opened_at
    told = [("error", 4), ("theft", 6)]
    frame = pl.DataFrame(
        [
            (
                alerts[0].alert_id,
                f"{opened_at + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}",
                "me",
                said,
            )
            for said, days in told
        ],
        schema=["alert_id", "at", "by", "outcome"],
        orient="row",
    )
    frame.write_csv(tmp_path / "labels.csv")
    done = command("load", tmp_path / "labels.csv", "--as", "labels", "--workspace", chain)
    assert done.exit_code == 0, done.output
    now = opened_at + timedelta(days=7)
    watched = {one.about: one for one in drift(opened(chain), lambda: now).watched}
    assert watched["label_delay"].value == 6.0
    assert watched["precision"].state == "unknown"
    assert watched["precision"].says.startswith("1 recent answers are too few")


def test_an_empty_workspace_knows_nothing(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    found = drift(opened(tmp_path), lambda: datetime(2026, 3, 2, tzinfo=UTC))
    assert (found.day, found.newest, found.shifts, found.silent) == (None, None, (), None)
    assert {one.state for one in found.watched} == {"unknown"}
    assert found.changed == 0
    result = command("models", "drift", "--json", "--workspace", tmp_path)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["drift"]["day"] is None
    shown = command("models", "drift", "--workspace", tmp_path).stdout
    assert "steady" not in shown
    assert "unknown" in shown


def test_a_new_tender_in_the_feed_is_found_on_its_day(command: Command, tmp_path: Path) -> None:
    """Twenty days of 200 receipts in cash or by card; on the last a tenth by a new tender."""
    command("init", tmp_path)
    days = [date(2026, 3, 2) + timedelta(days=place) for place in range(20)]
    lines = []
    for day in days:
        for number in range(200):
            kind = (
                "account"
                if day == days[-1] and number % 10 == 0
                else ("cash", "credit")[number % 2]
            )
            lines.append(json.dumps({
                "source": "pos", "store_id": "S1", "type": "sale", "currency": "GBP", "net": "3.00",
                "transaction_id": f"{day}-{number}",
                "ended_at": f"{day}T10:{number // 60:02d}:{number % 60:02d}Z",
                "tenders": [{"type": kind, "amount": "3.00"}],
            }))  # fmt: skip
    (tmp_path / "feed.ndjson").write_text("\n".join(lines))
    assert command("load", tmp_path / "feed.ndjson", "--workspace", tmp_path).exit_code == 0
    found = drift(opened(tmp_path), lambda: datetime(2026, 3, 22, 6, tzinfo=UTC))
    moved = [(one.store_id, one.feature, one.bin) for one in found.shifts if one.shifted]
    assert moved == [("S1", "tenders", "account")]
    result = command("models", "drift", "--workspace", tmp_path)
    assert result.exit_code == 1
    assert "account" in result.stdout
