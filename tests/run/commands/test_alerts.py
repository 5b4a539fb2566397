"""`alerts`: a ranking for people, the contract's documents for programs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from shrinkwatch.records.alert import Alert

DOCUMENT = {
    *("alert_id", "opened_at", "updated_at", "status", "subject", "related", "schemes"),
    *("probability", "expected_loss", "currency", "window", "transactions", "reasons"),
    *("exonerating", "missing", "evidence", "chosen_by", "propensity", "versions"),
}

Command = Callable[..., Any]


def test_json_is_the_contracts_document(command: Command, workspace: Path) -> None:
    result = command("alerts", "--json", "--workspace", workspace)
    document = json.loads(result.stdout)
    assert list(document) == ["alerts"]
    assert document["alerts"]
    assert all(alert.keys() == DOCUMENT for alert in document["alerts"])
    worth = [alert["probability"] * alert["expected_loss"] for alert in document["alerts"]]
    assert worth == sorted(worth, reverse=True)
    msgspec.convert(document["alerts"], list[Alert])


def test_the_table_names_nobody_by_id(command: Command, workspace: Path) -> None:
    document = json.loads(command("alerts", "--json", "--workspace", workspace).stdout)
    shown = command("alerts", "--workspace", workspace).stdout
    about = document["alerts"][0]["subject"]
    assert f"{about['type']} {about['id']}" not in shown
    assert document["alerts"][0]["alert_id"][:6] in shown
    assert "a lead, not a finding" in shown


def test_a_floor_leaves_out_what_is_less_probable(command: Command, workspace: Path) -> None:
    every = json.loads(command("alerts", "--json", "--workspace", workspace).stdout)["alerts"]
    floor = max(alert["probability"] for alert in every)
    words = ("--json", "--min-probability", str(floor), "--workspace", workspace)
    kept = json.loads(command("alerts", *words).stdout)["alerts"]
    assert [alert["probability"] for alert in kept] == [
        alert["probability"] for alert in every if alert["probability"] >= floor
    ]


def test_a_rules_alerts_are_listed_with_its_reason(command: Command, workspace: Path) -> None:
    every = json.loads(command("alerts", "--json", "--workspace", workspace).stdout)["alerts"]
    rule = every[0]["reasons"][-1]["feature"]
    words = ("--rule", rule, "--workspace", workspace)
    kept = json.loads(command("alerts", *words, "--json").stdout)["alerts"]
    assert every[0]["alert_id"] in {alert["alert_id"] for alert in kept}
    assert all(rule in {one["feature"] for one in alert["reasons"]} for alert in kept)
    shown = " ".join(command("alerts", *words).stdout.split())
    assert every[0]["reasons"][-1]["sentence"].split(";")[0] in shown
    assert "leave out" in command("alerts", "--rule", "none", "--workspace", workspace).stdout


def test_a_status_without_alerts_says_how_to_see_all(command: Command, workspace: Path) -> None:
    shown = command("alerts", "--status", "closed", "--workspace", workspace).stdout
    assert "leave out --status" in shown


def test_an_empty_workspace_says_what_comes_first(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path / "new")
    assert "shrinkwatch load" in command("alerts", "--workspace", tmp_path / "new").stdout
    printed = command("alerts", "--json", "--workspace", tmp_path / "new").stdout
    assert json.loads(printed) == {"alerts": []}
