"""`score`: again and again with the same result."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_scoring_again_changes_nothing(command: Command, workspace: Path) -> None:
    before = command("alerts", "--json", "--workspace", workspace).stdout
    told = json.loads(command("score", "--json", "--workspace", workspace).stdout)
    assert told["new"] == 0
    assert command("alerts", "--json", "--workspace", workspace).stdout == before


def test_a_person_is_told_that_nothing_changed(command: Command, workspace: Path) -> None:
    command("score", "--workspace", workspace)
    shown = command("score", "--workspace", workspace).stdout
    assert "Nothing has arrived or changed" in shown


def test_without_transactions_it_says_what_comes_first(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    assert "shrinkwatch load FILE" in command("score", "--workspace", tmp_path).stdout


def test_days_that_end_before_they_begin_are_wrong_usage(command: Command, workspace: Path) -> None:
    days = ("--since", "2026-03-09", "--until", "2026-03-02")
    assert command("score", *days, "--workspace", workspace).exit_code == 2
