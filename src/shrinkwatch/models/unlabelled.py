"""From evidence to a probability before anybody has labelled anything.

A subject is honest or practises one of the schemes; these exclude each other. Each rule gives a
Bayes factor of its scheme against honesty. Rules of one scheme look at the same receipts, so their
factors are averaged, which is right under any dependence (Vovk & Wang 2021, "E-values",
Annals of Statistics 49: the mean is the only admissible symmetric way). With prior shares
pi the probability of scheme c is pi_c B_c / (pi_0 + sum_j pi_j B_j): the two-groups model with
several alternatives (Efron 2008, Statistical Science 23). The prior share of thieves starts from
the published number of cases and follows what the chain itself shows (one EM step a day).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MODEL_VERSION = "unlabelled-3"

CASES_PER_STORE_YEAR = 3.4
"""Employee theft cases per store and year. Source: 78,085 dishonest employees in 23,204 stores in
2013, Jack L. Hayes International, 26th Annual Retail Theft Survey (2014)."""

SPELL_DAYS = 42
"""How long a thief goes on, with the weeks that he is not seen: our assumption."""

OUTSIDER_SHARE = 0.002
"""At most one customer, card or article in five hundred: the published cases are of employees, and
of the others there are many more than cases. Our assumption; what the chain shows moves it."""

KNOWN_SHARE = 0.5
"""Of those who come back after something was found out about them, half are who did it, or more.
Our assumption: banks block most cards that were disputed, so few owners come back with them."""

KNOWN_LOG_FACTOR = float(np.log(1.0 / OUTSIDER_SHARE))
"""What such a finding weighs beside other rules: it makes the one in five hundred an even bet."""

EMPLOYEES = frozenset({"operator", "approver"})
"""Types of subject that the published number is about."""

MOST_PRIOR = 0.2
"""No chain is believed to have more than one thief in five, whatever its data say."""

PRIOR_STRENGTH = 20.0
"""Thieves' worth of belief in the published number; against it stands what the chain shows."""


def published_share(subject: str, people: int, stores: int, window_days: int) -> float:
    """Return the prior share of the subjects of this type who steal within the window.

    people: subjects seen in the window. stores: with any of them. A case counts when its spell
    touches the window.
    """
    touching = CASES_PER_STORE_YEAR * stores * (window_days + SPELL_DAYS) / 365.0
    most = MOST_PRIOR if subject in EMPLOYEES else OUTSIDER_SHARE
    return float(min(most, touching / max(people, 1)))


def scheme_log_factors(
    log_factors: Floats, known: NDArray[np.bool_], scheme: Integers, schemes: int
) -> Floats:
    """Return log of the mean Bayes factor per scheme, shape (subjects, schemes).

    log_factors, known: shape (subjects, rules); a rule that is not known of a subject (never
    exposed, too few peers) takes no part. scheme: of each rule, 0 … schemes - 1. A scheme of
    which nothing is known has 0 (it says nothing either way).
    """
    found = np.zeros((log_factors.shape[0], schemes))
    for one in range(schemes):
        mine = np.flatnonzero(scheme == one)
        if mine.size == 0:
            continue
        some = np.where(known[:, mine], log_factors[:, mine], -np.inf)
        count = known[:, mine].sum(axis=1)
        top = np.where(count > 0, some.max(axis=1), 0.0)
        total = np.exp(some - top[:, None]).sum(axis=1)
        mean = top + np.log(np.maximum(total, 1e-300)) - np.log(np.maximum(count, 1))
        found[:, one] = np.where(count > 0, mean, 0.0)
    return found


def probabilities(log_factors: Floats, prior: Floats) -> Floats:
    """Return P(scheme | evidence), shape (subjects, schemes); rows add up to at most 1.

    log_factors: per scheme, shape (subjects, schemes). prior: share per scheme, shape (schemes,),
    summing to less than 1; the rest is honest.
    """
    with np.errstate(divide="ignore"):
        weight = log_factors + np.log(prior)[None, :]
    honest = np.log1p(-prior.sum())
    top = np.maximum(weight.max(axis=1, initial=-np.inf), honest)
    guilty = np.exp(weight - top[:, None])
    return np.asarray(guilty / (guilty.sum(axis=1) + np.exp(honest - top))[:, None])


def learn_prior(prior: Floats, found: Floats, people: int) -> Floats:
    """Return the prior shares after one EM step towards what the chain shows, shape (schemes,).

    prior: the published shares. found: sum of the subjects' probabilities per scheme. people: how
    many subjects they were summed over. The published number weighs as much as PRIOR_STRENGTH
    thieves found.
    """
    belief = PRIOR_STRENGTH / max(prior.sum(), 1e-12)
    learned = (belief * prior + found) / (belief + people)
    return np.asarray(learned * min(1.0, MOST_PRIOR / max(learned.sum(), 1e-12)))
