"""Precision and recall from answers: by hand, against published figures, and by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.models import sampling
from shrinkwatch.models.sampling import Answers, Estimate, allot, part, quality, share, weighed

NONE = np.zeros(0, dtype=bool)


def answers(right: list[bool], chance: float = 1.0, alerts: int | None = None) -> Answers:
    said = np.array(right, dtype=bool)
    return Answers(said, np.full(said.size, chance), said.size if alerts is None else alerts)


def test_the_interval_of_a_share_is_wilsons() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263 by Wilson's score method
    found = share(81, 263)
    assert found.low == pytest.approx(0.2553, abs=1e-4)
    assert found.high == pytest.approx(0.3662, abs=1e-4)
    # and 0 of 20
    none = share(0, 20)
    assert (none.low, round(none.high or 0, 4)) == (0.0, 0.1611)


def test_the_bands_share_the_draws_by_size_and_spread() -> None:
    probable = np.array([0.5] * 10 + [0.1] * 50)
    chances = allot(probable, np.array([3] * 10 + [1] * 50), 4.0)
    # by hand: 10 x sqrt(.25) = 5 and 50 x sqrt(.09) = 15 share 4 draws as 1 and 3
    assert chances[:10] == pytest.approx(0.1)
    assert chances[10:] == pytest.approx(0.06)
    assert allot(probable[:2], np.array([3, 3]), 99.0).tolist() == [1.0, 1.0]
    assert allot(np.zeros(0), np.zeros(0, dtype=np.int64), 3.0).size == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3)), max_size=40), st.floats(0, 50))
def test_chances_are_chances_and_cost_no_more_than_there_is(
    leads: list[tuple[float, int]], expected: float
) -> None:
    probable, band = (np.array([one[place] for one in leads]) for place in (0, 1))
    chances = allot(probable.astype(float), band.astype(np.int64), expected)
    assert np.all((chances >= 0) & (chances <= 1))
    assert chances.sum() <= expected * (1 + 1e-9)
    assert np.all(chances > 0) or expected == 0 or not leads or expected < 1e-300


def test_an_alert_drawn_stands_for_the_inverse_of_its_chance() -> None:
    drawn = answers([True] * 2 + [False] * 18, chance=0.02)
    found = quality(answers([True] * 90 + [False] * 10), drawn)
    # by hand: 2 / 0.02 = 100 were missed beside 90 found; 18 / 0.02 = 900 spared beside 10
    assert found.recall.value == pytest.approx(90 / 190)
    assert found.false_alerts.value == pytest.approx(10 / 910)
    assert found.precision.value == pytest.approx(0.9)


def test_unanswered_alerts_are_unknown_and_not_wrong() -> None:
    half = quality(answers([True] * 45 + [False] * 5, alerts=100), answers([], alerts=30))
    assert half.precision.value == pytest.approx(0.9)
    assert half.recall == sampling.UNKNOWN
    # half of the draws were answered: each stands for twice as many
    drawn = answers([True] * 2 + [False] * 18, chance=0.02, alerts=40)
    assert weighed(drawn, drawn.right).value == pytest.approx(200)


def test_few_answers_tell_nothing() -> None:
    few = quality(answers([True] * 9), answers([True] * 9, chance=0.1))
    assert few.precision == few.recall == few.false_alerts == sampling.UNKNOWN
    assert share(0, 0) == part(Estimate(0, 0, 0), Estimate(0, 0, 0)) == sampling.UNKNOWN


def test_no_thief_drawn_still_leaves_room_for_some() -> None:
    found = quality(answers([True] * 50), answers([False] * 20, chance=0.1)).recall
    assert found.value == found.high == 1.0
    # by hand: none of 20 drawn with 1 in 10; half of the chance of one more is 2.5 %: 10 x 3.00
    assert found.low == pytest.approx(50 / (50 + 10 * -np.log(0.05)), rel=1e-3)


def test_where_all_are_looked_at_nothing_is_uncertain() -> None:
    found = weighed(answers([True, False] * 10), np.array([True, False] * 10))
    assert (found.low, found.value, found.high) == (10, 10, 10)


@pytest.mark.parametrize(("leads", "draws", "asked"), [(1500, 60, 1.0), (4000, 150, 0.6)])
def test_the_intervals_hold_as_often_as_they_say(leads: int, draws: int, asked: float) -> None:
    dice, trials, seen = np.random.default_rng(5), 600, []
    for _ in range(trials):
        probable = dice.beta(0.25, 4, leads)
        guilty = dice.random(leads) < probable
        chosen = probable >= 0.4
        passed = np.flatnonzero(~chosen & (probable >= 0.01))
        band = np.searchsorted((0.03, 0.1, 0.3), probable[passed], side="right")
        chance = allot(probable[passed], band, draws)
        drawn = dice.random(passed.size) < chance
        replies = dice.random(leads) < asked
        mine = passed[drawn]
        found = quality(
            Answers(guilty[chosen & replies], np.ones(int((chosen & replies).sum())), chosen.sum()),
            Answers(guilty[mine][replies[mine]], chance[drawn][replies[mine]], mine.size),
        )
        hit = int((guilty & chosen).sum())
        wrong = int((~guilty & chosen).sum())
        truths = (hit / (hit + guilty[passed].sum()), wrong / (wrong + (~guilty[passed]).sum()))
        seen.append(
            [
                one.low is not None and one.low <= truth <= (one.high or 0)
                for one, truth in zip((found.recall, found.false_alerts), truths, strict=True)
            ]
        )
    # 95 % promised; RELIABILITY and this test allow 92 to 98
    held = np.mean(seen, axis=0)
    assert np.all((held >= 0.92) & (held <= 0.98)), held


def test_recall_by_weight_is_unbiased_where_recall_by_answers_is_not() -> None:
    dice, found, naive = np.random.default_rng(8), [], []
    for _ in range(300):
        guilty = dice.random(2_000) < 0.05
        chance = np.full(2_000, 0.03)
        drawn = dice.random(2_000) < chance
        right, missed = 80, guilty.sum()
        recall = quality(
            answers([True] * right + [False] * 10),
            Answers(guilty[drawn], chance[drawn], int(drawn.sum())),
        ).recall
        found.append((recall.value or 0) - right / (right + missed))
        naive.append(right / (right + guilty[drawn].sum()) - right / (right + missed))
    assert abs(np.mean(found)) < 0.05  # RELIABILITY: within 5 points
    assert np.mean(naive) > 0.3


def test_recall_is_known_when_the_calculation_says() -> None:
    # by hand: (1.96 / .1)^2 x .75^3 x .25 x 49 / 20 = 99 weeks
    weeks = sampling.weeks_until_known(0.75, 20.0, 0.02, 0.1)
    assert weeks == pytest.approx(99.3, abs=0.2)
    found = 20.0 * weeks
    drawn = np.random.default_rng(3).binomial(round(found / 3), 0.02, size=4_000)
    recall = found / (found + drawn / 0.02)
    assert np.mean(np.abs(recall - 0.75) <= 0.1) == pytest.approx(0.95, abs=0.03)
    assert sampling.weeks_until_known(0.75, 0.0, 0.02, 0.1) == np.inf


def test_a_scheme_that_is_never_chosen_is_seen_when_the_calculation_says() -> None:
    weeks = sampling.weeks_until_seen(3.0, 0.02)
    # by hand: log(.1) / (3 log(.98)) = 38.0 weeks
    assert weeks == pytest.approx(38.0, abs=0.05)
    seen = np.random.default_rng(4).binomial(3 * 38, 0.02, size=4_000) > 0
    assert np.mean(seen) == pytest.approx(0.9, abs=0.02)
    assert sampling.weeks_until_seen(0.0, 0.02) == sampling.weeks_until_seen(3.0, 0.0) == np.inf
    assert sampling.weeks_until_seen(2.0, 1.0) == 0.5
