"""How unusual one enormous amount is, given the amounts that others have had.

Amounts are kept as a histogram with eight bins per doubling. Beyond the largest that others had,
the tail is a Pareto tail whose steepness is learned from the top hundredth (Hill 1975, Annals of
Statistics 3), with the uncertainty of the estimate carried along. A tail probability becomes
evidence by a calibrator (Sellke, Bayarri & Berger 2001, The American Statistician 55; Vovk & Wang
2021, "E-values: calibration, combination and applications", Annals of Statistics 49).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BINS_PER_DOUBLING = 8
LOWEST_BIN = 0
HIGHEST_BIN = 8 * 63
TOP_SHARE = 0.01
LEAST_EXCEEDANCES = 10
"""Amounts of others on which a tail may rest; twice as many are looked at, one's own included."""
MOST_SHARE = 0.1
"""What more than a tenth of all reach is not the tail: of few amounts, or of many that are equal.
Source: DuMouchel 1983, "Estimating the stable index alpha", Annals of Statistics 11."""


def bins(measure: Floats) -> Integers:
    """Return the bin of each amount, 0 for 1 and less, one more for each eighth of a doubling.

    >>> bins(np.array([0.0, 1.0, 2.0, 4.0])).tolist()
    [0, 0, 8, 16]
    """
    raised = np.maximum(np.nan_to_num(measure, nan=0.0), 1.0)
    return np.clip(
        np.floor(np.log2(raised) * BINS_PER_DOUBLING + 1e-9).astype(np.int64),
        LOWEST_BIN,
        HIGHEST_BIN,
    )


def bin_value(bin_: Integers) -> Floats:
    """Return the geometric middle of each bin, in the unit of the measure."""
    return np.asarray(np.exp2((bin_ + 0.5) / BINS_PER_DOUBLING))


def tails(
    everyone: Integers, bin_: Integers, count: Integers, person: Integers, measure: Floats
) -> Floats:
    """Return P(one more of the others' amounts is so large or larger) per person, in (0, 1].

    everyone: how many amounts lie in each bin. bin_, count, person: of those asked about, how many
    amounts of a person lie in a bin; person is the place in `measure`, the largest amount of each.
    A person's own amounts are left out of what he is compared with. Beyond the tenth largest of the
    others the tail above the top hundredth is Pareto: with m amounts of log excess summing to S
    over the threshold u, the predictive tail is (1 + log(x / u) / S) ** -m (a gamma posterior over
    the steepness under Jeffreys' prior, integrated out; for large m it is Hill's).
    """
    above = np.cumsum(everyone[::-1])[::-1]
    here = bins(measure)

    def own(cells: NDArray[np.bool_], weight: Floats) -> Floats:
        sums = np.bincount(person[cells], (count * weight)[cells], measure.size)
        return np.asarray(sums, dtype=np.float64)

    every = np.ones(bin_.size)
    total = everyone.sum() - own(every > 0, every)
    reached = above[here] - own(bin_ >= here[person], every)
    counted = (reached + 1.0) / (total + 1.0)
    wanted = max(2 * LEAST_EXCEEDANCES, round(TOP_SHARE * float(everyone.sum())))
    if above[0] < wanted:
        return np.asarray(counted)
    threshold = int(np.flatnonzero(above >= wanted)[-1])
    edge = 2.0 ** (threshold / BINS_PER_DOUBLING)
    reach = np.log(bin_value(np.arange(HIGHEST_BIN + 1)) / edge)
    top = bin_ >= threshold
    many = above[threshold] - own(top, every)
    spread = float(everyone[threshold:] @ reach[threshold:]) - own(top, reach[bin_])
    excess = np.log(np.maximum(measure, edge) / edge)
    beyond = many / np.maximum(total, 1.0) * (1.0 + excess / np.maximum(spread, 1e-9)) ** -many
    far = (reached < LEAST_EXCEEDANCES) & (here > threshold) & (many >= LEAST_EXCEEDANCES)
    far &= above[threshold] <= MOST_SHARE * above[0]
    return np.asarray(np.where(far, np.minimum(counted, beyond), counted))


def median(others: Integers) -> float:
    """Return the median amount of the others (the middle of its bin); NaN without any."""
    total = int(others.sum())
    if total == 0:
        return float("nan")
    place = int(np.searchsorted(np.cumsum(others), (total + 1) // 2))
    return float(bin_value(np.array([place]))[0])


def log_e_value(tail: Floats) -> Floats:
    """Return the log of the evidence in a tail probability; ≤ 0 for tails above one fifth or so.

    The mixture over all power calibrators, (1 - p + p log p) / (p log(p)²), whose mean over
    uniform p is 1. Source: Vovk & Wang 2021, equation (2); Shafer et al. 2011.
    """
    p = np.clip(tail, 1e-300, 1.0 - 1e-6)
    return np.asarray(np.log1p(-p + p * np.log(p)) - np.log(p) - 2.0 * np.log(-np.log(p)))
