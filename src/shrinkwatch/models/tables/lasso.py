"""Weighs columns so that those that tell little get no weight at all."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST_STEPS = 25
"""Newton steps; from a neighbour's weights two to four are enough."""

ENOUGH = 1e-4
"""Share of the loss below which a step's gain ends the search. Our assumption."""

LEAST_DOUBT = 1e-5
"""A row counts at least so much, however sure the fit is of it. Source: Friedman et al. 2010."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Log odds = start + matrix · each. each: shape (columns,)."""

    each: Floats
    start: float

    @classmethod
    def none(cls, columns: int, positive: Mask) -> "Weights":
        """Return the weights of a fit that looks at no column."""
        share = (positive.sum() + 0.5) / (positive.size + 1.0)
        return cls(np.zeros(columns), float(np.log(share / (1.0 - share))))


def lasso(matrix: Floats, positive: Mask, strength: float, near: Weights) -> Weights:
    """Return the weights that lose least: logistic loss + (sum of absolute weights) / strength.

    matrix: standardised, shape (rows, columns). near: where to begin, best a fit of a little less
    strength. Source: Tibshirani 1996, "Regression shrinkage and selection via the lasso"; solved by
    Newton steps over coordinate descent, Friedman, Hastie & Tibshirani 2010, "Regularization paths
    for generalized linear models via coordinate descent", with the inner products of the columns
    worked out once a step.
    """
    lost = _loss(matrix, positive, strength, near)
    for _ in range(MOST_STEPS):
        aim = _aim(matrix, positive, strength, near)
        reached, now = _step(matrix, positive, strength, near, aim, lost)
        if now < lost:
            near = reached
        if lost - now < ENOUGH * lost:
            break
        lost = now
    return near


def _loss(matrix: Floats, positive: Mask, strength: float, at: Weights) -> float:
    margin = np.where(positive, 1.0, -1.0) * (matrix @ at.each + at.start)
    return float(np.logaddexp(0.0, -margin).sum() + np.abs(at.each).sum() / strength)


def _aim(matrix: Floats, positive: Mask, strength: float, at: Weights) -> Weights:
    """Return the least loss of the parabola that touches the loss where the weights stand."""
    from sklearn.linear_model import enet_path

    log_odds = matrix @ at.each + at.start
    probability = expit(log_odds)
    doubt = np.maximum(probability * (1.0 - probability), LEAST_DOUBT)
    wanted = log_odds + (positive - probability) / doubt
    means = doubt @ matrix / doubt.sum()
    mean = float(doubt @ wanted / doubt.sum())
    root = np.sqrt(doubt)
    columns = np.asfortranarray((matrix - means) * root[:, None])
    answers = (wanted - mean) * root
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, path, _ = enet_path(
            columns, answers, l1_ratio=1.0, alphas=[1.0 / (strength * positive.size)],
            precompute=columns.T @ columns, Xy=columns.T @ answers, coef_init=at.each.copy(),
            tol=1e-4, max_iter=500, check_input=False,
        )  # fmt: skip
    each = np.asarray(path[:, 0])
    return Weights(each, mean - float(means @ each))


def _step(
    matrix: Floats, positive: Mask, strength: float, at: Weights, aim: Weights, lost: float
) -> tuple[Weights, float]:
    """Return how far to go towards the aim, and the loss there; all the way if that loses less."""
    far = 1.0
    while True:
        each = at.each + far * (aim.each - at.each)
        reached = Weights(each, at.start + far * (aim.start - at.start))
        now = _loss(matrix, positive, strength, reached)
        if now <= lost or far < 1e-3:
            return reached, now
        far /= 2.0
