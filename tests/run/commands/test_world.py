"""`world`: the files of a chain, and what a reader of the contract makes of a poor feed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shrinkwatch.run.commands.world import FeedProfile
from shrinkwatch.world.profiles import PROFILES

Command = Callable[..., Any]
SMALL = ("--stores", "1", "--weeks", "1")


def test_every_profile_can_be_named() -> None:
    assert [profile.value for profile in FeedProfile] == list(PROFILES)


def test_it_says_what_it_wrote(command: Command, tmp_path: Path) -> None:
    result = command("world", *SMALL, "--out", tmp_path / "chain")
    assert result.exit_code == 0
    assert "transactions.ndjson.zst" in result.stdout
    assert (tmp_path / "chain" / "stock_moves.csv").exists()


@pytest.mark.parametrize("profile", ["full", "naive_times", "header_only"])
def test_what_it_writes_can_be_loaded(command: Command, tmp_path: Path, profile: str) -> None:
    place = tmp_path / "home"
    made = command("world", *SMALL, "--profile", profile, "--workspace", place, "--json")
    told = json.loads(made.stdout)
    assert Path(told["folder"]) == place / "chain"
    answers = {"incidents.csv", "lookalikes.csv", "stock_causes.csv"}
    files = [place / "chain" / name for name in told["made"]["rows"] if name not in answers]
    assert command("init", tmp_path / "desk").exit_code == 0
    loaded = command("load", *files, "--workspace", tmp_path / "desk", "--json")
    report = json.loads(loaded.stdout)["load"]
    assert report["accepted"] == told["made"]["rows"]["transactions.ndjson.zst"]
    assert report["rejected"] == {}
    assert report["findings"] == {}
    assert len(report["tables"]) == len(files) - 1


def test_somebodys_folder_is_refused(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("")
    result = command("world", *SMALL, "--out", tmp_path)
    assert result.exit_code == 1
    assert "--out" in result.stderr


def test_an_unknown_profile_is_wrong_usage(command: Command, tmp_path: Path) -> None:
    assert command("world", "--profile", "pretty", "--out", tmp_path).exit_code == 2
