"""Few columns get a weight, and those that do are weighed as another program weighs them."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from shrinkwatch.models.tables.lasso import Weights, lasso


def rows(positive_share: float) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.random.default_rng(3)
    matrix = drawn.normal(size=(500, 12))
    shift = np.log(positive_share / (1 - positive_share))
    return matrix, drawn.random(500) < expit(shift + 2 * matrix[:, 0] - matrix[:, 1])


@pytest.mark.parametrize("share", [0.05, 0.5])
@pytest.mark.parametrize("strength", [0.05, 0.3, 2.0])
def test_the_weights_are_those_of_another_solver(share: float, strength: float) -> None:
    matrix, positive = rows(share)
    found = lasso(matrix, positive, strength, Weights.none(12, positive))
    # scikit-learn's saga, the start not held back, to its last digits.
    other = LogisticRegression(l1_ratio=1.0, C=strength, solver="saga", tol=1e-8, max_iter=50_000)
    other.fit(matrix, positive)
    assert found.each == pytest.approx(other.coef_[0], abs=0.02)
    assert found.start == pytest.approx(other.intercept_[0], abs=0.02)


def test_from_a_neighbour_it_comes_to_the_same_weights_and_leaves_the_neighbour_alone() -> None:
    matrix, positive = rows(0.2)
    near = lasso(matrix, positive, 0.1, Weights.none(12, positive))
    kept = near.each.copy()
    there = lasso(matrix, positive, 0.2, near)
    assert there.each == pytest.approx(
        lasso(matrix, positive, 0.2, Weights.none(12, positive)).each, abs=0.01
    )
    assert (near.each == kept).all()


def test_held_back_enough_no_column_has_a_weight_and_the_start_is_the_share() -> None:
    matrix, positive = rows(0.2)
    found = lasso(matrix, positive, 0.001, Weights.none(12, positive))
    assert not found.each.any()
    assert expit(found.start) == pytest.approx(positive.mean(), abs=1e-3)


def test_rows_that_a_column_parts_wholly_have_an_end() -> None:
    matrix = np.linspace(-1, 1, 100)[:, None]
    found = lasso(matrix, matrix[:, 0] > 0, 1.0, Weights.none(1, matrix[:, 0] > 0))
    assert np.isfinite(found.each).all()
    assert found.each[0] > 1
