"""`demo`: one command from nothing to a report."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.run.conftest import Played

Command = Callable[..., Any]
SMALL = ("--stores", "2", "--weeks", "1")


def test_one_command_ends_in_a_report(command: Command, played: Played) -> None:
    told = played.told
    assert (told["stores"], told["weeks"]) == (2, 1)
    assert told["transactions"] > 1000
    assert "A simulated chain" in Path(told["report"]).read_text("utf-8")
    again = command("demo", *SMALL, "--workspace", played.folder)
    assert again.exit_code == 0
    assert "The report:" in again.stdout


def test_somebodys_data_is_not_touched(command: Command, workspace: Path) -> None:
    result = command("demo", *SMALL, "--workspace", workspace)
    assert result.exit_code == 1
    assert "--workspace" in result.stderr
