"""How right the alerts are and how much they miss, from the answers to alerts chosen and drawn.

Alerts that were chosen tell how often an alert is right. Alerts drawn by lot stand for all the
leads that were passed over: one that had a chance of 1 in 50 stands for 50 (Horvitz & Thompson
1952, "A generalization of sampling without replacement from a finite universe", JASA 47). Whatever
nobody answered is unknown: it counts neither as right nor as wrong.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincinv, ndtri

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CONFIDENCE = 0.95
LEAST_ANSWERS = 10
"""Of fewer answers nothing is told: an interval would span nearly everything."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 95 % interval; None where nothing is known of it."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


UNKNOWN = Estimate()


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered in one way of choosing, of how many alerts.

    right: shape (n,), whether the subject of an answered alert had done it. chance: shape (n,), the
    probability, > 0, that the alert had of being chosen. alerts: how many there are, answered or
    not; the others are taken to be like those answered.
    """

    right: NDArray[np.bool_]
    chance: Floats
    alerts: int

    @property
    def weight(self) -> Floats:
        """For how many leads each answer stands, shape (n,)."""
        return self.alerts / max(self.right.size, 1) / self.chance


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the alerts are. precision: alerts that are right. recall: of the subjects among the
    leads who did it, those with an alert. false_alerts: of those who did not, those with an alert.
    """

    precision: Estimate
    recall: Estimate
    false_alerts: Estimate


def allot(probable: Floats, band: Integers, expected: float) -> Floats:
    """Return the chance of each lead to be drawn, shape (n,); they add up to at most `expected`.

    probable: how probable each is, shape (n,). band: its band of risk, shape (n,), 0 or more. The
    bands share the draws so that the number of thieves among the leads comes out as exact as it
    can: by the number of leads times sqrt(q (1 - q)), q being the band's mean probability.
    Source: Neyman 1934, "On the two different aspects of the representative method", JRSS 97.
    """
    if probable.size == 0 or expected <= 0:
        return np.zeros(probable.size)
    many = np.maximum(np.bincount(band), 1)
    mean = np.clip(np.bincount(band, weights=probable) / many, 0.01, 0.99)
    spread = np.sqrt(mean * (1.0 - mean))[band]
    return np.asarray(np.minimum(1.0, expected * spread / spread.sum()))


def quality(chosen: Answers, drawn: Answers) -> Quality:
    """Return how good the alerts are; what too few answers tell of is unknown.

    Without draws, nothing is known of what was missed.
    """
    if chosen.right.size < LEAST_ANSWERS:
        return Quality(UNKNOWN, UNKNOWN, UNKNOWN)
    precision = share(int(chosen.right.sum()), chosen.right.size)
    if drawn.right.size < LEAST_ANSWERS:
        return Quality(precision, UNKNOWN, UNKNOWN)
    found, wrong = (counted(chosen, which) for which in (chosen.right, ~chosen.right))
    missed, spared = (weighed(drawn, which) for which in (drawn.right, ~drawn.right))
    return Quality(precision, part(found, missed), part(wrong, spared))


def share(some: int, of: int) -> Estimate:
    """Return `some` of `of` as a share with its interval; of nothing, unknown.

    Source: Wilson 1927, JASA 22; recommended by Brown, Cai & DasGupta 2001, "Interval estimation
    for a binomial proportion", Statistical Science 16.

    >>> half = share(5, 10)
    >>> round(half.low, 3), round(half.high, 3)  # Brown, Cai & DasGupta's formula by hand
    (0.237, 0.763)
    """
    if of == 0:
        return UNKNOWN
    z = float(ndtri(0.5 + CONFIDENCE / 2))
    middle = (some + z * z / 2) / (of + z * z)
    half = z * np.sqrt(some * (of - some) / of + z * z / 4) / (of + z * z)
    return Estimate(some / of, float(max(0.0, middle - half)), float(min(1.0, middle + half)))


def counted(chosen: Answers, which: NDArray[np.bool_]) -> Estimate:
    """Return how many of the alerts are like `which`; those answered are known."""
    here, left = int(which.sum()), chosen.alerts - which.size
    rate = share(here, which.size)
    if rate.value is None or rate.low is None or rate.high is None:
        return UNKNOWN
    return Estimate(here + left * rate.value, here + left * rate.low, here + left * rate.high)


def weighed(drawn: Answers, which: NDArray[np.bool_]) -> Estimate:
    """Return how many of the leads that were passed over are like `which`, of those drawn.

    The interval is that of a weighted sum of Poisson counts: it holds for few, and for none, as the
    normal one does not. Source: the mid-p gamma interval, Fay & Kim 2017, "Confidence intervals for
    directly standardized rates using mid-p gamma intervals", Biometrical Journal 59, with the mean
    weight for the next count (Tiwari, Clegg & Zou 2006, Statistical Methods in Medical Research
    15); the variance is Horvitz & Thompson's under Poisson sampling.
    """
    weight = drawn.weight
    total = float(weight[which].sum())
    left_out = 1.0 - 1.0 / np.maximum(weight, 1.0)
    spread = float((weight**2 * left_out)[which].sum())
    if not left_out.any():
        return Estimate(total, total, total)
    more, wider = total + float(weight.mean()), spread + float((weight**2).mean())
    most = 2.0 * wider / more * float(gammaincinv(more**2 / wider, 0.9999))

    def both(amount: float, tail: float) -> float:
        here = gammainc(total**2 / spread, amount * total / spread) if spread else 1.0
        there = gammainc(more**2 / wider, amount * more / wider)
        return float(here + there) / 2.0 - tail

    from scipy.optimize import brentq  # takes long to load, and live scoring starts without it

    tail = (1.0 - CONFIDENCE) / 2
    low = brentq(both, 0.0, most, args=(tail,)) if spread else total
    return Estimate(total, float(low), float(brentq(both, 0.0, most, args=(1.0 - tail,))))


def part(mine: Estimate, others: Estimate) -> Estimate:
    """Return mine / (mine + others), two independent amounts, with its interval.

    Source: the interval of their ratio by the method of variance estimates recovery, Donner & Zou
    2012, "Closed-form confidence intervals for functions of the normal mean and standard
    deviation", Statistical Methods in Medical Research 21.
    """
    a, b = _bounds(mine), _bounds(others)
    if a is None or b is None or not a[1] + b[1]:
        return UNKNOWN
    if not a[1]:
        return Estimate(0.0, 0.0, a[2] / (a[2] + b[0]) if a[2] else 0.0)
    least, most = _ratio(b, a)
    return Estimate(a[1] / (a[1] + b[1]), 1.0 / (1.0 + most), 1.0 / (1.0 + least))


def _bounds(one: Estimate) -> tuple[float, float, float] | None:
    """Return low, value, high."""
    if one.value is None or one.low is None or one.high is None:
        return None
    return one.low, one.value, one.high


def _ratio(
    upper: tuple[float, float, float], lower: tuple[float, float, float]
) -> tuple[float, float]:
    """Return the bounds of upper / lower, each given by low, value, high; lower's value is > 0."""
    (low, m, high), (low_2, t, high_2) = upper, lower

    def bound(end: float, other: float, sign: float) -> float:
        if other <= 0 or other >= 2 * t:  # too few for the method: each at its own worst
            return end / other if other > 0 else np.inf
        inside = (m * t) ** 2 - end * other * (2 * m - end) * (2 * t - other)
        return float((m * t + sign * np.sqrt(max(inside, 0.0))) / (other * (2 * t - other)))

    return bound(low, high_2, -1.0), bound(high, low_2, 1.0)


def weeks_until_known(recall: float, found_per_week: float, chance: float, within: float) -> float:
    """Return after how many weeks recall is known to `within` on either side, with 95 %.

    recall: as it is believed to be; 0.75 is where it takes longest. found_per_week: right alerts.
    chance: with which a thief who is passed over is drawn. In w weeks the alerts find T = w t, and
    M = w t (1 - R) / R are missed, of whom a Poisson number is drawn: the draws tell M up to a
    standard error of sqrt(M (1 / p - 1)), and R = T / (T + M) up to R^2 / T times that. So
    w = (1.96 / within)^2 R^3 (1 - R) (1 / p - 1) / t; without alerts, never (inf).
    """
    if found_per_week <= 0 or chance <= 0:
        return np.inf
    z = float(ndtri(0.5 + CONFIDENCE / 2))
    spread = recall**3 * (1.0 - recall) * (1.0 / chance - 1.0)
    return float((z / within) ** 2 * spread / found_per_week)


def weeks_until_seen(leads_per_week: float, chance: float, sure: float = 0.9) -> float:
    """Return after how many weeks one of such leads was drawn, with the probability `sure`.

    leads_per_week: leads of a scheme that the score never chooses. Each is missed by the lot with
    1 - p: (1 - p)^(s w) <= 1 - sure, so w = log(1 - sure) / (s log(1 - p)); without any, never.
    """
    if leads_per_week <= 0 or chance <= 0:
        return np.inf
    if chance >= 1:
        return 1.0 / leads_per_week
    return float(np.log1p(-sure) / (leads_per_week * np.log1p(-chance)))
