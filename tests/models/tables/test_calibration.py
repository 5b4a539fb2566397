"""A probability can be taken at its word."""

import numpy as np
import pytest
from scipy.special import expit

from shrinkwatch.models.tables.calibration import calibrate


def test_log_odds_twice_too_sure_are_halved() -> None:
    drawn = np.random.default_rng(5)
    true = drawn.normal(-1, 1.5, 20_000)
    positive = drawn.random(true.size) < expit(true)
    found = calibrate(2 * true + 1, positive)
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.shift == pytest.approx(-0.5, abs=0.06)


def test_with_few_rows_it_stays_near_what_was_said() -> None:
    found = calibrate(np.array([3.0, -3.0]), np.array([True, False]))
    assert found.slope == pytest.approx(1.0, abs=0.1)


def test_rows_that_stand_there_twice_count_once() -> None:
    log_odds, positive = np.array([3.0, -3.0, 1.0]), np.array([True, False, False])
    once = calibrate(log_odds, positive)
    twice = calibrate(np.tile(log_odds, 2), np.tile(positive, 2), 2.0)
    assert (twice.shift, twice.slope) == pytest.approx((once.shift, once.slope), abs=1e-4)
