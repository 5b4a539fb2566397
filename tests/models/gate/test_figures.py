"""The gate's numbers, against scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from shrinkwatch.models.gate import figures


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 60), st.integers(2, 9))
def test_the_average_precision_is_scikit_learns(seed: int, rows: int, values: int) -> None:
    """With ties and weights; expected values: sklearn.metrics.average_precision_score."""
    drawn = np.random.default_rng(seed)
    score = drawn.integers(0, values, rows) / values
    outcome = np.append(1.0, drawn.integers(0, 2, rows - 1)).astype(float)
    weight = drawn.random((3, rows)) + 0.1
    known = [average_precision_score(outcome, score, sample_weight=one) for one in weight]
    assert figures.average_precision(score, outcome, weight) == pytest.approx(known)


def test_without_a_positive_there_is_no_average_precision() -> None:
    none = figures.average_precision(np.array([0.1, 0.2]), np.zeros(2), np.ones((1, 2)))
    assert np.isnan(none).all()
    assert figures.interval(none) == (-np.inf, np.inf)


def test_the_brier_score_by_hand() -> None:
    """(0.2² + 3 · 0.5²) / 4, the second answer counting three times."""
    said, outcome = np.array([0.8, 0.5]), np.array([1.0, 0.0])
    assert figures.brier(said, outcome, np.array([1.0, 3.0])) == pytest.approx(0.1975)


def test_the_calibration_error_by_hand() -> None:
    """Ten bins of two: each says 0.3 and one of its two comes true, so each is off by 0.2."""
    said, outcome = np.full(20, 0.3), np.tile([0.0, 1.0], 10)
    assert figures.calibration_error(said, outcome, np.ones(20)) == pytest.approx(0.2)


def test_bins_hold_equally_many_whatever_the_order() -> None:
    said = np.random.default_rng(1).permutation(np.linspace(0, 1, 50))
    place = figures.bins_of(said)
    assert np.bincount(place).tolist() == [5] * 10
    assert said[place == 0].max() < said[place == 1].min()


def test_right_probabilities_stay_below_what_chance_explains() -> None:
    """In 200 draws of right answers some 5 % lie above it: 2 to 22 with 99.9 % (binomial)."""
    drawn = np.random.default_rng(2)
    said, weight = drawn.random(300), np.ones(300)
    limit = figures.chance_calibration_error(said, weight, seed=3)
    above = 0
    for _ in range(200):
        outcome = (drawn.random(300) < said).astype(float)
        above += figures.calibration_error(said, outcome, weight) > limit
    assert 2 <= above <= 22


def test_subjects_are_drawn_with_all_their_rows() -> None:
    cluster = np.array([0, 0, 1, 2, 2, 2])
    drawn = figures.resampled(cluster, np.ones(6), seed=1)
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[:, 3] == drawn[:, 4]).all()
    assert (drawn[:, [0, 2, 3]].sum(axis=1) == 3).all()
    assert drawn.mean() == pytest.approx(1.0, abs=0.1)


def test_the_interval_of_a_difference_covers_the_truth() -> None:
    """Precision of two fair coins: the 95 % interval misses 0 in some 5 % of 200 samples.

    1 to 22 with 99.9 % (binomial), a bootstrap being slightly too narrow.
    """
    drawn = np.random.default_rng(4)
    missed = 0
    for _ in range(200):
        one, two = drawn.integers(0, 2, (2, 60)).astype(float)
        weights = figures.resampled(np.arange(60), np.ones(60), seed=5)
        low, high = figures.interval((weights @ (one - two)) / 60)
        missed += not low <= 0 <= high
    assert 1 <= missed <= 22


def test_the_share_s_interval_is_wilsons() -> None:
    """Expected values: scipy.stats.binomtest(k, n).proportion_ci(method="wilson")."""
    from scipy.stats import binomtest

    for right, of in ((0, 5), (8, 10), (30, 30), (3, 100)):
        known = binomtest(right, of).proportion_ci(method="wilson")
        assert figures.wilson(right, of) == pytest.approx((known.low, known.high), abs=1e-7)
