"""What is asked of a challenger without any answer."""

import polars as pl
import pytest

from shrinkwatch.models.gate.fitness import fitness, foresight, seconds_per_row

from .trial import Trial, rows


@pytest.fixture(scope="module")
def trial() -> Trial:
    return Trial(rows(seed=1))


def test_the_time_a_row_takes_is_the_best_of_three() -> None:
    """By hand: three passes over two rows take 4, 2 and 6 seconds."""
    told = iter([0.0, 4.0, 10.0, 12.0, 20.0, 26.0])
    assert seconds_per_row(len, pl.DataFrame({"a": [1, 2]}), lambda: next(told)) == 1.0


def test_a_feature_that_is_empty_when_a_day_is_scored_carries_nothing(trial: Trial) -> None:
    booster = trial.booster()
    test = trial.test.with_columns(challenger=pl.lit(0.5))
    empty = test.with_columns(overrides=pl.lit(None, dtype=pl.Float64))
    candidate = trial.candidate(booster)
    found = {one.name: one for one in fitness(test, empty, candidate, trial.limits)}
    assert found["unavailable"].passed is False
    assert found["unavailable"].value == pytest.approx(candidate.importance["overrides"])
    assert "overrides" in found["unavailable"].sentence
    same = {one.name: one for one in fitness(empty, empty, candidate, trial.limits)
            if one.name == "unavailable"}  # fmt: skip
    assert same["unavailable"].passed is True


def test_without_a_scored_day_nobody_knows_what_is_empty_then(trial: Trial) -> None:
    test = trial.test.with_columns(challenger=pl.lit(0.5))
    candidate = trial.candidate(trial.booster())
    found = {one.name: one for one in fitness(test, test.clear(), candidate, trial.limits)}
    assert (found["unavailable"].passed, found["unavailable"].value) == (None, None)


@pytest.mark.parametrize(
    ("said", "wrong"), [(0.0, 0), (1.0, 0), (-0.1, 9), (1.1, 9), (None, 9), (float("inf"), 9)]
)
def test_a_probability_lies_between_0_and_1(trial: Trial, said: float | None, wrong: int) -> None:
    test = trial.test.head(9).with_columns(challenger=pl.lit(said, dtype=pl.Float64))
    found = {
        one.name: one for one in fitness(test, test, trial.candidate(trial.booster()), trial.limits)
    }
    assert found["numbers"].value == wrong
    assert found["numbers"].passed is (wrong == 0)


def test_a_leak_is_found_upwards_and_downwards(trial: Trial) -> None:
    turned = Trial(
        trial.frame.with_columns(noted=1.0 - pl.col("outcome").cast(pl.Float64)),
        (*trial.columns, "noted"),
    )
    test = turned.test.with_columns(challenger=pl.lit(0.5))
    found = {
        one.name: one for one in foresight(test, turned.candidate(turned.booster()), turned.limits)
    }
    assert found["leak"].passed is False
    assert "noted" in found["leak"].sentence
