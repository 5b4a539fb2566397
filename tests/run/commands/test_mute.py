"""`mute`: a known cause is written down, with its end and its reason."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from shrinkwatch.run import settings

Command = Callable[..., Any]


def test_a_mute_is_written_and_listed(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    words = ("--sku", "4711", "--until", "2099-03-31", "--because", "recall", "-w", tmp_path)
    assert command("mute", *words).exit_code == 0
    assert settings.read(tmp_path).mute[0].until == date(2099, 3, 31)
    assert "sku 4711" in command("mute", "-w", tmp_path).stdout
    listed = json.loads(command("mute", "--json", "-w", tmp_path).stdout)
    assert listed == {"mutes": [{"until": "2099-03-31", "because": "recall", "sku": "4711"}]}


def test_without_mutes_it_says_how(command: Command, tmp_path: Path) -> None:
    assert "--help" in command("mute", "-w", tmp_path).stdout


def test_a_mute_without_end_or_reason_is_wrong_usage(command: Command, tmp_path: Path) -> None:
    assert command("mute", "--sku", "4711", "-w", tmp_path).exit_code == 2
    assert command("mute", "--until", "2026-01-01", "--because", "x").exit_code == 2


def test_an_unknown_id_is_answered_with_the_nearest(command: Command, tmp_path: Path) -> None:
    tail = ("--until", "2099-01-01", "--because", "x", "-w", tmp_path)
    assert "void_then_no_sale" in command("mute", "--rule", "void_then_nosale", *tail).stderr
    assert "post_void" in command("mute", "--scheme", "post_voids", *tail).stderr


def test_a_subject_may_be_written_with_its_store(command: Command, tmp_path: Path) -> None:
    tail = ("--until", "2099-01-01", "--because", "x", "-w", tmp_path)
    assert command("mute", "--subject", "operator:S7/104", *tail).exit_code == 0
    (mute,) = settings.read(tmp_path).mute
    assert (mute.subject, mute.store) == ("104", "S7")
