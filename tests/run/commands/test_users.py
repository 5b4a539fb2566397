"""`shrinkwatch users`: who may log in; no password is ever shown or kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from shrinkwatch.run.audit import audit_log
from shrinkwatch.run.cli import app
from shrinkwatch.run.workspace import Workspace

PASSWORD = "four words in a row"


@pytest.fixture
def desk(tmp_path: Path, command: Any) -> Path:
    assert command("init", tmp_path / "desk").exit_code == 0
    return tmp_path / "desk"


def add(desk: Path, *words: str, password: str = PASSWORD) -> Result:
    line = ["users", "add", *words, "-w", str(desk)]
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, line, input=password + "\n")


def test_somebody_is_let_in_listed_and_locked_out(desk, command):
    made = add(desk, "kim", "--role", "investigator", "--every-store")
    assert made.exit_code == 0, made.output
    add(desk, "lee", "--role", "manager", "--store", "S7")
    listed = json.loads(command("users", "list", "-w", desk, "--json").stdout)["users"]
    assert listed == [
        {"user": "kim", "role": "investigator", "stores": None},
        {"user": "lee", "role": "manager", "stores": ["S7"]},
    ]
    twice = add(desk, "kim", "--role", "admin", "--every-store")
    assert (twice.exit_code, "already" in twice.output) == (1, True)
    assert command("users", "revoke", "kim", "-w", desk).exit_code == 0
    assert command("users", "revoke", "kim", "-w", desk).exit_code == 1
    assert add(desk, "kim", "--role", "analyst", "--every-store").exit_code == 0


def test_no_password_is_kept_and_no_name_in_the_audit_log(desk, command):
    add(desk, "kim", "--role", "investigator", "--every-store")
    for file in desk.rglob("*"):
        if file.is_file():
            assert PASSWORD.encode() not in file.read_bytes(), file
    last = list(audit_log(Workspace.open(desk)).rows())[-1]
    assert last.what == "user_added"
    assert "kim" not in f"{last.about} {last.who} {last.detail}"


def test_a_weak_password_is_refused(desk):
    told = add(desk, "kim", "--role", "admin", "--every-store", password="short")
    assert (told.exit_code, "12 to 256" in told.output) == (1, True)


def test_nobody_sees_everything_by_default(desk):
    assert add(desk, "kim", "--role", "admin").exit_code == 2
