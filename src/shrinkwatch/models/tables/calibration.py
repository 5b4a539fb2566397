"""From a score to a probability that can be taken at its word."""

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

BELIEF = 2.0
"""Strength of the belief that log odds are right as they are; so many rows of doubt outweigh it.
Our assumption: with few positives a slope fitted freely is wild."""


class Calibration(msgspec.Struct, frozen=True):
    """probability = expit(shift + slope · log odds)."""

    shift: float = 0.0
    slope: float = 1.0

    def probability(self, log_odds: Floats) -> Floats:
        """Return the probabilities, shape as given. log_odds: natural."""
        return np.asarray(expit(self.shift + self.slope * log_odds))


def calibrate(log_odds: Floats, positive: NDArray[np.bool_], often: float = 1.0) -> Calibration:
    """Return the calibration of log odds of rows that the model had not learned from.

    log_odds, positive: shape (rows,). often: how often a row stands there; it counts once. Source:
    Platt 1999, "Probabilistic outputs for support vector machines"; here drawn towards the
    identity.
    """
    signed = np.where(positive, 1.0, -1.0)

    def loss(at: Floats) -> tuple[float, Floats]:
        margin = signed * (at[0] + at[1] * log_odds)
        pull = -signed * expit(-margin) / often
        away = at - np.array([0.0, 1.0])
        total = np.logaddexp(0.0, -margin).sum() / often + BELIEF * away @ away
        gradient = np.array([pull.sum(), (pull * log_odds).sum()]) + 2 * BELIEF * away
        return float(total), gradient

    bounds = [(None, None), (0.05, 5.0)]
    from scipy.optimize import minimize  # takes long to load, and live scoring starts without it

    found = minimize(loss, np.array([0.0, 1.0]), jac=True, bounds=bounds, method="L-BFGS-B")
    return Calibration(float(found.x[0]), float(found.x[1]))
