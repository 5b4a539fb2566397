"""Both models on the same answers: what counts as worse, and what the report draws."""

import numpy as np
import polars as pl
import pytest

from shrinkwatch.models.gate import comparison
from shrinkwatch.models.gate.groups import Groups, admitted, groups
from shrinkwatch.models.gate.report import Limits

from .trial import Trial, rows

LIMITS = Limits()


@pytest.fixture(scope="module")
def test_rows() -> pl.DataFrame:
    trial = Trial(rows(seed=1))
    return trial.test.with_columns(challenger=trial.score(trial.booster(), trial.test))


@pytest.fixture(scope="module")
def found(test_rows: pl.DataFrame) -> Groups:
    return groups(test_rows)


def test_a_store_in_which_nobody_is_found_any_more_is_noticed(test_rows: pl.DataFrame) -> None:
    right = admitted(groups(test_rows), "champion", LIMITS.ceiling).frame.filter(outcome=1)
    store, times = right["store_id"].value_counts(sort=True).row(0)
    assert times >= 8, "fewer could be chance: 0.5 ** 7 is more than a twelfth of 5 %"
    gone = pl.when(pl.col("store_id") == store).then(0.0).otherwise(pl.col("challenger"))
    blind = groups(test_rows.with_columns(challenger=gone))
    check = comparison.store_recall(blind, LIMITS)
    assert check.passed is False
    assert check.sentence.startswith(f"{store} loses most")
    assert comparison.store_recall(groups(test_rows), LIMITS).passed is True


def test_a_store_whose_answers_are_foretold_worse_is_the_worst(test_rows: pl.DataFrame) -> None:
    turned = pl.when(pl.col("store_id") == "S3").then(1.0 - pl.col("challenger"))
    ruined = groups(test_rows.with_columns(challenger=turned.otherwise(pl.col("challenger"))))
    check = comparison.worst_store(ruined.answered, LIMITS)
    assert check.passed is False
    assert check.sentence.startswith("S3 changed most")


def test_stores_with_few_answers_are_looked_at_together(found: Groups) -> None:
    few = Groups(found.answered.frame.with_columns(store_id=pl.col("alert_id")))
    check = comparison.worst_store(few, LIMITS)
    assert check.passed is True
    assert check.sentence.startswith("the stores with few answers")
    awful = Groups(few.frame.with_columns(challenger=1.0 - pl.col("outcome")))
    assert comparison.worst_store(awful, LIMITS).passed is False


def test_unanswered_alerts_count_in_the_volume_and_nowhere_else(found: Groups) -> None:
    unsaid = Groups(found.frame.with_columns(outcome=pl.lit(None, dtype=pl.Int8)))
    assert comparison.volume(unsaid, LIMITS) == comparison.volume(found, LIMITS)
    assert comparison.enough(unsaid.answered, LIMITS).passed is None


def test_an_answer_with_a_weight_of_three_counts_like_three(found: Groups) -> None:
    """Precision among the first alerts, by hand: yes with weight 3, no with weight 1, is 3/4."""
    two = found.answered.frame.sort("outcome", descending=True)
    picked = pl.concat([two.head(1), two.tail(1)]).with_columns(
        weight=pl.Series([3.0, 1.0]), champion_peak=pl.Series([0.9, 0.8])
    )
    assert comparison.by_number(Groups(picked))[-1].champion == 0.75


def test_precision_by_number_is_unknown_until_somebody_answered(found: Groups) -> None:
    """By hand: the first is not answered, the second is right, the third is wrong."""
    picked = found.frame.head(3).with_columns(
        outcome=pl.Series([None, 1, 0], dtype=pl.Int8),
        champion_peak=pl.Series([0.9, 0.8, 0.7]),
        weight=pl.lit(1.0),
    )
    told = comparison.by_number(Groups(picked))
    assert [one.champion for one in told] == [None, 1.0, 0.5]
    assert [one.alerts for one in told] == [1, 2, 3]


def test_reliability_bins_bracket_what_came_true(found: Groups) -> None:
    bins = comparison.reliability(found.answered, "challenger")
    assert sum(one.answers for one in bins) == len(found.answered.frame)
    assert all(one.low <= one.true <= one.high for one in bins)
    assert np.all(np.diff([one.said for one in bins]) > 0)


def test_every_store_has_its_alerts_and_answers(found: Groups) -> None:
    told = comparison.stores(found, LIMITS)
    assert [one.store_id for one in told] == sorted(f"S{n}" for n in range(12))
    assert sum(one.answers for one in told) == len(found.answered.frame)
