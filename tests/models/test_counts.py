"""Expected numbers come from scipy.stats.nbinom (another program) and from hand work."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from shrinkwatch.models import counts


def of(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=np.float64)


@pytest.mark.parametrize(("k", "e", "a"), [(0, 0.3, 2.0), (4, 0.3, 2.0), (40, 11.0, 0.5)])
def test_likelihood_and_tail_are_those_of_the_negative_binomial(k: int, e: float, a: float) -> None:
    peer = nbinom(a, a / (a + e))
    assert counts.log_likelihood(np.array([k]), of(e), a)[0] == pytest.approx(peer.logpmf(k))
    assert counts.tail_probability(np.array([k]), of(e), a)[0] == pytest.approx(peer.sf(k - 1))


def test_a_tail_of_one_hit_is_one_minus_the_chance_of_none() -> None:
    # by hand: shape 1, mean 1: P(0) = 1/2
    assert counts.tail_probability(np.array([1]), of(1.0), 1.0)[0] == pytest.approx(0.5)


def test_hits_as_expected_speak_neither_way_and_many_accuse() -> None:
    factors = counts.log_bayes_factor(np.array([0, 1, 5, 30]), of(1, 1, 1, 1), 4.0)
    assert factors[0] < 0.0
    assert factors[1] < np.log(2)
    assert factors[2] < factors[3]
    assert factors[3] > np.log(100)


def test_a_bayes_factor_averages_to_one_over_honest_people() -> None:
    # law: Σ P(k | honest) × BF(k) = Σ P(k | thief), which is 1 over all k
    k = np.arange(0, 4000)
    e = np.full(k.size, 2.0)
    mass = np.exp(counts.honest(k, e, 4.0) + counts.log_bayes_factor(k, e, 4.0)).sum()
    reachable = np.log(4000) / np.log(65537)
    assert mass == pytest.approx(reachable, abs=0.02)


@given(st.integers(0, 200), st.floats(1e-4, 1e3), st.floats(0.25, 25.0))
def test_one_more_hit_never_makes_the_tail_likelier(k: int, e: float, a: float) -> None:
    tails = counts.tail_probability(np.array([k, k + 1]), of(e, e), a)
    assert 0.0 <= tails[1] <= tails[0] <= 1.0


def test_the_shape_of_a_simulated_staff_is_found_and_thieves_hardly_move_it() -> None:
    dice = np.random.default_rng(4)
    e = dice.uniform(1.0, 12.0, 1500)
    k = dice.poisson(e * dice.gamma(3.0, 1 / 3.0, e.size))
    alone = counts.fit_shape(k, e)
    assert 2.0 < alone < 4.5
    k[:15] += 60
    assert counts.fit_shape(k, e) == pytest.approx(alone, rel=0.3)


def test_identical_people_are_still_given_a_fifth_of_difference() -> None:
    e = np.full(4000, 20.0)
    k = np.random.default_rng(1).poisson(e)
    assert counts.fit_shape(k, e) <= 25.0


def test_nobody_to_compare_with_leaves_the_prior() -> None:
    assert counts.fit_shape(np.zeros(0, dtype=np.int64), np.zeros(0)) == 4.0
