"""How unusual a number of suspicious events is, given what honest colleagues would have had.

Honest people differ. A person's own tendency is taken as a gamma variable with mean 1 and shape
`a`, so that honest hits are negative binomial around the expected hits `E` of peers (Clayton &
Kaldor 1987, "Empirical Bayes estimates of age-standardized relative risks", Biometrics 43). A few
honest people work in a way of their own (a different task, a habit of the shop): with weight
`ODD_SHARE` the tendency is wider and higher. A thief adds events to his honest ones: how many is
not known, so the number added is spread over its order of magnitude.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

SHAPES = np.geomspace(0.25, 25.0, 21)
"""Shapes tried in a fit. 25 is the floor on difference: honest people vary by 20 % at least."""

ODD_SHARE = 0.003
"""Honest people who work in a way of their own: three in a thousand. Our assumption; what other
values do is in docs/decisions/probability-without-labels.md."""

ODD_RATE = 3.0
"""Times the peers' rate that such a person has on average, with shape 1 (exponential spread)."""

PRIOR_SHAPE = 4.0
"""Honest people are taken to differ by half until data say otherwise."""

_PRIOR_SPREAD = 0.7
MOST_FITTED = 4000
"""So many people say well enough how much honest people differ."""


def _added() -> tuple[Counts, Floats]:
    """Return (numbers added by a thief, their weights): 0 to 32 singly, then by quarter octaves."""
    singly = np.arange(33)
    wide = np.unique(np.round(32 * 2 ** (np.arange(1, 41) / 4))).astype(np.int64)
    numbers = np.concatenate([singly, wide])
    upper = np.append(numbers[1:], 2 * numbers[-1])
    weights = np.log((upper + 1.0) / (numbers + 1.0))
    return numbers, weights / weights.sum()


def log_likelihood(hits: Counts, expected: Floats, shape: Floats | float) -> Floats:
    """Return log P(hits) of an honest person, natural log, broadcast over the arguments.

    hits: ≥ 0. expected: hits that peers would have had, > 0. shape: of the gamma, > 0.
    """
    a = np.asarray(shape, dtype=np.float64)
    k = np.asarray(hits, dtype=np.int64)
    each = np.arange(k.max(initial=0) + 1)  # many people have few hits: looked up, not worked out
    return np.asarray(
        (gammaln(each + a)[k] if a.ndim == 0 else gammaln(k + a))
        - gammaln(a)
        - gammaln(each + 1.0)[k]
        - a * np.log1p(expected / a)
        + k * (np.log(expected) - np.log(expected + a))
    )


def tail_probability(hits: Counts, expected: Floats, shape: Floats | float) -> Floats:
    """Return P(an honest person has so many hits or more); 1 where hits is 0.

    Source: the negative binomial tail as a regularised incomplete beta function,
    P(K >= k) = I_{E/(E+a)}(k, a) (Johnson, Kemp & Kotz, Univariate Discrete Distributions, §5.6).
    """
    k = np.maximum(np.asarray(hits, dtype=np.float64), 1.0)
    tail = betainc(k, shape, expected / (expected + shape))
    return np.asarray(np.where(np.asarray(hits) > 0, tail, 1.0))


def honest(hits: Counts, expected: Floats, shape: Floats | float) -> Floats:
    """Return log P(hits) of an honest person, the few who work in a way of their own included."""
    usual = log_likelihood(hits, expected, shape)
    odd = log_likelihood(hits, ODD_RATE * expected, 1.0)
    return np.asarray(np.logaddexp(np.log1p(-ODD_SHARE) + usual, np.log(ODD_SHARE) + odd))


def log_bayes_factor(hits: Counts, expected: Floats, shape: Floats | float) -> Floats:
    """Return log of P(hits | thief) / P(hits | honest), shape (n,).

    A thief's hits are honest hits plus t, with weight falling as 1 / (t + 1) up to 32,768 (a
    reference prior over the order of magnitude; t = 0 is the thief whom this rule misses).
    hits, expected: shape (n,). shape: of the rule, a number or (n,).
    """
    k = np.asarray(hits, dtype=np.int64)
    mean = np.asarray(expected, dtype=np.float64)
    a = np.broadcast_to(np.asarray(shape, dtype=np.float64), k.shape)
    added, weights = _added()
    factor = np.full(k.shape, np.log(weights[0]))  # no hit: only the thief whom the rule misses
    low = 1
    for high in (2, 8, 32, int(k.max(initial=32))):
        some = np.flatnonzero((k >= low) & (k <= high))
        reach = int(np.searchsorted(added, high, side="right"))
        if some.size:
            factor[some] = _mixture(k[some], mean[some], a[some], added[:reach], weights[:reach])
        low = high + 1
    return factor


def _mixture(
    hits: Counts, expected: Floats, shape: Floats, added: Counts, weights: Floats
) -> Floats:
    """Return the log Bayes factor of people whose hits are not above the last of `added`."""
    k, mean, a = hits[:, None], expected[:, None], shape[:, None]
    rest = k - added[None, :]
    likely = honest(np.maximum(rest, 0), mean, a)  # its first column: nothing was added
    terms = np.where(rest >= 0, np.log(weights)[None, :] + likely, -np.inf)
    top = terms.max(axis=1, initial=-np.inf)
    guilty = top + np.log(np.exp(terms - top[:, None]).sum(axis=1))
    return np.asarray(guilty - likely[:, 0])


def fit_shape(hits: Counts, expected: Floats, guilty_share: float = 0.01) -> float:
    """Return the shape `a` with which honest people differ; thieves hardly move it.

    Each person counts with the probability of being honest (two rounds of EM with a fixed prior
    share of thieves), and the shape has a weak prior around 4 (people differ by half). Of more
    than 4,000 people the first 4,000 are used; keys are hashes, so that is a random sample.
    hits, expected: shape (n,); people with expected 0 are left out.
    Source: the two-groups model, Efron 2008, "Microarrays, empirical Bayes and the two-groups
    model", Statistical Science 23.
    """
    usable = np.flatnonzero(expected > 0)[:MOST_FITTED]
    k, mean = np.asarray(hits)[usable], np.asarray(expected)[usable]
    prior = -0.5 * ((np.log(SHAPES) - np.log(PRIOR_SHAPE)) / _PRIOR_SPREAD) ** 2
    if usable.size == 0:
        return PRIOR_SHAPE
    table = np.stack([log_likelihood(k, mean, shape) for shape in SHAPES], axis=1)
    best, odds = PRIOR_SHAPE, guilty_share / (1.0 - guilty_share)
    for _ in range(2):
        factor = np.minimum(log_bayes_factor(k, mean, best), 500.0)
        innocent = 1.0 / (1.0 + odds * np.exp(factor))
        best = float(SHAPES[np.argmax(innocent @ table + prior)])
    return best
