"""`notify`: shows what would be sent, sends it, and shows what was parked."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.adapters.targets import HOST, Target, serving
from tests.scoring.test_conflicts import ALERT

from shrinkwatch.run.audit import audit_log
from shrinkwatch.run.notify.routes import router
from shrinkwatch.run.opened import opened

Command = Callable[..., Any]


@pytest.fixture
def target() -> Iterator[Target]:
    with serving() as made:
        yield made


@pytest.fixture
def mine(command: Command, tmp_path: Path, target: Target) -> Path:
    """A workspace with a channel, and an alert that was just raised."""
    folder = tmp_path / "mine"
    command("init", folder)
    (folder / "keys").mkdir()
    (folder / "keys" / "own.url").write_text(f"{target.address}/in#hush")
    (folder / "keys" / "own.url").chmod(0o600)
    text = (folder / "shrinkwatch.toml").read_text("utf-8").replace("[messages]\n", "")
    channel = '[[notify]]\nname = "own"\nurl_file = "keys/own.url"\ntells = "reasons"\n'
    allowed = f'[messages]\nallow_hosts = ["{HOST}"]\n'
    (folder / "shrinkwatch.toml").write_text(f"{text}\n{allowed}\n{channel}", "utf-8")
    workspace = opened(folder).workspace
    fresh = replace(ALERT, opened_at=datetime.now(UTC))
    workspace.alerts.replace([fresh], (router(workspace),))
    return folder


def test_a_rehearsal_shows_the_words_and_sends_nothing(
    command: Command, mine: Path, target: Target
) -> None:
    shown = command("notify", "--dry-run", "-w", mine)
    assert shown.exit_code == 0
    assert "own" in shown.stdout
    assert "A lead, not a finding" in shown.stdout
    told = json.loads(command("notify", "--dry-run", "--json", "-w", mine).stdout)
    assert [one["message"]["id"] for one in told["messages"]] == ["own/a1b2c3d4"]
    assert target.connections == 0
    assert next(audit_log(opened(mine).workspace).rows(last=1)).what == "alert_shown"


def test_it_sends_what_is_due_once(command: Command, mine: Path, target: Target) -> None:
    done = command("notify", "--once", "-w", mine)
    assert (done.exit_code, done.stdout.strip()) == (0, "own: 1 sent")
    again = command("notify", "--once", "--json", "-w", mine)
    assert json.loads(again.stdout)["channels"][0]["sent"] == 0
    assert len(target.asked) == 1
    assert "No message waits" in command("notify", "list", "-w", mine).stdout
    assert "No message waits" in command("notify", "--dry-run", "-w", mine).stdout


def test_what_is_parked_is_listed_with_its_reason_and_released(
    command: Command, mine: Path, target: Target
) -> None:
    target.answer = lambda _: (404, {}, b"")
    done = command("notify", "--once", "-w", mine)
    assert done.exit_code == 1
    assert "1 parked" in done.stdout
    listed = " ".join(command("notify", "list", "-w", mine).stdout.split())
    assert "parked" in listed
    assert "answered 404" in listed
    (row,) = json.loads(command("notify", "list", "--json", "-w", mine).stdout)["messages"]
    assert row["state"] == "parked"
    checked = json.loads(command("check", "--json", "-w", mine).stdout)["answers"]
    (found,) = [one for one in checked if one["about"] == "messages"]
    assert found["level"] == "wrong"
    assert "answered 404" in found["says"]
    assert "0 parked messages" in command("notify", "release", "ffff", "-w", mine).stdout
    assert "1 parked messages" in command("notify", "release", "a1b2", "-w", mine).stdout
    target.answer = lambda _: (200, {}, b"")
    assert "1 sent" in command("notify", "--once", "-w", mine).stdout
    assert next(audit_log(opened(mine).workspace).rows(last=1)).what == "message_released"


def test_check_names_channels_and_hooks_that_cannot_be_opened(command: Command, mine: Path) -> None:
    hook = '\n[[hook]]\nname = "till"\nvendor = "stripe"\nsecrets_file = "keys/none"\n'
    with (mine / "shrinkwatch.toml").open("a") as settings:
        settings.write(hook)
    (mine / "keys" / "own.url").chmod(0o644)
    checked = json.loads(command("check", "--json", "-w", mine).stdout)["answers"]
    wrong = {one["about"]: one["says"] for one in checked if one["level"] == "wrong"}
    assert "chmod 600" in wrong["messages"]
    assert "hush" not in wrong["messages"]
    assert "keys/none cannot be read" in wrong["hooks"]
    (mine / "keys" / "own.url").chmod(0o600)
    checked = json.loads(command("check", "--json", "-w", mine).stdout)["answers"]
    said = [one["says"] for one in checked if one["about"] == "messages"]
    assert said == ["none is parked, 1 wait"]


def test_without_a_channel_it_says_how_to_name_one(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path / "new")
    assert "[[notify]]" in command("notify", "-w", tmp_path / "new").stdout
    assert json.loads(command("notify", "--json", "-w", tmp_path / "new").stdout) == {
        "channels": []
    }


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ('quiet = "21-7"', "quiet"),
        ('quiet = "07:00-07:00"', "07:00-07:00 is no time at all, or always"),
        ('digest = "25:00"', "digest"),
        ('severity = "grave"', "severity"),
        ('store = ["S1"]', "did you mean notify.stores?"),
        ('[[notify]]\nname = "own"\nurl_file = "x"', "own stands there twice"),
    ],
)
def test_a_wrong_setting_is_named(command: Command, mine: Path, setting: str, says: str) -> None:
    with (mine / "shrinkwatch.toml").open("a") as settings:
        settings.write(setting + "\n")
    done = command("notify", "--once", "-w", mine)
    assert done.exit_code == 1
    assert says in " ".join(done.stderr.split())
