"""Twelve sabotaged challengers are refused, each by its own check; an honest one is not.

Every challenger is a real LightGBM model taught and tested on made-up dossiers (`trial`).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest

from shrinkwatch.models.gate.fitness import seconds_per_row
from shrinkwatch.models.gate.judge import judge
from shrinkwatch.models.gate.report import Candidate, GateReport
from shrinkwatch.models.manifest import DataWindow, Seal
from shrinkwatch.models.registry import Registry
from shrinkwatch.models.tables.leaks import area
from shrinkwatch.records.trouble import Refused

from .trial import COLUMNS, START, TEST, Floats, Trial, rows, served, sharper


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return rows(seed=1)


@pytest.fixture(scope="module")
def honest(frame: pl.DataFrame) -> GateReport:
    return Trial(frame).judged()


def stood_in_the_way(report: GateReport) -> set[str]:
    return {check.name for check in report.checks if check.passed is not True}


def test_an_honest_better_challenger_passes_every_check(honest: GateReport) -> None:
    assert stood_in_the_way(honest) == set()
    assert (honest.verdict, honest.why) == ("passed", "all checks passed")
    by_name = {check.name: check for check in honest.checks}
    assert by_name["ranking"].value > 0.05  # type: ignore[operator]


def test_it_passes_on_other_chains_too() -> None:
    verdicts = [Trial(rows(seed)).judged().verdict for seed in (2, 3, 4)]
    assert verdicts == ["passed"] * 3


def ruined(frame: pl.DataFrame) -> Callable[[Floats], Floats]:
    """Return what makes one store's probabilities the opposite of what they were."""
    test = frame.filter(pl.col("day") >= TEST)
    return lambda said: np.where(test["store_id"] == "S3", 1.0 - said, said)


def dazed(said: Floats) -> Floats:
    """Return the probabilities with one that is none."""
    said = said.copy()
    said[7] = np.nan
    return said


SABOTAGED: dict[str, tuple[Callable[[pl.DataFrame], Trial], str]] = {
    "leak": (
        lambda frame: Trial(
            frame.with_columns(noted=pl.col("outcome").cast(pl.Float64)), (*COLUMNS, "noted")
        ),
        "leak",
    ),
    "flipped labels": (lambda frame: Trial(frame, flipped=True), "paired"),
    "stale": (lambda frame: Trial(frame, learned_until=START + timedelta(days=32)), "stale"),
    "overfit": (lambda frame: Trial(frame, leaves=200, rounds=500, fewest=1), "brier"),
    "NaN": (lambda frame: Trial(frame, said=dazed), "numbers"),
    "alert flood": (lambda frame: Trial(frame, said=lambda said: said**0.3), "volume"),
    "uncalibrated": (lambda frame: Trial(frame, said=sharper(2.0)), "calibration"),
    "one store ruined": (lambda frame: Trial(frame, said=ruined(frame)), "worst_store"),
    "future data": (
        lambda frame: Trial(frame, learned_until=TEST + timedelta(days=20)),
        "future_data",
    ),
}


@pytest.mark.parametrize("sabotage", SABOTAGED)
def test_a_sabotaged_challenger_is_refused_by_its_check(frame: pl.DataFrame, sabotage: str) -> None:
    make, check = SABOTAGED[sabotage]
    report = make(frame).judged()
    assert report.verdict == "refused"
    assert check in {one.name for one in report.checks if one.passed is False}
    assert check in report.why


@pytest.mark.parametrize("sabotage", ["stale", "NaN", "future data"])
def test_what_is_wrong_with_the_learning_is_all_that_is_found_wrong(
    frame: pl.DataFrame, sabotage: str
) -> None:
    make, check = SABOTAGED[sabotage]
    assert stood_in_the_way(make(frame).judged()) == {check}


def test_a_wrong_schema_is_refused(frame: pl.DataFrame) -> None:
    trial = Trial(frame)
    booster = trial.booster()
    test = trial.test.with_columns(challenger=trial.score(booster, trial.test))
    newest = served(frame).drop("tenure")
    report = judge(test, newest, trial.candidate(booster), trial.limits)
    assert report.verdict == "refused"
    assert {"schema", "unavailable"} == stood_in_the_way(report)
    assert "tenure" in next(one.sentence for one in report.checks if one.name == "schema")


def test_a_slow_challenger_is_refused(frame: pl.DataFrame) -> None:
    trial = Trial(frame)
    booster = trial.booster()
    test = trial.test.with_columns(challenger=trial.score(booster, trial.test))

    now_s = 0.0

    def takes_50_ms(_: pl.DataFrame) -> None:
        nonlocal now_s
        now_s += 0.05

    many, few = (
        seconds_per_row(takes_50_ms, test.head(rows), lambda: now_s) for rows in (1_000, 100)
    )
    assert (many, few) == (pytest.approx(5e-5), pytest.approx(5e-4))
    quick = _with(trial.candidate(booster), row_s=many)
    assert judge(test, served(frame), quick, trial.limits).verdict == "passed"
    candidate = _with(trial.candidate(booster), row_s=few)
    report = judge(test, served(frame), candidate, trial.limits)
    assert stood_in_the_way(report) == {"latency"}
    assert report.verdict == "refused"


def test_an_unsigned_challenger_is_refused(frame: pl.DataFrame, tmp_path: Path) -> None:
    registry = Registry(tmp_path, Seal(b"s" * 32))
    trial = Trial(frame)
    booster = trial.booster()
    made = registry.add(
        {"model.txt": booster.model_to_string().encode()},
        columns=COLUMNS,
        data=DataWindow(START, trial.learned_until, 100),
        code="1",
        made_at=datetime(2026, 5, 1, tzinfo=UTC),
        metrics={},
    )
    (tmp_path / made.model_id / "manifest.sig").unlink()
    try:
        registry.read(made.model_id)
        verifies = True
    except Refused:
        verifies = False
    test = trial.test.with_columns(challenger=trial.score(booster, trial.test))
    candidate = _with(trial.candidate(booster), verifies=verifies)
    report = judge(test, served(frame), candidate, trial.limits)
    assert stood_in_the_way(report) == {"signature"}
    assert report.verdict == "refused"


def test_an_identical_challenger_is_quietly_not_promoted(frame: pl.DataFrame) -> None:
    trial = Trial(frame)
    test = trial.test.with_columns(challenger="champion")
    report = judge(test, served(frame), trial.candidate(trial.booster()), trial.limits)
    assert (report.verdict, report.why) == ("same", "gives the champion's probabilities")


@pytest.mark.parametrize("kept", [0, 20, 40])
def test_with_few_answers_nothing_is_promoted_by_luck(frame: pl.DataFrame, kept: int) -> None:
    """Of 40 answers that are all yes, none tells how often the model is wrong."""
    trial = Trial(frame)
    booster = trial.booster()
    wanted = trial.test.filter(outcome=1)["alert_id"].unique().sort().head(kept).implode()
    told = pl.when(pl.col("alert_id").is_in(wanted)).then(pl.col("outcome"))
    test = trial.test.with_columns(
        told.alias("outcome"), challenger=trial.score(booster, trial.test)
    )
    report = judge(test, served(frame), trial.candidate(booster), trial.limits)
    assert report.verdict == "unknown"
    assert {"answers", "paired", "calibration"} <= stood_in_the_way(report)
    assert all(one.passed is None and one.value is None
               for one in report.checks if one.name in {"paired", "brier", "leak"})  # fmt: skip
    assert (report.answers, report.positive) == (kept, kept)


def test_a_learner_that_was_not_tried_on_shuffled_answers_is_not_promoted(
    frame: pl.DataFrame,
) -> None:
    trial = Trial(frame)
    booster = trial.booster()
    test = trial.test.with_columns(challenger=trial.score(booster, trial.test))
    untried = judge(test, served(frame), trial.candidate(booster, (0.5,) * 4), trial.limits)
    assert (untried.verdict, stood_in_the_way(untried)) == ("unknown", {"random_labels"})
    cheats = judge(
        test, served(frame), trial.candidate(booster, (0.7, 0.69, 0.71, 0.7, 0.7)), trial.limits
    )
    assert (cheats.verdict, stood_in_the_way(cheats)) == ("refused", {"random_labels"})


def test_taught_shuffled_answers_the_learner_knows_nothing(frame: pl.DataFrame) -> None:
    trial = Trial(frame)
    answered = trial.test.filter(pl.col("outcome").is_not_null())
    positive = answered["outcome"].to_numpy() == 1
    blind = [trial.score(trial.booster(shuffle), answered) for shuffle in range(8)]
    found = tuple(area(positive, said) for said in blind)
    test = trial.test.with_columns(challenger=trial.score(trial.booster(), trial.test))
    candidate = trial.candidate(trial.booster(), found)
    report = judge(test, served(frame), candidate, trial.limits)
    assert "random_labels" not in stood_in_the_way(report)


def test_the_same_input_gives_the_same_report(frame: pl.DataFrame, honest: GateReport) -> None:
    assert Trial(frame).judged() == honest
    turned = Trial(frame.reverse())
    assert {one.name: one.passed for one in turned.judged().checks} == {
        one.name: one.passed for one in honest.checks
    }


def test_without_test_days_or_with_a_column_lacking_it_says_so(frame: pl.DataFrame) -> None:
    trial = Trial(frame)
    candidate = trial.candidate(trial.booster())
    with pytest.raises(Refused, match="lacks challenger"):
        judge(trial.test, served(frame), candidate, trial.limits)
    none = trial.test.clear().with_columns(challenger=pl.lit(0.5))
    with pytest.raises(Refused, match="lacks test days"):
        judge(none, served(frame), candidate, trial.limits)


def _with(candidate: Candidate, **changed: Any) -> Candidate:
    return msgspec.structs.replace(candidate, **changed)
