"""Brings the rules' evidence together per subject: how probable, of which scheme, at what loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.models import unlabelled
from shrinkwatch.rules.rule import SUBJECT_COLUMNS, Rule
from shrinkwatch.scoring.standing import log_factor_without_hits
from shrinkwatch.scoring.weigh import Weighed

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SHOWN_SHARE = 0.05
"""A scheme with less than a twentieth of the subject's probability is not named."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """The rules whose subject is of one type: their places, and the schemes that they hunt."""

    subject: str
    column: str
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


def hunts(rules: Sequence[Rule]) -> tuple[Hunt, ...]:
    """Return the rules by type of subject."""
    found = []
    for subject in sorted({rule.subject for rule in rules}):
        places = tuple(place for place, rule in enumerate(rules) if rule.subject == subject)
        schemes = tuple(sorted({rules[place].scheme for place in places}))
        of = np.array([schemes.index(rules[place].scheme) for place in places], dtype=np.int64)
        found.append(Hunt(subject, SUBJECT_COLUMNS[subject], places, schemes, of))
    return tuple(found)


def learn_prior(hunt: Hunt, weighed: Weighed, people: int, stores: int, days: int) -> list[float]:
    """Return the share of subjects who practise each scheme, one step towards what the chain shows.

    weighed: of every subject. people: subjects seen. stores: of the chain. days: in the window. A
    subject that no rule knows enough of counts as honest.
    """
    share = unlabelled.published_share(hunt.subject, people, stores, days)
    prior = np.full(len(hunt.schemes), share / len(hunt.schemes))
    found = _probabilities(hunt, weighed, prior).sum(axis=0)
    learned: list[float] = unlabelled.learn_prior(prior, found, people).tolist()
    return learned


def _probabilities(hunt: Hunt, weighed: Weighed, prior: Floats) -> Floats:
    """Return the probability of each scheme, (subjects, schemes)."""

    def of(known: Mask, factors: Floats) -> Floats:
        per_scheme = unlabelled.scheme_log_factors(factors, known, hunt.scheme_of, prior.size)
        return unlabelled.probabilities(per_scheme, prior)

    without = log_factor_without_hits()
    kind, first = _alike(weighed.known)
    few = weighed.known[first]
    table = np.asarray(of(few, np.where(few, without, 0.0))[kind])
    hit, row = np.unique(weighed.rows["key"].to_numpy(), return_inverse=True)
    subject = np.searchsorted(weighed.keys, hit)
    known = weighed.known[subject]
    factors = np.where(known, without, 0.0)
    column = np.searchsorted(hunt.places, weighed.rows["rule"].to_numpy())
    factors[row, column] = weighed.rows["log_factor"].to_numpy()
    table[subject] = of(known, factors)
    return table


def _alike(known: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which kind of row each is, and the first row of each kind; equal rows are of a kind.

    Millions of subjects are known to few combinations of rules.
    """
    kind = np.zeros(known.shape[0], dtype=np.int64)
    for column in known.T:
        kind = 2 * kind + column
        kind = (np.cumsum(np.bincount(kind) > 0) - 1)[kind]
    first = np.empty(int(kind.max(initial=-1)) + 1, dtype=np.int64)
    first[kind[::-1]] = np.arange(kind.size - 1, -1, -1)
    return kind, first


def verdicts(
    hunt: Hunt, rules: Sequence[Rule], weighed: Weighed, prior: Sequence[float], floor: float
) -> list[Verdict]:
    """Return the subjects whose probability reaches the floor, by key."""
    table = _with_known(hunt, rules, weighed, _probabilities(hunt, weighed, np.array(prior)))
    likely = np.flatnonzero(table.sum(axis=1) >= floor)
    mine = weighed.rows.filter(pl.col("key").is_in(pl.Series(weighed.keys[likely]).implode()))
    by_key = {key[0]: part for key, part in mine.group_by("key")}
    nothing = mine.clear()
    return [
        _verdict(hunt, rules, key, table[row], by_key.get(key, nothing))
        for row, key in zip(likely, weighed.keys[likely].tolist(), strict=True)
    ]


def _with_known(hunt: Hunt, rules: Sequence[Rule], weighed: Weighed, table: Floats) -> Floats:
    """Return the probabilities, at least KNOWN_SHARE where something is known of the subject.

    What is left is shared out as before among the other schemes and honesty.
    """
    known = [place for place in hunt.places if rules[place].kind == "known"]
    some = weighed.rows.filter(pl.col("rule").is_in(known)) if known else weighed.rows.clear()
    for key, place in some.select("key", "rule").iter_rows():
        row = table[np.searchsorted(weighed.keys, key)]
        column = hunt.schemes.index(rules[place].scheme)
        before = row[column]
        if before < unlabelled.KNOWN_SHARE:
            row *= (1.0 - unlabelled.KNOWN_SHARE) / (1.0 - before)
            row[column] = unlabelled.KNOWN_SHARE
    return table


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
            excess.append(row["loss_minor"] * max(0.0, 1.0 - usual))
    return max(excess)
