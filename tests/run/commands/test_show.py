"""`show`: a subject's weeks beside its peers'."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_an_alerts_subject_is_found_by_the_alerts_id(command: Command, workspace: Path) -> None:
    document = json.loads(command("alerts", "--json", "--workspace", workspace).stdout)
    alert = document["alerts"][0]
    words = ("show", alert["alert_id"][:6], "--json", "--workspace", workspace)
    told = json.loads(command(*words).stdout)
    assert told["subject"] == alert["subject"]
    assert alert["alert_id"] in {one["alert_id"] for one in told["alerts"]}
    assert len(told["history"]["weeks"]) == 3


def test_the_table_sets_weeks_beside_peers(command: Command, workspace: Path) -> None:
    document = json.loads(command("alerts", "--json", "--workspace", workspace).stdout)
    id_ = document["alerts"][0]["alert_id"][:6]
    shown = command("show", id_, "--workspace", workspace).stdout
    assert "typical" in shown
    assert "other operators with the role" in shown


def test_a_stranger_is_explained(command: Command, workspace: Path) -> None:
    result = command("show", "operator:nowhere/1", "--workspace", workspace)
    assert result.exit_code == 1
    assert "knows no operator 1" in result.stderr
