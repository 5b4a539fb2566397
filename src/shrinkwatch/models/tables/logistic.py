"""A weighted sum of columns, most of whose weights are zero: says little, but in the open."""

import warnings
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.models.tables.columns import Table
from shrinkwatch.models.tables.design import Design, Fitted

Floats = NDArray[np.float64]

Penalty = Literal["sparse", "relaxed", "ridge"]
"""Sparse chooses columns and draws their weights to zero; relaxed chooses so, then weighs anew."""

LOOSE = 3.0
"""Inverse strength of the ridge by which a relaxed fit weighs anew. Our assumption."""


class Logistic(msgspec.Struct, frozen=True):
    """Log odds = start + weights · columns of the design."""

    design: Design
    weights: tuple[float, ...]
    start: float

    def log_odds(self, table: Table) -> Floats:
        """Return the natural log odds, shape (rows,)."""
        return np.asarray(self.design.matrix(table) @ np.array(self.weights) + self.start)


def fit_logistic(
    fitted: Fitted, positive: NDArray[np.bool_], penalty: Penalty, strength: float
) -> Logistic:
    """Return the fit of the columns; those of weight zero are gone.

    strength: the inverse of the penalty's weight (scikit-learn's C). Source: Tibshirani 1996,
    "Regression shrinkage and selection via the lasso"; Meinshausen 2007, "Relaxed lasso"; solver:
    liblinear, Fan et al. 2008.
    """
    if penalty == "ridge":
        return _ridge(fitted, positive, strength)
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        l1_ratio=1.0, C=strength, solver="liblinear", max_iter=100, tol=1e-3, random_state=0,
        intercept_scaling=10.0,
    )  # fmt: skip
    found = _solved(model, fitted, positive)
    if penalty == "sparse" or not found.weights:
        return found
    kept = np.flatnonzero(model.coef_[0]).astype(np.int64)
    return _ridge(Fitted(found.design, fitted.matrix[:, kept]), positive, LOOSE)


def _ridge(fitted: Fitted, positive: NDArray[np.bool_], strength: float) -> Logistic:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(l1_ratio=0.0, C=strength, solver="lbfgs", max_iter=300)
    return _solved(model, fitted, positive)


def _solved(model: Any, fitted: Fitted, positive: NDArray[np.bool_]) -> Logistic:
    """Return the fit without the columns of weight zero; an unfinished one is still a fit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(fitted.matrix, positive)
    weights = model.coef_[0]
    kept = np.flatnonzero(weights).astype(np.int64)
    design = fitted.design.only(kept)
    return Logistic(design, tuple(weights[kept].tolist()), float(model.intercept_[0]))
