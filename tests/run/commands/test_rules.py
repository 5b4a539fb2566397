"""`rules`: what is watched for, and whether it works."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shrinkwatch.run.settings import FILE_NAME

Command = Callable[..., Any]


def test_the_rules_that_ship_pass_their_own_examples(command: Command, tmp_path: Path) -> None:
    result = command("rules", "test", "--json", "--workspace", tmp_path)
    told = json.loads(result.stdout)
    assert (told["failed"], told["refused"]) == ([], [])
    assert told["examples"] >= told["rules"] >= 12
    assert result.exit_code == 0


def test_a_rule_is_switched_off_by_settings(command: Command, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('[rules]\noff = ["void_then_no_sale"]\n')
    told = json.loads(command("rules", "--json", "--workspace", tmp_path).stdout)
    on = {rule["id"]: rule["on"] for rule in told["rules"]}
    assert on["void_then_no_sale"] is False


def test_settings_that_name_no_rule_are_answered_with_the_nearest(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / FILE_NAME).write_text('[rules]\noff = ["void_then_nosale"]\n')
    result = command("rules", "--workspace", tmp_path)
    assert result.exit_code == 1
    assert "did you mean void_then_no_sale?" in result.stderr


def test_a_broken_rule_is_named_and_stops_nothing_else(command: Command, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.toml").write_text("id = 3")
    result = command("rules", "--workspace", tmp_path)
    assert result.exit_code == 0
    assert "mine.toml is not used" in result.stderr
    assert "void_then_no_sale" in result.stdout
    assert command("rules", "test", "--workspace", tmp_path).exit_code == 1
