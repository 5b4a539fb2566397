"""Expected numbers come from hand work, said in each test."""

import numpy as np
import pytest

from shrinkwatch.models import unlabelled as model


def test_even_odds_come_from_a_factor_that_outweighs_the_prior() -> None:
    # by hand: 0.01 × 99 / (0.99 + 0.01 × 99) = 1/2
    found = model.probabilities(np.log(np.array([[99.0]])), np.array([0.01]))
    assert found[0, 0] == pytest.approx(0.5)


def test_schemes_exclude_each_other() -> None:
    found = model.probabilities(np.log(np.array([[1e6, 1e6, 1.0]])), np.full(3, 0.001))
    assert found[0] == pytest.approx([0.5, 0.5, 5e-7], rel=0.01)
    assert found.sum() < 1.0


def test_no_evidence_leaves_the_prior() -> None:
    found = model.probabilities(np.zeros((2, 2)), np.array([0.01, 0.02]))
    assert found[1] == pytest.approx([0.01, 0.02])


def test_rules_of_a_scheme_are_averaged_over_those_that_could_speak() -> None:
    factors = np.log(np.array([[8.0, 2.0, 5.0], [8.0, 2.0, 5.0]]))
    known = np.array([[True, True, False], [True, False, False]])
    found = model.scheme_log_factors(factors, known, np.array([0, 0, 1]), 2)
    # by hand: (8 + 2) / 2, and 8 alone; nothing is known of the second scheme
    assert np.exp(found) == pytest.approx(np.array([[5.0, 1.0], [8.0, 1.0]]))


def test_the_published_share_is_cases_that_touch_the_window_per_person() -> None:
    # by hand: 3.4 × 20 × 70 / 365 = 13.04 cases among 400 people
    assert model.published_share("operator", 400, 20, 28) == pytest.approx(13.04 / 400, rel=1e-3)
    assert model.published_share("operator", 10, 20, 28) == model.MOST_PRIOR
    assert model.published_share("customer", 400, 20, 28) == model.OUTSIDER_SHARE


def test_a_chain_without_thieves_is_believed_less_and_less_to_have_any() -> None:
    prior = np.array([0.01, 0.01])
    learned = model.learn_prior(prior, np.zeros(2), 1000)
    # by hand: belief 20 / 0.02 = 1000 people; 10 / 2000 each
    assert learned == pytest.approx([0.005, 0.005])
