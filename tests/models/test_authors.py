"""Whose answers can be trusted: by hand, and by simulated investigators, one of them corrupt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.models.authors import FLAG_Z, capped, drifts, trust, worse

THEFTS = 0.85


def test_an_author_who_is_always_right_is_trusted_and_one_who_guesses_is_not() -> None:
    dice = np.random.default_rng(1)
    truth = dice.random(400) < 0.6
    item = np.tile(np.arange(400), 3)
    author = np.repeat([0, 1, 2], 400)
    coin = dice.random(400) < 0.5
    good = truth ^ (dice.random(400) < 0.05)
    said = np.concatenate([good, truth ^ (dice.random(400) < 0.1), coin])
    found = trust(item, author, said, np.full(400, np.nan), 3)
    # simulated: right in 95 % and 90 %, and a coin; the prior is ten answers strong
    assert found.hit == pytest.approx([0.95, 0.9, 0.5], abs=0.06)
    assert found.false == pytest.approx([0.05, 0.1, 0.5], abs=0.1)
    assert np.mean((found.theft > 0.5) == truth) > 0.9


def test_known_answers_alone_give_the_share_that_was_right() -> None:
    known = np.array([1.0] * 10 + [0.0] * 10)
    said = np.array([True] * 6 + [False] * 4 + [False] * 10)
    found = trust(np.arange(20), np.zeros(20, dtype=np.int64), said, known, 1)
    # by hand: (8 + 6) / (10 + 10) and (2 + 0) / (10 + 10)
    assert found.hit[0] == pytest.approx(0.7)
    assert found.false[0] == pytest.approx(0.1)
    assert found.theft.tolist() == known.tolist()


def test_answers_that_nobody_checked_tell_nothing_of_their_author() -> None:
    found = trust(
        np.arange(50), np.zeros(50, dtype=np.int64), np.ones(50, dtype=bool), np.full(50, np.nan), 1
    )
    assert (found.hit[0], found.false[0]) == pytest.approx((0.8, 0.2))
    # by hand: odds 0.8 / 0.2 at equal shares
    assert found.theft == pytest.approx(0.8)


def team(dice: np.random.Generator, authors: int, each: int) -> tuple[np.ndarray, ...]:
    """Return author, answer, kind and truth of the alerts that people answered, 5 % wrongly."""
    author = np.repeat(np.arange(authors), each)
    kind = dice.integers(0, 4, author.size)
    truth = dice.random(author.size) < np.array([0.6, 0.8, 0.9, 0.95])[kind]
    return author, truth ^ (dice.random(author.size) < 0.05), kind, truth


def flagged(author: np.ndarray, said: np.ndarray, kind: np.ndarray, authors: int) -> list[int]:
    found = drifts(author, said, kind, authors, np.zeros(authors, dtype=bool))
    return [number for number, one in enumerate(found) if one.flagged]


def test_who_clears_his_own_ring_is_flagged_within_a_fortnight_and_nobody_else() -> None:
    caught = others = 0
    for trial in range(40):
        dice = np.random.default_rng(trial)
        author, said, kind, truth = team(dice, 5, 10 * 14)
        ring = (author == 0) & truth & (dice.random(author.size) < 0.25)
        found = flagged(author, said & ~ring, kind, 5)
        caught += 0 in found
        others += sum(one != 0 for one in found)
    # ten answers a day, a quarter of the thefts that he sees are his ring's: nine in ten
    assert caught >= 36
    assert others <= 1


def test_a_fifth_of_ten_people_who_collude_are_flagged() -> None:
    for trial in range(5):
        dice = np.random.default_rng(100 + trial)
        author, said, kind, truth = team(dice, 10, 10 * 14)
        ring = (author < 2) & truth & (dice.random(author.size) < 0.35)
        assert flagged(author, said & ~ring, kind, 10) == [0, 1]


def test_honest_people_are_seldom_flagged_though_their_alerts_differ() -> None:
    wrongly = 0
    for trial in range(200):
        author, said, kind, _ = team(np.random.default_rng(500 + trial), 5, 80)
        hard = (author == 1) & (kind > 1)  # one of them gets the doubtful kinds
        wrongly += len(flagged(author[~hard], said[~hard], kind[~hard], 5))
    # 1,000 looks at honest people; by the threshold one is flagged
    assert wrongly <= 5


def test_of_two_who_differ_equally_both_are_flagged_unless_one_is_trusted() -> None:
    author = np.repeat([0, 1], 100)
    said = np.concatenate([np.ones(100, dtype=bool), np.zeros(100, dtype=bool)])
    kind = np.zeros(200, dtype=np.int64)
    assert flagged(author, said, kind, 2) == [0, 1]
    found = drifts(author, said, kind, 2, np.array([True, False]))
    assert found[1].flagged
    assert found[1].difference == pytest.approx(-1.0)


def test_the_difference_is_mantels_and_haenszels_by_hand() -> None:
    # 8 of 10 against 3 of 10: z = (8 - 5.5) / sqrt(10 * 10 * 11 * 9 / (400 * 19))
    author = np.repeat([0, 1], 10)
    said = np.array([True] * 8 + [False] * 2 + [True] * 3 + [False] * 7)
    found = drifts(author, said, np.zeros(20, dtype=np.int64), 2, np.zeros(2, dtype=bool))[0]
    z = 2.5 / np.sqrt(9900 / 7600)
    assert found.difference == pytest.approx(0.5)
    assert found.low == pytest.approx(0.5 - FLAG_Z * 0.5 / z)
    assert not found.flagged
    assert (
        drifts(author[:10], said[:10], np.zeros(10, dtype=np.int64), 1, np.zeros(1, dtype=bool))[
            0
        ].difference
        is None
    )


def test_who_fails_checks_is_worse_and_few_checks_tell_nothing() -> None:
    right, checked = np.array([57, 58, 10, 0]), np.array([60, 60, 20, 4])
    assert worse(right, checked).tolist() == [False, False, True, False]
    assert worse(np.array([0]), np.array([50])).tolist() == [False]


@given(
    st.lists(st.floats(0.0, 500.0), min_size=1, max_size=30),
    st.lists(st.booleans(), min_size=30, max_size=30),
)
def test_no_author_carries_more_than_his_share(weights: list[float], marks: list[bool]) -> None:
    weight = np.array(weights)
    counted = (weight >= 20) & np.array(marks)[: weight.size]
    after = weight * capped(weight, counted)
    share = max(0.1, 1 / max(counted.sum(), 1))
    assert np.all(after <= share * after.sum() * (1 + 1e-6) + 1e-9)
    assert np.all(after <= weight * (1 + 1e-9))


def test_a_newcomer_does_not_take_weight_from_those_who_work() -> None:
    weight = np.array([100.0, 100.0, 1.0])
    assert capped(weight, np.array([True, True, False])).tolist() == [1.0, 1.0, 1.0]
    # by hand: with three counted a third each at most, so 30 of each
    three = capped(np.array([100.0, 60.0, 30.0]), np.ones(3, dtype=bool))
    assert three == pytest.approx([0.3, 0.5, 1.0])
