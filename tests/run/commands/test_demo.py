"""`demo`: one command from nothing to a report."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]
SMALL = ("--stores", "2", "--weeks", "1")


def test_one_command_ends_in_a_report(command: Command, tmp_path: Path) -> None:
    first = command("demo", *SMALL, "--json", "--workspace", tmp_path / "demo")
    told = json.loads(first.stdout)
    assert (told["stores"], told["weeks"]) == (2, 1)
    assert told["transactions"] > 1000
    assert "A simulated chain" in Path(told["report"]).read_text("utf-8")
    again = command("demo", *SMALL, "--workspace", tmp_path / "demo")
    assert again.exit_code == 0
    assert "The report:" in again.stdout


def test_somebodys_data_is_not_touched(command: Command, workspace: Path) -> None:
    result = command("demo", *SMALL, "--workspace", workspace)
    assert result.exit_code == 1
    assert "--workspace" in result.stderr
