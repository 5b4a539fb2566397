"""`check`: what is wrong, and what to do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shrinkwatch.run.settings import FILE_NAME

Command = Callable[..., Any]


def test_a_healthy_workspace_has_nothing_wrong(command: Command, workspace: Path) -> None:
    result = command("check", "--json", "--workspace", workspace)
    told = json.loads(result.stdout)
    assert [answer for answer in told["answers"] if answer["level"] == "wrong"] == []
    assert (told["wrong"], result.exit_code) == (0, 0)


def test_what_is_wrong_comes_with_what_to_do(command: Command, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("[alerts]\nper_store_weak = 3\n")
    result = command("check", "--workspace", tmp_path)
    assert result.exit_code == 1
    assert "did you mean" in result.stdout
    assert FILE_NAME in result.stdout


def test_an_empty_workspace_is_told_to_load(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    told = json.loads(command("check", "--json", "--workspace", tmp_path).stdout)
    assert {"no transactions"} <= {answer["says"] for answer in told["answers"]}
    assert "shrinkwatch load FILE" in {answer["do"] for answer in told["answers"]}
