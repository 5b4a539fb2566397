"""`shrinkwatch keys`: a secret is shown once, and never kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from shrinkwatch.run.audit import audit_log
from shrinkwatch.run.workspace import Workspace


@pytest.fixture
def desk(tmp_path: Path, command: Any) -> Path:
    assert command("init", tmp_path / "desk").exit_code == 0
    return tmp_path / "desk"


def test_a_key_is_made_listed_and_revoked(desk, command):
    words = ("--store", "S7", "--register", "3", "--send", "transactions", "--send", "shifts")
    made = json.loads(command("keys", "add", "till 3", *words, "-w", desk, "--json").stdout)
    key_id = made["key"]["key_id"]
    assert (made["key"]["stores"], made["key"]["registers"]) == (["S7"], ["3"])
    listed = command("keys", "list", "-w", desk)
    assert key_id in listed.stdout
    assert made["secret"] not in listed.stdout
    assert command("keys", "revoke", key_id, "-w", desk).exit_code == 0
    (known,) = json.loads(command("keys", "list", "-w", desk, "--json").stdout)["keys"]
    assert known["revoked_at"]
    again = command("keys", "revoke", key_id, "-w", desk)
    assert (again.exit_code, "no key" in again.output) == (1, True)


def test_the_secret_is_nowhere_in_the_workspace(desk, command):
    made = json.loads(command("keys", "add", "till", "--every-store", "-w", desk, "--json").stdout)
    for file in desk.rglob("*"):
        if file.is_file():
            assert made["secret"].encode() not in file.read_bytes(), file


def test_who_made_it_is_in_the_audit_log(desk, command):
    command("keys", "add", "till", "--every-store", "-w", desk)
    assert [row.what for row in audit_log(Workspace.open(desk)).rows()][-1] == "key_added"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "say for whom it speaks"),
        (("--store", "S1", "--every-store"), "say for whom it speaks"),
        (("--store", "S1", "--send", "gossip"), "nothing called gossip"),
    ],
)
def test_what_is_unclear_is_asked(desk, command, words, says):
    told = command("keys", "add", "till", *words, "-w", desk)
    assert told.exit_code == 2
    assert says in told.output
