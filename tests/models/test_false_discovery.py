"""Of people drawn as the model takes them to be, as many leads are false as their chances say."""

import numpy as np
import pytest

from shrinkwatch.models import counts, unlabelled

PEOPLE, SCHEMES, RULES_EACH, SHAPE, STEALING = 20_000, 4, 2, 4.0, 0.02


def drawn(dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (people, rules) expected and seen hits, and who steals.

    A thief adds hits under one rule of one scheme, of any order of magnitude: t + 1 is uniform on a
    logarithmic scale up to 32,769.
    """
    rules = SCHEMES * RULES_EACH
    expected = dice.lognormal(0.0, 1.5, (PEOPLE, rules))
    odd = dice.random((PEOPLE, rules)) < counts.ODD_SHARE
    usual = dice.gamma(SHAPE, 1.0 / SHAPE, (PEOPLE, rules))
    way = np.where(odd, counts.ODD_RATE * dice.exponential(1.0, (PEOPLE, rules)), usual)
    hits = dice.poisson(expected * way)
    thief = dice.random(PEOPLE) < STEALING
    some = np.flatnonzero(thief)
    added = np.floor(np.exp(dice.random(some.size) * np.log(32_769.0))).astype(np.int64) - 1
    hits[some, dice.integers(rules, size=some.size)] += added
    return expected, hits, thief


@pytest.mark.parametrize("floor", [0.1, 0.5, 0.9])
def test_as_many_leads_are_false_as_their_probabilities_say(floor: float) -> None:
    expected, hits, thief = drawn(np.random.default_rng(20261121))
    factors = np.stack(
        [
            counts.log_bayes_factor(h, e, counts.fit_shape(h, e))
            for h, e in zip(hits.T, expected.T, strict=True)
        ],
        axis=1,
    )
    scheme = np.repeat(np.arange(SCHEMES), RULES_EACH)
    known = np.ones(factors.shape, dtype=np.bool_)
    per_scheme = unlabelled.scheme_log_factors(factors, known, scheme, SCHEMES)
    prior = np.full(SCHEMES, STEALING / SCHEMES)
    said = unlabelled.probabilities(per_scheme, prior).sum(axis=1)
    leads = said >= floor
    claimed, false = float((1.0 - said[leads]).sum()), int((~thief)[leads].sum())
    # law: false leads are a sum of independent trials with these chances; three deviations
    room = 3.0 * float(np.sqrt((said * (1.0 - said))[leads].sum()))
    assert leads.sum() > 100
    assert abs(false - claimed) < room


def test_nobody_steals_and_hardly_anybody_is_accused() -> None:
    expected, hits, thief = drawn(np.random.default_rng(7))
    factors = counts.log_bayes_factor(hits[~thief, 0], expected[~thief, 0], SHAPE)
    # law (Markov): an e-value of honest people exceeds 1 / a with a chance of at most a
    for least in (20.0, 100.0, 1000.0):
        assert np.mean(factors >= np.log(least)) <= 1.0 / least
