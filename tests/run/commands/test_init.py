"""`init`: a workspace, once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shrinkwatch.run.settings import FILE_NAME

Command = Callable[..., Any]


def test_it_says_what_comes_next(command: Command, tmp_path: Path) -> None:
    result = command("init", tmp_path / "chain")
    assert "shrinkwatch load" in result.stdout
    assert (tmp_path / "chain" / FILE_NAME).is_file()


def test_twice_is_no_error_and_no_change(command: Command, tmp_path: Path) -> None:
    first = json.loads(command("init", tmp_path / "chain", "--json").stdout)
    second = json.loads(command("init", tmp_path / "chain", "--json").stdout)
    assert (first["made"], second["made"]) == (True, False)


def test_a_file_in_the_way_fails_with_a_sentence(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert command("init", tmp_path / "file").exit_code == 2
    result = command("init", tmp_path / "file" / "inside")
    assert result.exit_code == 1
    assert "choose a folder" in result.stderr


def test_without_a_place_the_workspace_is_made_where_the_option_says(
    command: Command, tmp_path: Path
) -> None:
    assert command("init", "--workspace", tmp_path / "chain").exit_code == 0
    assert (tmp_path / "chain" / FILE_NAME).is_file()
