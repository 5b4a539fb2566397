"""ADWIN, as the gate keeper of means that change."""

import numpy as np

from shrinkwatch.models.drift.change import changes


def test_a_precision_that_falls_by_half_is_found_within_a_hundred_answers_or_so() -> None:
    """Where the bound of the paper, eps_cut, is passed: 300 at 0.8 against 55 at 0.4.

    n0 = 300, n1 = 55, variance 0.20, delta' = 0.002 / ln 355: eps_cut = 0.27 + 0.13 = 0.40. Answers
    wander, and buckets hide some cuts, so 120 are granted.
    """
    for seed in range(4):
        drawn = np.random.default_rng(seed)
        before, after = drawn.random(300) < 0.8, drawn.random(200) < 0.4
        found = changes([float(one) for one in (*before, *after)])
        assert len(found) == 1
        assert 300 <= found[0] <= 300 + 120


def test_a_steady_stream_raises_no_alarm() -> None:
    """ADWIN's bound grants 0.002 a place at most; here there is none in 5 times 400."""
    for seed in range(5):
        steady = np.random.default_rng(seed).random(400) < 0.7
        assert changes([float(one) for one in steady]) == ()


def test_numbers_are_measured_against_the_most_that_they_can_be() -> None:
    drawn = np.random.default_rng(2)
    counts = [*drawn.poisson(10, 90), *drawn.poisson(40, 60)]
    found = changes(counts, most=float(max(counts)))
    assert found
    assert found == changes([one / max(counts) for one in counts])


def test_nothing_has_no_change() -> None:
    assert changes([]) == ()
