"""`rules`: what is watched for, and whether it works."""

import json
import shutil
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


def test_each_rule_is_one_line_with_its_sentence_below(command: Command, tmp_path: Path) -> None:
    lines = command("rules", "--workspace", tmp_path).stdout.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("on  void_then_no_sale "))
    assert lines[place].endswith("scheme void_then_no_sale, counted per operator")
    assert lines[place + 1].startswith("    N of M ")


def test_without_incidents_no_lift_can_be_measured(command: Command, workspace: Path) -> None:
    result = command("rules", "lift", "--workspace", workspace)
    assert result.exit_code == 1
    assert "no incidents are loaded" in result.stderr


def test_the_lift_is_measured_on_the_known_thefts(
    command: Command, workspace: Path, feed: Path, tmp_path: Path
) -> None:
    chain = tmp_path / "chain"
    shutil.copytree(workspace, chain)
    command("load", feed / "incidents.csv", "--workspace", chain)
    honest = ("--lookalikes", feed / "lookalikes.csv")
    told = json.loads(command("rules", "lift", *honest, "--json", "--workspace", chain).stdout)
    by_rule = {one["rule"]: one for one in told["lifts"]}
    planted = by_rule["void_then_no_sale"]
    assert planted["lift"] > planted["low"] > 1
    assert planted["thefts"] <= planted["fired"] <= planted["exposed"]
    assert all(0 <= share <= 1 for share in planted["lookalikes"].values())
    quiet = [one for one in told["lifts"] if one["fired"] == 0]
    assert quiet
    assert all(one["lift"] is None for one in quiet)
    shown = command("rules", "lift", "--workspace", chain).stdout
    assert "void_then_no_sale" in shown
    assert "never fired" in shown


def test_the_columns_that_a_rule_may_name_are_listed(command: Command, tmp_path: Path) -> None:
    shown = command("rules", "columns", "refunds_8h", "--workspace", tmp_path).stdout
    assert "operator_refunds_8h" in shown
    assert "transactions" in shown
    told = json.loads(command("rules", "columns", "--json", "--workspace", tmp_path).stdout)
    assert {"type", "customer_key", "operator_refunds_8h"} <= {
        one["name"] for one in told["columns"]
    }
    missing = command("rules", "columns", "no such thing", "--workspace", tmp_path)
    assert missing.exit_code == 1
    assert "no such thing" in missing.stderr


def test_one_rule_is_tested_by_itself(command: Command, tmp_path: Path) -> None:
    told = command("rules", "test", "void_then_no_sale_rate", "--json", "--workspace", tmp_path)
    assert json.loads(told.stdout)["rules"] == 1
    missing = command("rules", "test", "void_then_nosale", "--workspace", tmp_path)
    assert missing.exit_code == 1
    assert "did you mean void_then_no_sale" in missing.stderr
