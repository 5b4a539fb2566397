"""`label`: answers are recorded, kept, and counted where nobody judges himself."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def mine(workspace: Path, tmp_path: Path) -> Path:
    """A workspace of one's own, with alerts."""
    return Path(copytree(workspace, tmp_path / "mine"))


def documents(command: Command, folder: Path) -> list[dict[str, Any]]:
    found = json.loads(command("alerts", "--json", "-w", folder).stdout)["alerts"]
    assert found
    return list(found)


def listed(command: Command, folder: Path) -> dict[str, Any]:
    return dict(json.loads(command("label", "--json", "-w", folder).stdout))


def test_an_answer_closes_the_alert_and_unknown_does_not(command: Command, mine: Path) -> None:
    first, second = [one["alert_id"] for one in documents(command, mine)[:2]]
    done = command("label", first[:6], "theft", "--by", "kim", "--loss", "12.50", "-w", mine)
    assert done.exit_code == 0, done.output
    assert command("label", second, "unknown", "--by", "kim", "-w", mine).exit_code == 0
    status = {one["alert_id"]: one["status"] for one in documents(command, mine)}
    assert (status[first], status[second]) == ("closed", "new")
    told = listed(command, mine)
    assert told["outcomes"] == {first: "theft"}
    assert second in {one["alert_id"] for one in told["waiting"]}
    assert "theft" in command("alerts", "-w", mine).stdout
    closed = command("alerts", "--status", "closed", "--json", "-w", mine).stdout
    assert [one["alert_id"] for one in json.loads(closed)["alerts"]] == [first]


def test_the_latest_answer_of_a_person_counts(command: Command, mine: Path) -> None:
    id_ = documents(command, mine)[0]["alert_id"]
    command("label", id_, "theft", "--by", "kim", "--at", "2026-01-02T10:00+0000", "-w", mine)
    command("label", id_, "error", "--by", "Kim", "-w", mine)
    assert listed(command, mine)["outcomes"] == {id_: "error"}


def test_a_file_is_loaded_once_however_often(command: Command, mine: Path, tmp_path: Path) -> None:
    id_ = documents(command, mine)[0]["alert_id"]
    file = tmp_path / "cases.csv"
    row = f"2026-01-05T10:00:00Z,kim,legitimate,{id_}"
    file.write_text(f"at,by,outcome,alert_id\n{row}\n2026-01-05T10:00:00Z,kim,guilty,{id_}\n")
    first = json.loads(command("label", file, "--json", "-w", mine).stdout)
    again = json.loads(command("label", file, "--json", "-w", mine).stdout)
    assert (first["rows"], first["new"], first["rejected"]) == (1, 1, {"bad_row": 1})
    assert (again["rows"], again["new"]) == (1, 0)
    assert listed(command, mine)["outcomes"] == {id_: "legitimate"}
    assert "outcome cannot be guilty" in command("label", file, "-w", mine).stdout


def test_an_answer_on_oneself_is_kept_and_does_not_count(command: Command, mine: Path) -> None:
    alert = next(
        one
        for one in documents(command, mine)
        if one["subject"]["type"] in ("operator", "approver")
    )
    about = alert["subject"]
    with (mine / "shrinkwatch.toml").open("a") as settings:
        settings.write(f'\n[[labeller]]\nname = "kim"\nstore_id = "{about["store_id"]}"\n')
        settings.write(f'operator_id = "{about["id"]}"\n')
    said = command("label", alert["alert_id"], "legitimate", "--by", "kim", "-w", mine)
    assert "does not count: it is about this person" in " ".join(said.stdout.split())
    told = listed(command, mine)
    assert told["outcomes"] == {}
    assert [(one["by"], one["why"]) for one in told["barred"]] == [
        ("kim", "it is about this person")
    ]
    shown = command("label", "-w", mine).stdout
    assert "Does not count" in shown
    assert f"operator {about['id']}" not in shown
    checked = json.loads(command("check", "--json", "-w", mine).stdout)["answers"]
    assert any("kim" in one["says"] for one in checked if one["about"] == "labels")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ffffffff", "theft"), "no alert's id begins with ffffffff"),
        (("", "theft"), "could be"),
        (("ID", "guilty"), "it is one of theft, policy_breach"),
        (("ID", "theft", "--scheme", "post_voids"), "did you mean post_void?"),
        (("ID", "theft", "--at", "2199-01-01"), "lies in the future"),
        (("ID", "theft", "--loss", "much"), "loss cannot be much"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_a_cure(
    command: Command, workspace: Path, words: tuple[str, ...], says: str
) -> None:
    id_ = documents(command, workspace)[0]["alert_id"]
    done = command("label", *(id_ if one == "ID" else one for one in words), "-w", workspace)
    assert done.exit_code == 1
    assert says in " ".join(done.stderr.split())
    assert listed(command, workspace)["outcomes"] == {}


def test_a_slip_in_an_id_is_answered_with_the_nearest(command: Command, workspace: Path) -> None:
    id_ = documents(command, workspace)[0]["alert_id"]
    typed = id_[:5] + ("0" if id_[5] != "0" else "1")
    done = command("label", typed, "theft", "-w", workspace)
    assert f"did you mean {id_[:6]}?" in " ".join(done.stderr.split())


def test_wrong_usage_says_what_is_missing(command: Command, workspace: Path) -> None:
    assert command("label", "3f2a9c", "-w", workspace).exit_code == 2
    assert command("label", "README.md", "--by", "kim", "-w", workspace).exit_code == 2


def test_without_alerts_it_says_what_comes_first(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path / "new")
    assert "shrinkwatch score" in command("label", "-w", tmp_path / "new").stdout
    assert command("label", "3f2a9c", "theft", "-w", tmp_path / "new").exit_code == 1


def test_the_list_shows_what_waits(command: Command, workspace: Path) -> None:
    shown = command("label", "-w", workspace).stdout
    assert documents(command, workspace)[0]["alert_id"][:6] in shown
    assert "wait for an answer" in shown
