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
from shrinkwatch.scoring.evidence import VIEWS

LEAST_PEERS = 5
LEAST_OTHERS = 50
"""Below five other people or fifty of their receipts, a rule knows no peers and does not speak."""

MOST_CELLS = 300_000
"""So many cells are weighed at once, or those of one rule."""

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


def standing(
    views: pl.DataFrame,
    rules: Sequence[Rule],
    parents: pl.DataFrame,
    together: int = MOST_CELLS,
) -> pl.DataFrame:
    """Return `features.peers.expected_hits` of the rules that count, where peers are known.

    views: `Evidence.views`. together: how many cells are weighed at once; any number gives the
    same result.
    """
    counting = [place for place, rule in enumerate(rules) if rule.kind == "count"]
    parts = [
        expected_hits(views.filter(pl.col("rule").is_in(some)), parents, VIEWS)
        for some in _shares(views["rule"], counting, together)
    ]
    found = pl.concat(parts) if parts else expected_hits(views.clear(), parents, VIEWS)
    return found.filter(pl.col("peers") >= LEAST_PEERS, pl.col("others") >= LEAST_OTHERS)


def _shares(rule: pl.Series, places: Sequence[int], together: int) -> list[list[int]]:
    """Return these rules in order, those side by side that have so few cells together.

    Rules know nothing of each other; a few at a time keeps the memory of a large chain small.
    """
    cells = np.bincount(rule.to_numpy(), minlength=max(places, default=0) + 1)
    shares: list[list[int]] = []
    held = 0
    for place in places:
        if not shares or held + cells[place] > together:
            shares.append([])
            held = 0
        shares[-1].append(place)
        held += int(cells[place])
    return shares


def learn_shapes(found: pl.DataFrame) -> Weights:
    """Return how much honest people differ under each rule of the standing."""
    shapes = {}
    for place in found["rule"].unique().sort():
        part = found.filter(rule=place)
        shapes[place] = counts.fit_shape(part["hits"].to_numpy(), part["expected"].to_numpy())
    return Weights(shapes)


def weigh_counts(found: pl.DataFrame, weights: Weights) -> pl.DataFrame:
    """Return WEIGHED_COLUMNS for every row of the standing.

    The Bayes factors of the three views are averaged; the tail is that of the whole window.
    """
    shape = found["rule"].replace_strict(weights.shapes, default=4.0, return_dtype=pl.Float64)
    factors, tails = [], []
    for view in VIEWS:
        k = found[f"hits{view}"].to_numpy()
        mean = np.maximum(found[f"expected{view}"].to_numpy(), 1e-9)
        differ = _with_doubt(shape.to_numpy(), found[f"other_hits{view}"].to_numpy())
        factors.append(counts.log_bayes_factor(k, mean, differ))
        if view == VIEWS[0]:
            tails.append(counts.tail_probability(k, mean, differ))
    return found.with_columns(
        typical=pl.col("expected"),
        value=pl.col("hits").cast(pl.Float64),
        tail=pl.Series(tails[0]),
        log_factor=pl.Series(np.logaddexp.reduce(factors, axis=0) - np.log(len(VIEWS))),
    ).select(WEIGHED_COLUMNS.keys())


def _with_doubt(shape: Floats, other_hits: NDArray[np.int64]) -> Floats:
    """Return the shape of a person's hits when the peers' rate is itself known from few hits.

    The rate's uncertainty (1 / hits of others) adds to how much people differ, as variances of
    independent factors near 1 do.
    """
    return np.asarray(1.0 / (1.0 / shape + 1.0 / (other_hits + 0.5)))


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
        largest = (
            fired.filter(pl.col("rule") == place, pl.col("key").is_in(keys.implode()))
            .group_by("key")
            .agg(pl.col("measure").max())
            .sort("key")
        )
        if largest.is_empty():
            continue
        of_rule = cells.filter(rule=place).sort("key", "group", "store")
        if of_rule["key"].n_unique() > LEAST_PEERS:
            parts.append(_extremes(place, of_rule, largest))
    return pl.concat([pl.DataFrame(schema=WEIGHED_COLUMNS), *parts])


def _extremes(place: int, of_rule: pl.DataFrame, largest: pl.DataFrame) -> pl.DataFrame:
    """Return the weighed rows of one rule for the subjects (key, measure) in `largest`."""
    asked = largest.with_row_index("person").select("key", pl.col("person").cast(pl.Int64))
    person = (
        of_rule.select("key")
        .join(asked, on="key", how="left", maintain_order="left")["person"]
        .fill_null(-1)
        .to_numpy()
    )
    bin_ = of_rule["group"].to_numpy().astype(np.int64)
    count = of_rule["exposed"].to_numpy()
    measure = largest["measure"].to_numpy()
    one = extremes.tails(bin_, count, person, measure)
    chances = np.bincount(person[person >= 0], count[person >= 0], measure.size)
    tail = -np.expm1(chances * np.log1p(-np.minimum(one, 1.0 - 1e-12)))
    usual = extremes.median(np.bincount(bin_, count, extremes.HIGHEST_BIN + 1).astype(np.int64))
    found = largest.select(
        pl.lit(place, dtype=pl.UInt16).alias("rule"),
        "key",
        exposed=pl.Series(chances.astype(np.int64)),
        hits=pl.lit(1, dtype=pl.Int64),
        expected=pl.Series(chances),
        typical=pl.lit(usual),
        value="measure",
        tail=pl.Series(tail),
        log_factor=pl.Series(extremes.log_e_value(tail)),
    )
    return found.filter(pl.lit(count.sum()) - pl.col("exposed") >= LEAST_OTHERS)


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
