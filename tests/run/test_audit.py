"""What a person does at the command line stands in the audit log, without names."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from shrinkwatch.cases.names import Names
from shrinkwatch.records.alert import Subject
from shrinkwatch.run.audit import about_alerts, about_subject, audit_log
from shrinkwatch.run.opened import opened

Command = Callable[..., Any]


@pytest.fixture
def mine(workspace: Path, tmp_path: Path) -> Path:
    return Path(copytree(workspace, tmp_path / "mine"))


def newest(folder: Path, count: int) -> list[tuple[str, str]]:
    rows = audit_log(opened(folder).workspace).rows(last=count)
    return [(row.what, row.about) for row in rows]


def test_a_load_and_the_first_rules_stand_in_it(workspace: Path) -> None:
    rows = list(audit_log(opened(workspace).workspace).rows())
    kinds = [row.what for row in rows]
    assert kinds[:2] == ["files_loaded", "rules_changed"]
    assert json.loads(rows[0].detail)["operators"] > 0


def test_every_look_at_a_person_is_written_down(command: Command, mine: Path) -> None:
    shown = json.loads(command("alerts", "--json", "-w", mine).stdout)["alerts"]
    first = shown[0]
    assert newest(mine, 1) == [("export_made", about_alerts(opened(mine).alerts.all()))]
    command("alerts", "--rule", "void_then_no_sale", "-w", mine)
    command("show", first["alert_id"], "-w", mine)
    command("label", "-w", mine)
    command("report", "-w", mine)
    assert [what for what, _ in newest(mine, 4)] == [
        "alert_shown", "subject_shown", "alert_shown", "report_made"
    ]  # fmt: skip
    key = first["transactions"][0]
    named = "/".join(str(key[n]) for n in ("store_id", "register_id", "business_date", "sequence"))
    command("receipt", named, "-w", mine)
    assert newest(mine, 1) == [("receipt_shown", f"receipt {named}")]


def test_answers_mutes_and_changed_rules_are_written_down(command: Command, mine: Path) -> None:
    id_ = opened(mine).alerts.all()[0].alert_id
    command("label", id_, "theft", "--by", "kim", "-w", mine)
    muted = ("--subject", "operator:S1/104", "--until", "2099-01-01", "--because", "Kim is ill")
    assert command("mute", *muted, "-w", mine).exit_code == 0
    with (mine / "shrinkwatch.toml").open("a") as settings:
        settings.write('\n[rules]\noff = ["void_then_no_sale"]\n')
    text = (mine / "shrinkwatch.toml").read_text()
    (mine / "shrinkwatch.toml").write_text(text.replace("[rules]\n#", "#", 1))
    assert command("score", "-w", mine).exit_code == 0
    rows = list(audit_log(opened(mine).workspace).rows(last=3))
    assert [row.what for row in rows] == ["label_given", "mute_made", "rules_changed"]
    assert (rows[0].about, json.loads(rows[0].detail)["outcome"]) == (f"alert {id_}", "theft")
    assert json.loads(rows[2].detail) == {"changed": "settings", "gone": "void_then_no_sale"}
    told = "".join(row.detail + row.about + row.who for row in rows)
    assert "kim" not in told.casefold()
    assert "104" not in json.loads(rows[1].detail)["subject"]


def test_scoring_again_with_the_same_rules_writes_nothing(command: Command, mine: Path) -> None:
    before = newest(mine, 1)
    assert command("score", "-w", mine).exit_code == 0
    assert newest(mine, 1) == before


def test_people_are_pseudonyms_whatever_the_settings_show() -> None:
    names = Names(b"key", show_ids=True)
    assert about_subject(Subject("operator", "104", "S7"), names) == (
        f"operator {names.pseudonym('operator', '104', 'S7')} at store S7"
    )
    assert about_subject(Subject("sku", "4711"), names) == "item 4711"
