"""How well probabilities order and foretell answers, and how sure a difference between two is."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

BINS = 10
DRAWS = 1_000
_AT_ONCE = 4_000_000


def average_precision(score: Floats, outcome: Floats, weight: Floats) -> Floats:
    """Return the area under the precision-recall curve, shape (draws,); NaN without a positive.

    score, outcome (1 or 0): shape (rows,); weight: (draws, rows). Equal scores are one step.
    Source: Davis & Goadrich 2006, ICML (no linear interpolation).
    """
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    step = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    whole = np.cumsum(weight[:, order], axis=1)[:, step]
    right = np.cumsum(weight[:, order] * outcome[order], axis=1)[:, step]
    gained = np.diff(right, axis=1, prepend=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(whole > 0, right / whole, 0.0)
        return np.asarray((gained * precision).sum(axis=1) / right[:, -1])


def brier(said: Floats, outcome: Floats, weight: Floats) -> float:
    """Return the weighted mean squared distance of the probabilities from the answers.

    Source: Brier 1950, Monthly Weather Review 78.
    """
    return float(np.average((said - outcome) ** 2, weights=weight))


def bins_of(said: Floats) -> Whole:
    """Return the bin (0 to BINS - 1) of each probability; bins hold about equally many."""
    rank = np.argsort(np.argsort(said, kind="stable"), kind="stable")
    return (rank * min(BINS, said.size)) // max(said.size, 1)


def calibration_error(said: Floats, outcome: Floats, weight: Floats) -> float:
    """Return the weighted mean distance between what was said and what came true, over the bins.

    Source: expected calibration error, Naeini et al. 2015, AAAI; bins of equal count.
    """
    place = bins_of(said)
    off = np.bincount(place, weight * (said - outcome))
    return float(np.abs(off).sum() / weight.sum())


def chance_calibration_error(said: Floats, weight: Floats, seed: int) -> float:
    """Return the calibration error that 95 % of right probabilities stay below, with these rows.

    With few answers even right probabilities look wrong; answers are drawn from what was said.
    Source: consistency resampling, Broecker & Smith 2007, Weather and Forecasting 22.
    """
    drawn = np.random.default_rng(seed)
    answers = drawn.random((DRAWS // 5, said.size)) < said
    return float(
        np.quantile([calibration_error(said, one.astype(float), weight) for one in answers], 0.95)
    )


def resampled(cluster: Whole, weight: Floats, seed: int) -> Floats:
    """Return the weights of rows when subjects are drawn anew with replacement, (draws, rows).

    cluster: the subject of each row, from 0. A subject comes with all its rows, because the
    answers about one are not independent. Fewer draws where there are very many rows.
    Source: cluster bootstrap, Davison & Hinkley 1997, "Bootstrap methods", §3.8.
    """
    subjects = int(cluster.max()) + 1
    draws = int(np.clip(_AT_ONCE // max(cluster.size, 1), 200, DRAWS))
    drawn = np.random.default_rng(seed)
    times = drawn.multinomial(subjects, np.full(subjects, 1 / subjects), size=draws)
    return np.asarray(times[:, cluster] * weight, dtype=np.float64)


def interval(draws: Floats) -> tuple[float, float]:
    """Return the middle 95 % of what was drawn; draws that had no answer to count are left out."""
    known = draws[~np.isnan(draws)]
    if known.size == 0:
        return -np.inf, np.inf
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def wilson(right: float, of: float) -> tuple[float, float]:
    """Return the 95 % interval of a share. Source: Wilson 1927, JASA 22.

    >>> [round(bound, 3) for bound in wilson(8, 10)]
    [0.49, 0.943]
    """
    z = 1.959964
    share, slack = right / of, z * z / of
    middle = (share + slack / 2) / (1 + slack)
    half = z / (1 + slack) * np.sqrt(share * (1 - share) / of + slack / (4 * of))
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))
