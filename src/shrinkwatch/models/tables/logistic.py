"""A weighted sum of columns, most of whose weights are zero: says little, but in the open."""

import warnings
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.models.tables.columns import Table
from shrinkwatch.models.tables.design import Design, Fitted
from shrinkwatch.models.tables.lasso import Weights

Floats = NDArray[np.float64]

Penalty = Literal["sparse", "relaxed", "ridge"]
"""Sparse chooses columns and draws their weights to zero; relaxed chooses so, then weighs anew."""

LOOSE = 3.0
"""Inverse strength of the ridge by which a relaxed fit weighs anew. Our assumption."""

WIDE = 500
"""Columns from which on all their inner products cost more than many steps without them."""


class Logistic(msgspec.Struct, frozen=True):
    """Log odds = start + weights · columns of the design."""

    design: Design
    weights: tuple[float, ...]
    start: float

    def log_odds(self, table: Table) -> Floats:
        """Return the natural log odds, shape (rows,)."""
        return np.asarray(self.design.matrix(table) @ np.array(self.weights) + self.start)


def sparse(fitted: Fitted, weights: Weights) -> Logistic:
    """Return the sum with these weights; the columns of weight zero are gone."""
    kept = np.flatnonzero(weights.each).astype(np.int64)
    return Logistic(fitted.design.only(kept), tuple(weights.each[kept].tolist()), weights.start)


def relaxed(fitted: Fitted, weights: Weights, positive: NDArray[np.bool_]) -> Logistic:
    """Return the columns that have a weight, weighed anew and hardly held back.

    Source: Meinshausen 2007, "Relaxed lasso".
    """
    kept = np.flatnonzero(weights.each).astype(np.int64)
    if kept.size == 0:
        return sparse(fitted, weights)
    return ridge(Fitted(fitted.design.only(kept), fitted.matrix[:, kept]), positive, LOOSE)


def ridge(fitted: Fitted, positive: NDArray[np.bool_], strength: float) -> Logistic:
    """Return the fit of all columns, weights drawn to zero but none quite.

    strength: the inverse of the penalty's weight (scikit-learn's C). An unfinished fit is one too.
    """
    from sklearn.linear_model import LogisticRegression

    solver = "newton-cholesky" if fitted.matrix.shape[1] <= WIDE else "lbfgs"
    model = LogisticRegression(l1_ratio=0.0, C=strength, solver=solver, max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(fitted.matrix, positive)
    return sparse(fitted, Weights(model.coef_[0], float(model.intercept_[0])))
