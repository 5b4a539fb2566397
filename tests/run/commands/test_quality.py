"""`quality`: figures with their intervals, and `unknown` where nobody knows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from tests.scoring.test_conflicts import ALERT

from shrinkwatch.run.workspace import Workspace

Command = Callable[..., Any]


def test_without_answers_it_says_unknown_and_why(command: Command, workspace: Path) -> None:
    shown = " ".join(command("quality", "-w", workspace).stdout.split())
    assert "alerts that are right (precision) unknown" in shown
    assert "have an answer, and 10 are needed" in shown
    document = json.loads(command("quality", "--json", "-w", workspace).stdout)
    assert document["precision"] == {"value": None, "low": None, "high": None}


def test_answers_become_figures_with_intervals(command: Command, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    command("init", mine)
    raised = [replace(ALERT, alert_id=f"{n:020d}") for n in range(20)]
    Workspace.open(mine).alerts.put(raised)
    rows = [
        f"2026-03-09T00:00:00Z,kim,{'theft' if n else 'error'},{one.alert_id}"
        for n, one in enumerate(raised)
    ]
    file = tmp_path / "cases.csv"
    file.write_text("\n".join(["at,by,outcome,alert_id", *rows]) + "\n")
    assert command("label", file, "-w", mine).exit_code == 0
    document = json.loads(command("quality", "--json", "-w", mine).stdout)
    assert document["precision"]["value"] == 0.95
    # Wilson's interval of 19 of 20, worked out by hand
    assert round(document["precision"]["low"], 4) == 0.7639
    assert round(document["precision"]["high"], 4) == 0.9911
    shown = command("quality", "-w", mine).stdout
    assert "kim" in shown
    assert "95.0%" in shown
