"""Expected numbers come from hand work and from the Pareto distribution the data are drawn from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from shrinkwatch.models import extremes


def histogram(amounts: np.ndarray) -> np.ndarray:
    return np.bincount(extremes.bins(amounts), minlength=extremes.HIGHEST_BIN + 1)


def tail(amounts: np.ndarray, measure: float) -> float:
    """The tail of somebody who had this one amount besides the others'."""
    mine = extremes.bins(np.array([measure]))
    everyone = histogram(np.append(amounts, measure))
    one, first = np.ones(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    return float(extremes.tails(everyone, mine, one, first, np.array([measure]))[0])


def test_an_ordinary_amount_has_the_share_of_others_that_reach_it() -> None:
    others = np.array([1.0] * 60 + [100.0] * 40)
    # by hand: 40 of 100 reach it, and itself
    assert tail(others, 100.0) == pytest.approx(41 / 101)


def test_far_beyond_the_others_the_pareto_tail_goes_on() -> None:
    dice = np.random.default_rng(2)
    others = 10.0 * (1.0 + dice.pareto(1.5, 50_000))
    # P(X > x) = (x / 10) ** -1.5, with x = 1,000,000: 3.2e-8
    assert tail(others, 1e6) == pytest.approx(3.2e-8, rel=1.0)


def test_few_others_cannot_make_anything_very_unusual() -> None:
    assert tail(np.array([5.0] * 9), 1e9) == pytest.approx(0.1)


def test_equal_amounts_have_no_tail() -> None:
    # by hand: ten returns of three among ninety of one do not say how often six come
    others = np.array([1.0] * 90 + [3.0] * 10)
    assert tail(others, 6.0) == pytest.approx(1 / 101)


@given(st.floats(2.0, 1e6), st.floats(1.0, 1e3))
def test_a_larger_amount_is_never_likelier(measure: float, factor: float) -> None:
    others = np.random.default_rng(0).lognormal(3.0, 1.0, 2000)
    less = tail(others, measure)
    assert 0.0 < tail(others, measure * factor) <= less <= 1.0


def test_the_evidence_of_honest_tails_averages_to_one() -> None:
    def e_value(p: float) -> float:
        return float(np.exp(extremes.log_e_value(np.array([p])))[0])

    low, high = quad(e_value, 1e-9, 1e-3, limit=200)[0], quad(e_value, 1e-3, 1 - 1e-6)[0]
    # law: the integral over (0, 1) is 1; below 1e-9 lies 1 / (1 + 9 ln 10)
    assert low + high == pytest.approx(1.0 - 1 / (9 * np.log(10)), abs=0.01)


def test_the_median_is_the_middle_of_its_bin() -> None:
    assert extremes.median(histogram(np.array([1.0, 16.0, 1e4]))) == pytest.approx(
        16.0 * 2 ** (1 / 16)
    )


def test_unknown_and_negative_amounts_stand_in_the_lowest_bin() -> None:
    assert extremes.bins(np.array([np.nan, -5.0])).tolist() == [0, 0]
