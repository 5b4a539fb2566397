"""How far each person's answers can be trusted, and whose answers differ from everybody else's.

An investigator may err, be lenient, or be the thief. Alerts that were answered twice, or whose
answer is known, tell how often each is right; the share of thefts that each finds among alerts that
look alike tells who finds fewer, or more, than the others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

HIT_PRIOR = (8.0, 2.0)
"""Of ten answers to a theft eight are taken to be right until checked answers say otherwise, and
eight of ten to an honest person: our assumption, ten answers strong."""

FLAG_Z = 3.29
"""One honest person in a thousand is so far from the others in one look (two-sided normal)."""

LEAST_CHECKED = 5
MOST_SHARE = 0.10
"""No author carries more of the total weight. Source: RELIABILITY, "Insider poisoning"."""

LEAST_ANSWERS = 20
"""From so many answers on, an author is one of those among whom the weight is shared."""

_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Trust:
    """What checked answers tell. hit, false: shape (authors,), P(says theft | theft) and P(says
    theft | honest). theft: shape (items,), the probability that each item was theft.
    """

    hit: Floats
    false: Floats
    theft: Floats


@dataclass(frozen=True, slots=True)
class Drift:
    """How one author's share of thefts differs from the others' on alike items, with the bounds
    outside of which one honest person in a thousand would lie; None: nothing to compare with."""

    difference: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def flagged(self) -> bool:
        """Whether no difference at all is out of the question."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def trust(item: Integers, author: Integers, said: Mask, known: Floats, authors: int) -> Trust:
    """Return how far each author can be trusted, and how probable theft is for each item.

    item, author, said: shape (answers,), which item, whose answer, whether it was theft. known:
    shape (items,), 1 theft, 0 honest, NaN not known. authors: how many there are. Only items that
    are known, or answered by two authors, tell anything of an author.
    Source: Dawid & Skene 1979, "Maximum likelihood estimation of observer error-rates using the EM
    algorithm", Applied Statistics 28, with Beta priors as in Raykar et al. 2010, "Learning from
    crowds", JMLR 11.
    """
    sure = ~np.isnan(known)
    checked = (sure | (np.bincount(item, minlength=known.size) >= 2))[item]
    right, wrong = HIT_PRIOR
    hit = np.full(authors, right / (right + wrong))
    false = 1.0 - hit
    share = 0.5

    def believed() -> Floats:
        guilty, honest = (
            np.bincount(item, np.log(np.where(said, one[author], 1 - one[author])), known.size)
            for one in (hit, false)
        )
        odds = np.log(share / (1 - share)) + guilty - honest
        return np.where(sure, known, 1 / (1 + np.exp(-np.clip(odds, -50, 50))))

    for _ in range(_ROUNDS if checked.any() else 0):
        theft = believed()
        share = float(np.clip(theft[item[checked]].mean(), 0.01, 0.99))
        guilty = np.where(checked, theft[item], 0.0)
        honest = np.where(checked, 1.0 - theft[item], 0.0)
        hit = (right + np.bincount(author, guilty * said, authors)) / (
            right + wrong + np.bincount(author, guilty, authors)
        )
        false = (wrong + np.bincount(author, honest * said, authors)) / (
            right + wrong + np.bincount(author, honest, authors)
        )
    return Trust(hit, false, believed())


def drifts(author: Integers, said: Mask, alike: Integers, authors: int, fixed: Mask) -> list[Drift]:
    """Return how each author differs from the others on items that look alike.

    author, said, alike: shape (answers,); alike: the code of the kind of item. fixed: shape
    (authors,), those who are trusted and are never flagged. Whoever differs most is set aside
    first, so that one who lies does not make the honest look odd; of two who differ equally both
    are flagged.
    Source: Mantel & Haenszel 1959, "Statistical aspects of the analysis of data from retrospective
    studies of disease", JNCI 22; test-based bounds, Miettinen 1976, Am. J. Epidemiology 103.
    """
    found = [Drift() for _ in range(authors)]
    left = np.ones(authors, dtype=np.bool_)
    while True:
        for one in np.flatnonzero(left):
            found[one] = _against_others(author == one, left[author], said, alike)
        sizes = np.array(
            [_size(one) if left[n] and not fixed[n] else 0.0 for n, one in enumerate(found)]
        )
        worst = sizes.max(initial=0.0)
        if worst <= 1.0:
            return found
        left &= ~(sizes >= worst * (1 - 1e-9))


def _size(one: Drift) -> float:
    """Return the difference in units of the one that is flagged."""
    if one.difference is None or one.high is None:
        return 0.0
    return abs(one.difference) / (one.high - one.difference) if one.high > one.difference else 0.0


def _against_others(mine: Mask, usable: Mask, said: Mask, alike: Integers) -> Drift:
    """Return how the answers in `mine` differ from the usable others in the same kinds."""
    others = usable & ~mine
    kinds = int(alike.max(initial=-1)) + 1
    n, n_0 = (np.bincount(alike[some], minlength=kinds).astype(float) for some in (mine, others))
    x, x_0 = (
        np.bincount(alike[some & said], minlength=kinds).astype(float) for some in (mine, others)
    )
    both = (n > 0) & (n_0 > 0)
    n, n_0, x, x_0 = n[both], n_0[both], x[both], x_0[both]
    total, thefts = n + n_0, x + x_0
    spread = (n * n_0 * thefts * (total - thefts) / (total**2 * np.maximum(total - 1, 1))).sum()
    if spread <= 0:
        return Drift()
    excess = (x - n * thefts / total).sum()
    weight = (n * n_0 / total).sum()
    difference, half = excess / weight, FLAG_Z * np.sqrt(spread) / weight
    return Drift(float(difference), float(difference - half), float(difference + half))


def worse(right: Integers, checked: Integers) -> Mask:
    """Return which authors are right on checked answers less often than all others together.

    right, checked: shape (authors,), answers that were right, and all that could be checked. An
    author is worse when the upper bound (one in a thousand) of his share lies below the others'.
    Source: Jeffreys' interval, Brown, Cai & DasGupta 2001, Statistical Science 16.
    """
    wrong = checked - right
    most = betaincinv(right + 0.5, wrong + 0.5, 0.999)
    others = (right.sum() - right + 0.5) / (checked.sum() - checked + 1.0)
    return np.asarray((checked >= LEAST_CHECKED) & (checked.sum() > checked) & (most < others))


def capped(weight: Floats, counted: Mask) -> Floats:
    """Return by what to multiply each author's weight, shape (authors,), 0 … 1.

    weight: of all answers of an author. counted: authors with enough answers, not flagged, among
    whom the total is shared; the newcomer with one answer does not make it shrink. Afterwards
    nobody has more than max(10 %, 1 / counted authors) of the total.
    """
    share = max(MOST_SHARE, 1.0 / max(int(counted.sum()), 1))

    def fits(most: float) -> bool:
        return most <= share * float(np.minimum(weight, most).sum())

    high = float(weight.max(initial=0.0))
    if fits(high):
        return np.ones_like(weight)
    low = float(weight[counted].min(initial=high))
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return np.asarray(np.minimum(1.0, low / np.maximum(weight, 1e-12)))
