"""`audit`: lists, anchors and verifies, and names the first bad row."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def mine(command: Command, tmp_path: Path) -> Path:
    """A workspace with three deeds in its log."""
    folder = tmp_path / "mine"
    command("init", folder)
    for sku in ("1", "2", "3"):
        words = ("--sku", sku, "--until", "2099-01-01", "--because", "recall")
        assert command("mute", *words, "-w", folder).exit_code == 0
    return folder


def test_it_lists_the_newest_and_those_of_a_person(
    command: Command, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "kim")
    words = ("--sku", "4", "--until", "2099-01-01", "--because", "recall")
    command("mute", *words, "-w", mine)
    rows = json.loads(command("audit", "--last", "2", "--json", "-w", mine).stdout)["rows"]
    assert [row["number"] for row in rows] == [3, 4]
    of_kim = json.loads(command("audit", "--who", "Kim", "--json", "-w", mine).stdout)["rows"]
    assert [row["number"] for row in of_kim] == [4]
    assert "mute made" in command("audit", "-w", mine).stdout
    assert "Nothing of them" in command("audit", "--who", "nobody", "-w", mine).stdout


def test_a_whole_log_verifies(command: Command, mine: Path) -> None:
    done = command("audit", "verify", "-w", mine)
    assert done.exit_code == 0
    assert "3 rows are what was written" in done.stdout


def test_the_first_bad_row_is_named_and_the_exit_is_1(command: Command, mine: Path) -> None:
    with sqlite3.connect(mine / "journal.sqlite") as file:
        file.execute("UPDATE audit SET detail = '{}' WHERE number = 2")
    done = command("audit", "verify", "-w", mine)
    assert done.exit_code == 1
    assert "row 2 of the audit log is bad" in " ".join(done.stderr.split())
    told = json.loads(command("audit", "verify", "--json", "-w", mine).stdout)
    assert (told["good"], told["verified"]["bad_row"]) == (False, 2)


def test_an_anchor_is_printed_to_be_kept_elsewhere(
    command: Command, mine: Path, tmp_path: Path
) -> None:
    mailed = tmp_path / "mail.txt"
    mailed.write_text(command("audit", "anchor", "-w", mine).stdout)
    assert mailed.read_text().startswith("3 ")
    with sqlite3.connect(mine / "journal.sqlite") as file:
        file.execute("DELETE FROM audit WHERE number = 3")
    (mine / "audit.anchors").unlink()
    assert command("audit", "verify", "-w", mine).exit_code == 0
    assert command("audit", "verify", "--anchors", mailed, "-w", mine).exit_code == 1
    mailed.write_text("3 abc def\n")
    said = command("audit", "verify", "--anchors", mailed, "-w", mine).stderr
    assert "anchor line 1 is not ours" in said


def test_the_anchors_go_where_the_settings_say(
    command: Command, mine: Path, tmp_path: Path
) -> None:
    with (mine / "shrinkwatch.toml").open("a") as settings:
        settings.write(f'\n[audit]\nanchors = "{tmp_path}/far/anchors"\n')
    text = (mine / "shrinkwatch.toml").read_text()
    (mine / "shrinkwatch.toml").write_text(text.replace("[audit]\n#", "#", 1))
    assert command("audit", "anchor", "-w", mine).exit_code == 0
    assert (tmp_path / "far" / "anchors").read_text().startswith("3 ")


def test_an_empty_log_says_so(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path / "new")
    assert "Nothing stands in the log" in command("audit", "-w", tmp_path / "new").stdout
    assert command("audit", "verify", "-w", tmp_path / "new").exit_code == 0
