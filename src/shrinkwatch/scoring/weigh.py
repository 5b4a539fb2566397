"""Weighs what was seen of each subject against what peers would have shown, rule by rule.

Three views are taken and their Bayes factors averaged: the whole window, its last week (a burst),
and the dear hits alone (honest people change small prices, thieves large ones).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.peers import expected_hits
from shrinkwatch.models import counts, extremes
from shrinkwatch.rules.rule import Rule

SHORT_DAYS = 7
LEAST_PEERS = 5
LEAST_OTHERS = 50
"""Below five other people or fifty of their receipts, a rule knows no peers and does not speak."""

Floats = NDArray[np.float64]

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
}
"""One row per rule and subject whose peers are known. `typical`: of peers, hits in as many
exposures or the median measure; `value`: hits, or the largest measure; `tail`: P(peer >= value)."""


@dataclass(slots=True)
class Weights:
    """What was learned of honest people: how much they differ under each rule."""

    shapes: dict[int, float] = field(default_factory=dict)


def standing(cells: pl.DataFrame, rules: Sequence[Rule], parents: pl.DataFrame) -> pl.DataFrame:
    """Return `features.peers.expected_hits` of the rules that count, where peers are known."""
    counting = [place for place, rule in enumerate(rules) if rule.kind == "count"]
    found = expected_hits(cells.filter(pl.col("rule").is_in(counting)), parents)
    return found.filter(pl.col("peers") >= LEAST_PEERS, pl.col("others") >= LEAST_OTHERS)


def learn_shapes(found: pl.DataFrame) -> Weights:
    """Return how much honest people differ under each rule of the standing."""
    shapes = {}
    for place in found["rule"].unique().sort():
        part = found.filter(rule=place)
        shapes[place] = counts.fit_shape(part["hits"].to_numpy(), part["expected"].to_numpy())
    return Weights(shapes)


def weigh_counts(
    long: pl.DataFrame, others: Sequence[pl.DataFrame], weights: Weights
) -> pl.DataFrame:
    """Return WEIGHED_COLUMNS for every row of `long`, the standing of the whole window.

    others: standings of other views of the same people (the last week, the dear hits). The Bayes
    factors of all views are averaged; a person whom a view does not know has no hit there.
    """
    log_factor, tail = _factor(long, weights)
    factors = [log_factor]
    for view in others:
        seen = long.select("rule", "key").join(
            view.drop("exposed", "others", "peers"),
            on=["rule", "key"],
            how="left",
            maintain_order="left",
        )
        known = seen.with_columns(
            pl.col("hits", "other_hits").fill_null(0), pl.col("expected").fill_null(1e-9)
        )
        factors.append(_factor(known, weights)[0])
    mean = np.logaddexp.reduce(factors, axis=0) - np.log(len(factors))
    return long.with_columns(
        typical=pl.col("expected"),
        value=pl.col("hits").cast(pl.Float64),
        tail=pl.Series(tail),
        log_factor=pl.Series(mean),
    ).select(WEIGHED_COLUMNS.keys())


def _factor(found: pl.DataFrame, weights: Weights) -> tuple[Floats, Floats]:
    """Return (log Bayes factor, tail probability); the peers' rate is itself known from few hits.

    The rate's uncertainty (1 / hits of others) adds to how much people differ, as variances of
    independent factors near 1 do.
    """
    rule = found["rule"]
    shape = rule.replace_strict(weights.shapes, default=4.0, return_dtype=pl.Float64).to_numpy()
    shape = 1.0 / (1.0 / shape + 1.0 / (found["other_hits"].to_numpy() + 0.5))
    k, mean = found["hits"].to_numpy(), np.maximum(found["expected"].to_numpy(), 1e-9)
    return counts.log_bayes_factor(k, mean, shape), counts.tail_probability(k, mean, shape)


def weigh_extremes(
    cells: pl.DataFrame, fired: pl.DataFrame, rules: Sequence[Rule], keys: pl.Series
) -> pl.DataFrame:
    """Return WEIGHED_COLUMNS of these subjects for the rules that look at one enormous amount.

    A subject with n receipts at risk has had n chances: its tail is 1 - (1 - p) ** n.
    """
    parts = []
    for place, rule in enumerate(rules):
        if rule.kind != "extreme":
            continue
        of_rule = cells.filter(rule=place)
        largest = (
            fired.filter(pl.col("rule") == place, pl.col("key").is_in(keys.implode()))
            .group_by("key")
            .agg(pl.col("measure").max())
            .sort("key")
        )
        if largest.height and of_rule["key"].n_unique() > LEAST_PEERS:
            parts.append(_extremes(place, of_rule, largest))
    return pl.concat([pl.DataFrame(schema=WEIGHED_COLUMNS), *parts])


def _extremes(place: int, of_rule: pl.DataFrame, largest: pl.DataFrame) -> pl.DataFrame:
    """Return the weighed rows of one rule for the subjects (key, measure) in `largest`."""
    everyone = _histogram(of_rule)
    own_cells = of_rule.filter(pl.col("key").is_in(largest["key"].implode()))
    own = {key[0]: part for key, part in own_cells.group_by("key")}
    found = []
    for key, measure in largest.iter_rows():
        mine = _histogram(own[key])
        others = everyone - mine
        if others.sum() < LEAST_OTHERS:
            continue
        chances = int(mine.sum())
        tail = -np.expm1(chances * np.log1p(-min(extremes.tail_of_one(others, measure), 1 - 1e-12)))
        log_e = float(extremes.log_e_value(np.array([tail]))[0])
        typical = extremes.median(others)
        found.append((place, key, chances, 1, float(chances), typical, measure, tail, log_e))
    return pl.DataFrame(found, schema=WEIGHED_COLUMNS, orient="row")


def _histogram(cells: pl.DataFrame) -> NDArray[np.int64]:
    weights = cells["exposed"].to_numpy()
    return np.bincount(cells["group"].to_numpy(), weights, extremes.HIGHEST_BIN + 1).astype(
        np.int64
    )


def matrix(
    weighed: pl.DataFrame, places: Sequence[int]
) -> tuple[NDArray[np.uint64], Floats, NDArray[np.bool_]]:
    """Return (keys, log factors, known); the last two (keys, rules), rules as in `places`."""
    mine = weighed.filter(pl.col("rule").is_in(list(places)))
    keys, row = np.unique(mine["key"].to_numpy(), return_inverse=True)
    column = np.searchsorted(np.array(places), mine["rule"].to_numpy())
    factors = np.zeros((keys.size, len(places)))
    known = np.zeros((keys.size, len(places)), dtype=np.bool_)
    factors[row, column] = mine["log_factor"].to_numpy()
    known[row, column] = True
    return keys, factors, known
