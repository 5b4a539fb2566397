"""`bench`: the benchmark as tables and as JSON, and other systems' alerts beside ours."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.run.conftest import Stopped

Command = Callable[..., Any]


def detect(command: Command, folder: Path, *words: str | Path) -> Any:
    return command("bench", "detect", "--suite", "tiny", "--jobs", "1", "--out", folder, *words)


def test_one_document_says_all(command: Command, benchmark: Stopped) -> None:
    told = json.loads(detect(command, benchmark.folder, "--json").stdout)
    (full,) = told["profiles"]
    ours = full["detectors"]["shrinkwatch"]
    assert (told["suite"], full["profile"], full["chains"]) == ("tiny", "full", 2)
    assert 0 < ours["right"] <= ours["alerts"]
    assert {"multiple", "multiple, cut", "forest", "forest, cut"} < set(full["detectors"])
    assert {row["intensity"] for row in ours["schemes"]} == {2.0}
    assert len(told["chains"]) == 2


def test_the_tables_say_precision_recall_and_what_was_wrong(
    command: Command, benchmark: Stopped
) -> None:
    shown = detect(command, benchmark.folder).stdout
    for word in ("precision", "multiple, cut", "void_then_no_sale", "wrong alerts", "calibration"):
        assert word in shown


def test_the_page_of_schemes_says_who_was_found(
    command: Command, benchmark: Stopped, tmp_path: Path
) -> None:
    results = tmp_path / "tiny.json"
    results.write_text(detect(command, benchmark.folder, "--json").stdout, "utf-8")
    rows = json.loads(results.read_text("utf-8"))["profiles"][0]["detectors"]["shrinkwatch"]
    mine = [row["found"] for row in rows["schemes"] if row["scheme"] == "void_then_no_sale"]
    shown = command("bench", "schemes", "--results", results)
    assert "suite tiny, profile full, 2 chains" in shown.stdout
    told = json.loads(command("bench", "schemes", "--results", results, "--json").stdout)
    (sheet,) = (one for one in told["schemes"] if one["id"] == "void_then_no_sale")
    found = [sheet[way]["found"] or {} for way in ("plain", "evasive")]
    assert sum(one.get("actors", 0) for one in found) == sum(one["actors"] for one in mine) > 0
    assert sum(one.get("caught", 0) for one in found) == sum(one["caught"] for one in mine)


def test_results_that_are_none_are_refused(command: Command, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    refused = command("bench", "schemes", "--results", tmp_path / "other.json")
    assert refused.exit_code == 1
    assert "bench detect --json" in refused.stderr


def test_theirs_stand_beside_ours(command: Command, benchmark: Stopped, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.csv"
    theirs.write_bytes((benchmark.folder / "tiny-full.alerts.csv").read_bytes())
    told = json.loads(detect(command, benchmark.folder, "--alerts", theirs, "--json").stdout)
    detectors = told["profiles"][0]["detectors"]
    assert detectors["theirs"] == detectors["shrinkwatch"]
    assert "theirs in detail" in detect(command, benchmark.folder, "--alerts", theirs).stdout


def test_a_bad_csv_is_a_sentence_and_exit_code_1(
    command: Command, benchmark: Stopped, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.csv"
    theirs.write_text((benchmark.folder / "tiny-full.alerts.csv").read_text().replace("till", "x"))
    result = detect(command, benchmark.folder, "--alerts", theirs)
    assert result.exit_code == 1
    assert "theirs.csv, row 1, source: cannot be 'x'" in result.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("detect", "--profile", "header"), 2, "did you mean header_only?"),
        (("detect", "--suite", "v3"), 1, "no suite is called v3"),
        (("detect", "--jobs", "0"), 2, "--jobs"),
        (("detect", "--alerts", "nowhere.csv"), 2, "nowhere.csv"),
        (("feed", "--profile", "none"), 2, "no profile is called none"),
    ],
)
def test_what_cannot_be_asked_is_answered(
    command: Command, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    result = command("bench", *words, "--out", tmp_path / "out")
    assert (result.exit_code, said in result.stderr) == (code, True), result.stderr


def test_theirs_are_of_one_profile(command: Command, benchmark: Stopped) -> None:
    theirs = benchmark.folder / "tiny-full.alerts.csv"
    result = detect(command, benchmark.folder, "--alerts", theirs, "--profile", "all")
    assert result.exit_code == 2
    assert "name one --profile" in result.stderr


@pytest.mark.parametrize("words", [("bench",), ("bench", "detect"), ("bench", "feed")])
def test_each_teaches_by_example(command: Command, words: tuple[str, ...]) -> None:
    shown = command(*words, "--help").stdout
    assert "shrinkwatch bench" in shown
    assert "Example" in shown
