"""Brings the rules' evidence together per subject: how probable, of which scheme, at what loss."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.models import unlabelled
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.weigh import matrix

Floats = NDArray[np.float64]

SHOWN_SHARE = 0.05
"""A scheme with less than a twentieth of the subject's probability is not named."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """The rules whose subject is of one type: their places, and the schemes that they hunt."""

    subject: str
    places: tuple[int, ...]
    schemes: tuple[str, ...]
    scheme_of: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is believed of one subject.

    schemes: id -> probability, the likeliest first, those that are worth naming.
    rules: weighed rows (`scoring.weigh.WEIGHED_COLUMNS`) that accuse of them, the strongest first.
    loss_minor: what was lost beyond what peers would have shown, if the subject is guilty.
    """

    subject: str
    key: int
    probability: float
    schemes: dict[str, float]
    rules: tuple[dict[str, Any], ...]
    loss_minor: float


@dataclass(slots=True)
class Priors:
    """The share of subjects of each type who practise each scheme, as learned so far."""

    shares: dict[str, list[float]] = field(default_factory=dict)


def hunts(rules: Sequence[Rule]) -> tuple[Hunt, ...]:
    """Return the rules by type of subject."""
    found = []
    for subject in sorted({rule.subject for rule in rules}):
        places = tuple(place for place, rule in enumerate(rules) if rule.subject == subject)
        schemes = tuple(sorted({rules[place].scheme for place in places}))
        of = np.array([schemes.index(rules[place].scheme) for place in places], dtype=np.int64)
        found.append(Hunt(subject, places, schemes, of))
    return tuple(found)


def learn_priors(
    hunted: Sequence[Hunt], weighed: pl.DataFrame, exposed: dict[str, int], stores: int, days: int
) -> Priors:
    """Return the priors after one step towards what the chain shows.

    weighed: of every subject. exposed: subject type -> subjects seen. stores: of the chain.
    days: in the window. A subject that no rule knows enough of counts as honest.
    """
    priors = Priors()
    for hunt in hunted:
        people = exposed.get(hunt.subject, 0)
        share = unlabelled.published_share(hunt.subject, people, stores, days)
        prior = np.full(len(hunt.schemes), share / len(hunt.schemes))
        _, found = _probabilities(hunt, weighed, prior)
        learned = unlabelled.learn_prior(prior, found.sum(axis=0), people)
        priors.shares[hunt.subject] = learned.tolist()
    return priors


def _probabilities(
    hunt: Hunt, weighed: pl.DataFrame, prior: Floats
) -> tuple[NDArray[np.uint64], Floats]:
    keys, factors, known = matrix(weighed, hunt.places)
    per_scheme = unlabelled.scheme_log_factors(factors, known, hunt.scheme_of, prior.size)
    return keys, unlabelled.probabilities(per_scheme, prior)


def verdicts(
    hunted: Sequence[Hunt],
    rules: Sequence[Rule],
    weighed: pl.DataFrame,
    priors: Priors,
    losses: pl.DataFrame,
    floor: float,
) -> list[Verdict]:
    """Return the subjects whose probability reaches the floor, by type and key.

    weighed: of the subjects to judge. losses: rule, key, loss_minor summed over the window.
    """
    found = []
    for hunt in hunted:
        prior = np.array(priors.shares.get(hunt.subject, [0.0] * len(hunt.schemes)))
        keys, table = _probabilities(hunt, weighed, prior)
        likely = np.flatnonzero(table.sum(axis=1) >= floor)
        mine = weighed.filter(
            pl.col("rule").is_in(hunt.places),
            pl.col("key").is_in(pl.Series(keys[likely]).implode()),
        ).join(losses, on=["rule", "key"], how="left")
        by_key = {key[0]: part for key, part in mine.group_by("key")}
        for row in likely:
            key = int(keys[row])
            found.append(_verdict(hunt, rules, key, table[row], by_key[key]))
    return found


def _verdict(
    hunt: Hunt, rules: Sequence[Rule], key: int, of_scheme: Floats, weighed: pl.DataFrame
) -> Verdict:
    total = float(of_scheme.sum())
    order = sorted(range(len(hunt.schemes)), key=lambda one: (-of_scheme[one], hunt.schemes[one]))
    named = [one for one in order if of_scheme[one] >= SHOWN_SHARE * total]
    accusing = [
        row
        for row in weighed.sort(["log_factor", "rule"], descending=[True, False]).to_dicts()
        if row["log_factor"] > 0 and hunt.schemes.index(rules[row["rule"]].scheme) in named
    ]
    loss = sum(of_scheme[one] * _loss(hunt.schemes[one], rules, accusing) for one in named)
    schemes = {hunt.schemes[one]: float(of_scheme[one]) for one in named}
    return Verdict(hunt.subject, key, total, schemes, tuple(accusing), float(loss) / total)


def _loss(scheme: str, rules: Sequence[Rule], accusing: Sequence[dict[str, Any]]) -> float:
    """Return the largest excess loss that one rule of the scheme shows, in minor units.

    Rules of a scheme see the same receipts, so their losses are not added. Of the loss on the
    receipts that fired, peers would have shown the share expected / hits.
    """
    excess = [0.0]
    for row in accusing:
        rule = rules[row["rule"]]
        if rule.scheme == scheme:
            usual = row["tail"] if rule.kind == "extreme" else row["expected"] / max(row["hits"], 1)
            excess.append((row["loss_minor"] or 0) * max(0.0, 1.0 - usual))
    return max(excess)
