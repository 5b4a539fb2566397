"""Weighs what was seen of each subject against what peers would have shown, rule by rule.

Somebody whose peers are known and who has no hit has the same Bayes factor under every rule
(`standing.log_factor_without_hits`), so only those with hits have rows of their own.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.models import counts, extremes, unlabelled
from shrinkwatch.scoring.chances import Crowd
from shrinkwatch.scoring.evidence import Evidence, Hits
from shrinkwatch.scoring.ledger import Counts, Keys, found
from shrinkwatch.scoring.standing import Standing

LEAST_PEERS = 5
LEAST_OTHERS = 50
"""Below five other people or fifty of their receipts, a rule knows no peers and does not speak."""

Mask = NDArray[np.bool_]

WEIGHED_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "rule": pl.UInt16,
    "key": pl.UInt64,
    "exposed": pl.Int64,
    "hits": pl.Int64,
    "expected": pl.Float64,
    "typical": pl.Float64,
    "value": pl.Float64,
    "tail": pl.Float64,
    "log_factor": pl.Float64,
    "loss_minor": pl.Int64,
}
"""One row per rule and subject with a hit whose peers are known. `typical`: of peers, hits in as
many exposures or the median measure; `value`: hits, or the largest measure; `tail`: P(peer >=
value); `loss_minor`: of the hits, in the window. Of a rule that compares nothing `typical` is 0 and
`tail` 1."""


@dataclass(slots=True)
class Weights:
    """What was learned of honest people: how much they differ under each rule."""

    shapes: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is known of subjects under some rules, of whom at least one rule knows the peers.

    keys: (subjects,) ascending. known: (subjects, rules), whether the rule knows the subject's
    peers. rows: WEIGHED_COLUMNS of those with hits.
    """

    keys: Keys
    known: Mask
    rows: pl.DataFrame

    def of(self, keys: Keys) -> Self:
        """Return what is known of these subjects, ascending."""
        at, here = found(self.keys, keys)
        rows = self.rows.filter(pl.col("key").is_in(pl.Series(keys).implode()))
        return type(self)(keys[here], self.known[at[here]], rows)


def weigh(
    evidence: Evidence,
    column: str,
    places: Sequence[int],
    keys: Keys,
    weights: Weights,
    *,
    learn: bool = False,
) -> Weighed:
    """Return what these rules, all with this subject column, know of the subjects.

    keys: ascending. weights: are learned from everybody who had a chance when `learn` is set.
    """
    known = np.zeros((keys.size, len(places)), dtype=np.bool_)
    parts = [pl.DataFrame(schema=WEIGHED_COLUMNS)]
    heard = [
        [rule for rule in chance.rules if rule in evidence.chances.heard]
        for chance in evidence.chances.shared[column]
    ]

    def of_chance(number: int) -> tuple[Mask, list[pl.DataFrame]]:
        crowd = evidence.chances.crowd(column, number)
        if evidence.rules[heard[number][0]].kind == "count":
            return _counted(evidence, crowd, heard[number], keys, weights, learn=learn)
        return _uncounted(evidence, crowd, heard[number][0], keys)

    asked = [number for number, rules in enumerate(heard) if rules]
    with ThreadPoolExecutor(2) as both:  # of a large chain a crowd is large: no more at once
        for number, (here, rows) in zip(asked, both.map(of_chance, asked), strict=True):
            known[:, [places.index(rule) for rule in heard[number]]] = here[:, None]
            parts += rows
    some = known.any(axis=1)
    return Weighed(keys[some], known[some], pl.concat(parts))


def _counted(
    evidence: Evidence,
    crowd: Crowd,
    rules: Sequence[int],
    keys: Keys,
    weights: Weights,
    *,
    learn: bool,
) -> tuple[Mask, list[pl.DataFrame]]:
    """Return of whom rules that count know the peers, and WEIGHED_COLUMNS of each rule."""
    speaks = crowd.exposed.sum() - crowd.exposed >= LEAST_OTHERS
    speaks &= crowd.keys.size - 1 >= LEAST_PEERS
    at, heard = found(crowd.keys, keys)
    heard[heard] = speaks[at[heard]]
    asked, quiet, rows = np.zeros_like(speaks), dict[bytes, float](), []
    asked[at[heard]] = True
    for rule in rules:
        standing = Standing(evidence, crowd, rule)
        if learn and speaks.any():
            weights.shapes[rule] = _shape(standing, speaks, quiet)
        if not standing.has_hits:
            continue
        some = np.flatnonzero(asked & (standing.hits > 0))
        if some.size:
            shape = weights.shapes.get(rule, counts.PRIOR_SHAPE)
            rows.append(_rows(evidence.hits[rule], rule, crowd, standing, some, shape))
    return heard, rows


def _shape(standing: Standing, speaks: Mask, quiet: dict[bytes, float]) -> float:
    """Return how much honest people differ under the rule.

    quiet: what was learned of rules without a hit, by their days' factors: these learn the same.
    """
    if standing.has_hits or standing.factors not in quiet:
        some = np.flatnonzero(speaks & (standing.expected > 0))[: counts.MOST_FITTED]
        shape = counts.fit_shape(standing.hits[some], standing.expected[some])
        if standing.has_hits:
            return shape
        quiet[standing.factors] = shape
    return quiet[standing.factors]


def _rows(
    hits: Hits, rule: int, crowd: Crowd, standing: Standing, some: Counts, shape: float
) -> pl.DataFrame:
    """Return WEIGHED_COLUMNS of some of the crowd (their places), all with hits."""
    k, expected = standing.hits[some], standing.expected[some]
    return _framed(
        rule=rule,
        key=crowd.keys[some],
        exposed=crowd.exposed[some],
        hits=k,
        expected=expected,
        typical=expected,
        value=k.astype(np.float64),
        tail=counts.tail_probability(k, standing.likely(some), standing.doubtful(some, shape)),
        log_factor=standing.log_factors(some, shape),
        loss_minor=_losses(hits, crowd.keys[some]),
    )


def _uncounted(
    evidence: Evidence, crowd: Crowd, rule: int, keys: Keys
) -> tuple[Mask, list[pl.DataFrame]]:
    """Return of whom a rule that does not count knows enough, and its WEIGHED_COLUMNS."""
    of_rule = _extreme if evidence.rules[rule].kind == "extreme" else _known
    rows, here = of_rule(evidence, crowd, rule, keys), np.zeros(keys.size, dtype=np.bool_)
    here[np.searchsorted(keys, rows["key"].to_numpy())] = True
    return here, [rows]


def _extreme(evidence: Evidence, crowd: Crowd, rule: int, asked: Keys) -> pl.DataFrame:
    """Return WEIGHED_COLUMNS of these subjects for a rule that looks at one enormous amount.

    A subject with n receipts at risk has had n chances: its tail is 1 - (1 - p) ** n.
    """
    hits = evidence.hits[rule]
    keys, person = np.unique(hits.key, return_inverse=True)
    mine = found(asked, keys)[1]
    if not mine.any() or crowd.keys.size <= LEAST_PEERS:
        return pl.DataFrame(schema=WEIGHED_COLUMNS)
    measure = np.full(keys.size, -np.inf)
    np.maximum.at(measure, person, hits.measure)
    keys, measure = keys[mine], measure[mine]
    at, starts = np.searchsorted(crowd.keys, keys), crowd.rows.starts
    many = starts[at + 1] - starts[at]
    person = np.repeat(np.arange(at.size), many)
    rows = np.arange(person.size) + np.repeat(starts[at] - (np.cumsum(many) - many), many)
    everyone = evidence.chances.histogram(rule)
    bin_, count = evidence.chances.of_extreme(crowd, rows)
    one = extremes.tails(everyone, bin_, count, person, measure)
    exposed = crowd.exposed[at]
    tail = -np.expm1(exposed * np.log1p(-np.minimum(one, 1.0 - 1e-12)))
    weighed = _framed(
        rule=rule,
        key=keys,
        exposed=exposed,
        hits=1,
        expected=exposed.astype(np.float64),
        typical=extremes.median(everyone),
        value=measure,
        tail=tail,
        log_factor=extremes.log_e_value(tail),
        loss_minor=_losses(hits, keys),
    )
    return weighed.filter(pl.Series(crowd.exposed.sum() - exposed >= LEAST_OTHERS))


def _known(evidence: Evidence, crowd: Crowd, rule: int, asked: Keys) -> pl.DataFrame:
    """Return WEIGHED_COLUMNS of these subjects for a rule about whom something is known already."""
    hits = evidence.hits[rule]
    keys, many = np.unique(hits.key, return_counts=True)
    mine = found(asked, keys)[1]
    keys, many = keys[mine], many[mine]
    return _framed(
        rule=rule,
        key=keys,
        exposed=crowd.exposed[np.searchsorted(crowd.keys, keys)],
        hits=many,
        expected=0.0,
        typical=0.0,
        value=many.astype(np.float64),
        tail=1.0,
        log_factor=unlabelled.KNOWN_LOG_FACTOR,
        loss_minor=_losses(hits, keys) if keys.size else np.zeros(0, dtype=np.int64),
    )


def _losses(hits: Hits, keys: Keys) -> Counts:
    """Return what these subjects' hits cost in all, in minor units. keys: ascending."""
    at = np.minimum(np.searchsorted(keys, hits.key), keys.size - 1)
    mine = keys[at] == hits.key
    losses = np.zeros(keys.size, dtype=np.int64)
    np.add.at(losses, at[mine], hits.loss_minor[mine])
    return losses


def _framed(key: Keys, **values: object) -> pl.DataFrame:
    """Return WEIGHED_COLUMNS of these columns, (keys,) each or one value for all."""
    whole = {name: np.broadcast_to(np.asarray(one), key.shape) for name, one in values.items()}
    columns = {"key": key} | whole
    return pl.DataFrame([pl.Series(name, columns[name], d) for name, d in WEIGHED_COLUMNS.items()])
