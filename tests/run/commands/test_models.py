"""`models`: a person looks at the learned models, promotes one, and goes back."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shrinkwatch.models.manifest import DataWindow
from shrinkwatch.run.workspace import Workspace

Command = Callable[..., Any]
START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def desk(command: Command, tmp_path: Path) -> tuple[Path, str, str]:
    """A workspace with a champion, and a younger model that the gate refused."""
    folder = tmp_path / "chain"
    command("init", folder)
    workspace = Workspace.open(folder)
    made = [
        workspace.models.add(
            {"model.txt": text},
            columns=("a", "b"),
            data=DataWindow(date(2026, 1, 1), date(2026, 2, 1), 40),
            code="1",
            made_at=START + timedelta(days=day),
            metrics={"average_precision": 0.5, "brier": None},
        ).model_id
        for day, text in enumerate((b"first", b"second"))
    ]
    workspace.models.judged(made[0], "passed", at=START, by="gate", why="all checks passed")
    workspace.models.promote(made[0], at=START, by="nightly", why="passed the gate")
    workspace.models.judged(made[1], "refused", at=START, by="gate", why="alert volume")
    workspace.close()
    return folder, made[0], made[1]


def test_models_are_listed_with_the_champion_marked(
    command: Command, desk: tuple[Path, str, str]
) -> None:
    folder, champion, refused = desk
    lines = command("models", "--workspace", folder).stdout.splitlines()
    assert next(line for line in lines if champion in line).split()[0] == "champion"
    assert "refused" in next(line for line in lines if refused in line)
    told = json.loads(command("models", "--json", "--workspace", folder).stdout)
    assert told["champion"] == champion
    assert [one["verdict"] for one in told["models"]] == ["refused", "passed"]
    assert [one["what"] for one in told["history"]] == ["judged", "promoted", "judged"]


def test_without_models_that_is_said(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    result = command("models", "--workspace", tmp_path)
    assert result.exit_code == 0
    assert "No model was learned yet" in result.stdout


def test_what_the_gate_refused_is_promoted_only_with_a_reason_and_anyway(
    command: Command, desk: tuple[Path, str, str]
) -> None:
    folder, champion, refused = desk
    words = ("models", "promote", refused[:8], "--workspace", folder)
    assert command(*words).exit_code == 2
    stopped = command(*words, "--why", "store 7 was rebuilt")
    assert stopped.exit_code == 1
    assert "--anyway" in stopped.stderr
    done = command(*words, "--why", "store 7 was rebuilt", "--anyway")
    assert done.exit_code == 0
    assert "the gate had not passed it" in done.stderr
    shown = command("models", "show", refused, "--workspace", folder).stdout
    assert "against the gate" in shown
    assert "store 7 was rebuilt" in shown
    back = command("models", "rollback", "--why", "worse", "--json", "--workspace", folder)
    assert json.loads(back.stdout)["model_id"] == champion


def test_rolling_back_the_first_champion_says_what_counts_then(
    command: Command, desk: tuple[Path, str, str]
) -> None:
    folder, _, _ = desk
    result = command("models", "rollback", "--why", "no good", "--workspace", folder)
    assert "rules and peers" in result.stdout
    again = command("models", "rollback", "--why", "no good", "--workspace", folder)
    assert again.exit_code == 1
    assert "nothing to roll back" in again.stderr


def test_a_model_shows_its_papers(command: Command, desk: tuple[Path, str, str]) -> None:
    folder, champion, _ = desk
    report = folder / "reports" / "gate" / champion / "report.md"
    report.parent.mkdir(parents=True)
    report.write_text("passed")
    shown = command("models", "show", champion[:5], "--workspace", folder).stdout
    assert "learned from 2026-01-01 to 2026-02-01, 40 answers" in shown
    assert "average precision" in shown
    assert str(report) in shown
    assert "unknown" in shown
    told = json.loads(command("models", "show", champion, "--json", "--workspace", folder).stdout)
    assert told["model"]["columns"] == ["a", "b"]


def test_tampering_is_shown_and_exits_with_1(command: Command, desk: tuple[Path, str, str]) -> None:
    folder, champion, _ = desk
    (folder / "models" / champion / "model.txt").write_bytes(b"other")
    listed = command("models", "--workspace", folder)
    assert "its part model.txt was changed" in " ".join(listed.stdout.split())
    assert command("models", "show", champion, "--workspace", folder).exit_code == 1
    entry = folder / "models" / "history" / "000002.json"
    entry.write_bytes(entry.read_bytes().replace(b"nightly", b"nobody!"))
    assert command("models", "--workspace", folder).exit_code == 1


@pytest.mark.parametrize("wish", ["show", "promote"])
def test_a_model_must_be_named(command: Command, tmp_path: Path, wish: str) -> None:
    assert command("models", wish, "--workspace", tmp_path).exit_code == 2
