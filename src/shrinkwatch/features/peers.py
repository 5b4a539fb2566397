"""What honest colleagues doing the same work would have shown: the expected hits of each subject.

A *cell* is what one subject did on one day in one peer group and store: receipts on which a
suspicion could have arisen (`exposed`), and on which it did (`hits`). Expected hits are the
subject's exposures times the rate of *other* people in the same peer group (indirect
standardisation, as in a standardised mortality ratio), corrected for what happened that day in the
whole chain (a promotion) and for the habit of the store (a shop that uses cancel as a price check).
Small groups borrow from larger ones by the gamma-Poisson posterior mean; how much is estimated by
moments (Marshall 1991, "Mapping disease and mortality rates using empirical Bayes estimators",
Applied Statistics 40). Nobody is compared with a group that contains himself.
"""

from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CELL_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "day": pl.Date,
    "rule": pl.UInt16,
    "key": pl.UInt64,
    "group": pl.UInt32,
    "store": pl.UInt64,
    "exposed": pl.Int64,
    "hits": pl.Int64,
}
"""A frame of cells; one row per day, rule, subject key, peer group and store."""

DAY_UNIT = 1024
"""A day's factor is kept in 1/1024, so that sums of weighted exposures are exact integers."""

GROUP_SHAPE = (0.3, 50.0)
"""Bounds of the between-group shape: a group is worth at least 0.3 and at most 50 prior hits."""

STORE_SHAPE = (2.0, 50.0)
DAY_SHAPE = (5.0, 200.0)
"""Bounds for stores and days: a single thief's hits must not become the custom of a shop or day."""

CAP_FACTOR, CAP_HITS = 3.0, 3.0
"""One person moves the rate of others by no more than 3 times his expected hits, plus 3."""


def between_shape(hits: Floats, expected: Floats, bounds: tuple[float, float]) -> float:
    """Return the gamma shape of how units (groups, stores, days) differ, within the bounds.

    hits, expected: shape (units,); units without expected hits are left out. Fewer than three
    units cannot say and give the upper bound (they are taken to be alike).
    Source: Marshall 1991, the method of moments for global empirical Bayes.

    >>> between_shape(np.array([5.0, 5.0, 5.0]), np.array([5.0, 5.0, 5.0]), (0.3, 50.0))
    50.0
    """
    known = expected > 0
    if known.sum() < 3:
        return bounds[1]
    ratio = hits[known] / expected[known]
    weight = expected[known] / expected[known].sum()
    mean = float(weight @ ratio)
    between = float(weight @ (ratio - mean) ** 2) - mean / float(expected[known].mean())
    if between <= 0.0 or mean <= 0.0:
        return bounds[1]
    return float(np.clip(mean * mean / between, *bounds))


def _shapes(code: Integers, hits: Floats, expected: Floats, bounds: tuple[float, float]) -> Floats:
    """Return `between_shape` for each value of `code`, shape (max(code) + 1,)."""
    edges = np.searchsorted(code, np.arange(int(code.max()) + 2))
    return np.array(
        [between_shape(hits[low:high], expected[low:high], bounds) for low, high in pairwise(edges)]
    )


class _Level:
    """Totals over rows that share a code, and a row's totals without its own subject."""

    def __init__(self, rule: Integers, unit: Integers, subject: Integers) -> None:
        self.codes, self.of_row = np.unique(
            (rule.astype(np.int64) << 40) | unit, return_inverse=True
        )
        self.rule = self.codes >> 40
        own = self.of_row * np.int64(subject.max() + 1) + subject
        _, self.own_of_row = np.unique(own, return_inverse=True)

    def total(self, weights: Floats) -> Floats:
        return np.asarray(np.bincount(self.of_row, weights), dtype=np.float64)

    def others(self, weights: Floats) -> Floats:
        mine = np.bincount(self.own_of_row, weights)[self.own_of_row]
        return np.maximum(self.total(weights)[self.of_row] - mine, 0.0)


def expected_hits(cells: pl.DataFrame, parents: pl.DataFrame) -> pl.DataFrame:
    """Return one row per (rule, key), sorted: how often it was exposed, hit, and expected to be.

    Columns: rule, key, exposed, hits, expected (float, > 0), others (exposures of other
    subjects under this rule), other_hits (theirs) and peers (how many other subjects they are).
    cells: CELL_COLUMNS, of the window that is judged. parents: group -> parent, UInt32 both; a
    group without a parent borrows from the whole chain only.
    """
    if cells.is_empty():
        return _empty()
    rows = (
        _weigh_days(cells, parents)
        .group_by("rule", "key", "group", "parent", "store")
        .agg(pl.col("exposed", "hits", "weighted").sum())
        .sort("rule", "key", "group", "store")
    )
    rule = rows["rule"].to_numpy().astype(np.int64)
    subject = _runs(rule, rows["key"].to_numpy())
    weighted = rows["weighted"].to_numpy() / DAY_UNIT
    hits = rows["hits"].to_numpy().astype(np.float64)
    rate = _rates(rows, rule, subject, weighted, hits)
    capped = _cap(subject, hits, weighted * rate)
    rate = _rates(rows, rule, subject, weighted, capped)
    expected = _follow_stores(rows, rule, subject, weighted * rate, hits)
    return _per_subject(rows, rule, subject, expected)


def _empty() -> pl.DataFrame:
    whole = {name: CELL_COLUMNS[name] for name in ("rule", "key", "exposed", "hits")}
    return pl.DataFrame(
        schema=whole
        | {"expected": pl.Float64}
        | dict.fromkeys(("others", "other_hits", "peers"), pl.Int64)
    )


def _runs(rule: Integers, key: NDArray[np.uint64]) -> Integers:
    """Return 0, 1, 2 … for each run of equal (rule, key) in sorted rows."""
    change = np.ones(rule.size, dtype=np.int64)
    change[1:] = (rule[1:] != rule[:-1]) | (key[1:] != key[:-1])
    return np.cumsum(change) - 1


def _codes(column: pl.Series) -> Integers:
    return np.unique(column.to_numpy(), return_inverse=True)[1].astype(np.int64)


def _weigh_days(cells: pl.DataFrame, parents: pl.DataFrame) -> pl.DataFrame:
    """Return the cells with `parent` and `weighted` (exposures times the day's factor)."""
    totals = cells.group_by("rule", "group").agg(n=pl.col("exposed").sum(), k=pl.col("hits").sum())
    rates = totals.select("rule", "group", rate=pl.col("k") / pl.col("n"))
    days = (
        cells.group_by("rule", "day", "group")
        .agg(pl.col("exposed").sum(), pl.col("hits").sum())
        .join(rates, on=["rule", "group"])
        .sort("rule", "day", "group")
    )
    rule = days["rule"].to_numpy().astype(np.int64)
    level = _Level(rule, _codes(days["day"]), np.zeros(rule.size, dtype=np.int64))
    hits = level.total(days["hits"].to_numpy().astype(np.float64))
    expected = level.total((days["exposed"] * days["rate"]).to_numpy())
    shape = _shapes(level.rule, hits, expected, DAY_SHAPE)[level.rule]
    factor = np.rint(DAY_UNIT * (shape + hits) / (shape + expected)).astype(np.int64)
    first = np.unique(level.of_row, return_index=True)[1]
    known = days.select("rule", "day")[first].with_columns(factor=pl.Series(factor))
    return (
        cells.join(known, on=["rule", "day"])
        .join(parents, on="group", how="left")
        .with_columns(
            weighted=pl.col("exposed") * pl.col("factor"), parent=pl.col("parent").fill_null(0)
        )
    )


def _rates(
    rows: pl.DataFrame, rule: Integers, subject: Integers, exposed: Floats, hits: Floats
) -> Floats:
    """Return each row's rate among others: group, shrunk to its parent, shrunk to the chain."""
    chain = _Level(rule, np.zeros(rule.size, dtype=np.int64), subject)
    rate = (chain.others(hits) + 0.5) / (chain.others(exposed) + 1.0)
    for column in ("parent", "group"):
        level = _Level(rule, _codes(rows[column]), subject)
        prior = level.total(exposed * rate)
        shape = _shapes(level.rule, level.total(hits), prior, GROUP_SHAPE)[rule]
        rate = (shape + level.others(hits)) / (shape / rate + level.others(exposed))
    return rate


def _cap(person: Integers, hits: Floats, expected: Floats) -> Floats:
    """Return the hits that a person may contribute to what is expected of others."""
    own_hits = np.bincount(person, hits)[person]
    own = np.bincount(person, expected)[person]
    return hits * np.minimum(1.0, (CAP_FACTOR * own + CAP_HITS) / np.maximum(own_hits, 1.0))


def _follow_stores(
    rows: pl.DataFrame, rule: Integers, subject: Integers, expected: Floats, hits: Floats
) -> Floats:
    """Return the expected hits corrected for the custom of the store, learned from the others."""
    level = _Level(rule, _codes(rows["store"]), subject)
    adjusted = expected
    for _ in range(3):
        capped = _cap(level.own_of_row, hits, adjusted)
        shape = _shapes(level.rule, level.total(capped), level.total(expected), STORE_SHAPE)[rule]
        factor = (shape + level.others(capped)) / (shape + level.others(expected))
        adjusted = expected * factor
    return adjusted


def _per_subject(
    rows: pl.DataFrame, rule: Integers, subject: Integers, expected: Floats
) -> pl.DataFrame:
    first = np.unique(subject, return_index=True)[1]
    exposed = np.bincount(subject, rows["exposed"].to_numpy()).astype(np.int64)
    hits = np.bincount(subject, rows["hits"].to_numpy()).astype(np.int64)
    of_rule = rule[first]
    everyone = np.bincount(of_rule, exposed)[of_rule].astype(np.int64)
    all_hits = np.bincount(of_rule, hits)[of_rule].astype(np.int64)
    people = np.bincount(of_rule)[of_rule]
    return rows.select("rule", "key")[first].with_columns(
        exposed=pl.Series(exposed),
        hits=pl.Series(hits),
        expected=pl.Series(np.bincount(subject, expected)),
        others=pl.Series(everyone - exposed),
        other_hits=pl.Series(all_hits - hits),
        peers=pl.Series(people - 1),
    )
