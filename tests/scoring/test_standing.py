"""What makes one cashier weigh more than another under the same rule, worked out by hand."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from tests.scoring.conftest import MONDAY, Row, receipts

from shrinkwatch.models import counts
from shrinkwatch.records.batch import subject_key
from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.evidence import Evidence
from shrinkwatch.scoring.standing import Standing, averaged, log_factor_without_hits


def cashiers(hits: Sequence[int], minor: int = 500) -> list[Row]:
    """Return twenty receipts of each cashier of a store, with so many overrides of that amount."""
    return [
        {"operator_id": f"{person}", "override_minor": minor if number < many else 0}
        for person, many in enumerate(hits)
        for number in range(20)
    ]


def standing(rule: Rule, *days: list[Row]) -> tuple[Standing, np.ndarray]:
    """Return the standing after these days, and each cashier's place in the crowd."""
    evidence = Evidence([rule], 28)
    for number, rows in enumerate(days):
        frame = receipts(number, rows)
        evidence.add(frame, judge([rule], frame))
        evidence.close(MONDAY + timedelta(number), {})
    crowd = evidence.chances.crowd("operator_key", 0)
    people = {row["operator_id"] for day in days for row in day}
    keys = [subject_key("operator", "S1", f"{person}") for person in range(len(people))]
    return Standing(evidence, crowd, 0), np.searchsorted(crowd.keys, np.array(keys, np.uint64))


def test_hits_and_what_peers_would_have_had(overrides: Rule) -> None:
    found, place = standing(overrides, cashiers([2] * 30))
    assert found.has_hits
    assert found.hits[place].tolist() == [2] * 30
    assert found.expected == pytest.approx(2.0, rel=0.05)


def test_a_burst_of_the_last_week_weighs_more_than_the_same_hits_long_ago(overrides: Rule) -> None:
    quiet, burst = cashiers([1] * 20), cashiers([1] * 19 + [9])
    late, place = standing(overrides, *[quiet] * 13, burst)
    early, _ = standing(overrides, burst, *[quiet] * 13)
    assert late.hits[place[19]] == early.hits[place[19]] == 22
    assert late.log_factors(place[19:], 4.0) > early.log_factors(place[19:], 4.0)


def test_a_week_without_hits_of_others_does_not_make_two_hits_a_wonder(overrides: Rule) -> None:
    days = [cashiers([1 if person % 14 == day else 0 for person in range(28)]) for day in range(14)]
    week = [cashiers([0] * 28)] * 6 + [cashiers([2] + [0] * 27)]
    found, place = standing(overrides, *days, *week)
    _, of_week, _ = found.views(place[:1], 4.0)
    # by hand: 27 of the others' 27 x 420 chances were hits; in a week's 140 that is 1/3 of a hit,
    # rather less as no other has one this week; known from one week it would be next to nothing
    low, high = (
        counts.log_bayes_factor(np.array([2]), np.array([mean]), 4.0) for mean in (1 / 3, 0.1)
    )
    assert low < of_week < high


def test_dear_hits_weigh_more_than_cheap_ones(overrides: Rule) -> None:
    cheap = cashiers([2] * 19 + [6])
    dear = cashiers([2] * 19) + [row | {"operator_id": "19"} for row in cashiers([6], minor=90_000)]
    (plain, place), (costly, _) = standing(overrides, cheap), standing(overrides, dear)
    assert costly.log_factors(place[19:], 4.0) > plain.log_factors(place[19:], 4.0)


def test_a_rate_known_from_few_hits_leaves_more_doubt(overrides: Rule) -> None:
    few, place = standing(overrides, cashiers([0] * 18 + [1, 3]))
    # by hand: one hit of others: 1 / (1/4 + 1/1.5)
    assert few.doubtful(place[19:], 4.0) == pytest.approx(1 / (1 / 4 + 1 / 1.5))


def test_of_an_employee_some_hits_need_no_example(overrides: Rule) -> None:
    found, place = standing(overrides, cashiers([0] * 19 + [2]))
    # by hand: of the others' 380 receipts half a hit is believed, for 20 that is 0.026
    assert found.expected[place[19]] < 0.03
    assert found.likely(place[19:]) == pytest.approx(0.05)


def test_without_a_hit_every_view_says_the_same() -> None:
    none = counts.log_bayes_factor(np.array([0]), np.array([3.0]), 2.0)
    assert log_factor_without_hits() == pytest.approx(none[0])
    assert none[0] < 0.0


def test_views_are_averaged_and_not_multiplied() -> None:
    # by hand: the mean of 1, 2 and 6 is 3
    assert averaged([np.log([one]) for one in (1.0, 2.0, 6.0)]) == pytest.approx(np.log(3.0))
