"""Who rang up what is asked of the journal, and one alert in ten goes to a second person."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import polars as pl
import pytest
from msgspec.structs import replace
from tests.scoring.test_conflicts import ALERT

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.labels import find_alert, label_alert, said, said_of
from shrinkwatch.run.opened import opened
from shrinkwatch.run.receipts import fetch_named

NOW = datetime(2026, 6, 1, tzinfo=UTC)
REST: dict[str, Any] = {"loss": None, "scheme": None, "at": None, "clock": lambda: NOW}


@pytest.fixture
def mine(workspace: Path, tmp_path: Path) -> Path:
    return Path(copytree(workspace, tmp_path / "mine"))


def test_who_rang_up_a_receipt_of_an_alert_does_not_answer_it(mine: Path) -> None:
    desk = opened(mine)
    alert = desk.alerts.all()[0]
    receipts = fetch_named(desk.journal, alert.transactions)
    key, receipt = next((k, r) for k, r in receipts.items() if r.operator_id is not None)
    with (mine / "shrinkwatch.toml").open("a") as settings:
        settings.write(
            f'\n[[labeller]]\nname = "kim"\nstore_id = "{key.store_id}"\n'
            f'operator_id = "{receipt.operator_id}"\n'
        )
    desk = opened(mine)
    label_alert(desk, alert.alert_id, "legitimate", by="kim", **REST)
    label_alert(desk, alert.alert_id, "theft", by="lee", **REST)
    told = said(desk, NOW)
    assert [one.by for one in told.barred] == ["kim"]
    assert told.outcomes == {alert.alert_id: "theft"}
    assert told.unnamed == ("lee",)


def test_what_was_said_later_is_not_known_before(mine: Path) -> None:
    desk = opened(mine)
    alert = desk.alerts.all()[0]
    label_alert(desk, alert.alert_id, "theft", by="kim", **REST)
    assert said(desk, datetime(2026, 5, 1, tzinfo=UTC)).outcomes == {}
    assert said(desk, NOW).outcomes == {alert.alert_id: "theft"}


def test_an_alert_is_found_by_the_beginning_of_its_id(
    workspace: Path, command: Callable[..., Any]
) -> None:
    every = opened(workspace).alerts.all()
    assert find_alert(every, f" {every[0].alert_id[:8].upper()} ") == every[0]
    with pytest.raises(Refused, match="write more of the id"):
        find_alert(every, "")
    with pytest.raises(Refused, match="no alerts yet"):
        find_alert([], "3f2a9c")


def test_one_in_ten_answered_alerts_goes_to_a_second_person(mine: Path) -> None:
    desk = opened(mine)
    raised = [replace(ALERT, alert_id=f"{n:020d}") for n in range(1_000)]
    labels = pl.DataFrame(
        {
            "row_id": [one.alert_id for one in raised],
            "alert_id": [one.alert_id for one in raised],
            "at": [NOW] * 1_000,
            "by": ["kim"] * 1_000,
            "outcome": ["theft"] * 1_000,
        }
    )
    desk.journal.append_table("labels", labels, NOW)
    tables, journal = desk.journal.tables(), desk.workspace.journal
    once = said_of(raised, tables, desk.settings, journal, NOW).again
    assert abs(len(once) - 100) < 29  # three deviations of a binomial count
    twice = labels.head(500).with_columns(by=pl.lit("lee"), row_id=pl.lit("x") + pl.col("row_id"))
    desk.journal.append_table("labels", twice, NOW)
    left = said_of(raised, desk.journal.tables(), desk.settings, journal, NOW).again
    assert set(left) == {id_ for id_ in once if int(id_) >= 500}
