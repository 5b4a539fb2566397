"""A weighted sum of columns, most of whose weights are zero: says little, but in the open."""

import warnings
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.models.tables.columns import Table
from shrinkwatch.models.tables.design import Design, Fitted

Floats = NDArray[np.float64]

Penalty = Literal["sparse", "ridge"]


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
    "Regression shrinkage and selection via the lasso"; solver: liblinear, Fan et al. 2008.
    """
    from sklearn.linear_model import LogisticRegression

    ratio = 1.0 if penalty == "sparse" else 0.0
    solver = "liblinear" if penalty == "sparse" else "lbfgs"
    model = LogisticRegression(
        l1_ratio=ratio, C=strength, solver=solver, max_iter=300, random_state=0,
        **({"intercept_scaling": 10.0} if penalty == "sparse" else {}),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(fitted.matrix, positive)
    weights = model.coef_[0]
    kept = np.flatnonzero(weights).astype(np.int64)
    design = fitted.design.only(kept)
    return Logistic(design, tuple(weights[kept].tolist()), float(model.intercept_[0]))
