"""What honest colleagues doing the same work would have shown: the expected hits of each subject.

A *cell* is what one subject did in one peer group and store: receipts on which a
suspicion could have arisen (`exposed`), and on which it did (`hits`). Expected hits are the
subject's exposures times the rate of *other* people in the same peer group (indirect
standardisation, as in a standardised mortality ratio), corrected for what happened that day in the
whole chain (a promotion) and for the habit of the store (a shop that uses cancel as a price check).
Small groups borrow from larger ones by the gamma-Poisson posterior mean; how much is estimated by
moments (Marshall 1991, "Mapping disease and mortality rates using empirical Bayes estimators",
Applied Statistics 40). Nobody is compared with a group that contains himself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CELL_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "rule": pl.UInt16,
    "key": pl.UInt64,
    "group": pl.UInt32,
    "store": pl.UInt64,
    "exposed": pl.Int64,
    "hits": pl.Int64,
    "weighted": pl.Int64,
}
"""A frame of cells: one row per rule, subject key, peer group and store. `weighted` is `exposed`
times the day's factor in 1/1024 (DAY_UNIT), summed over days."""

DAY_UNIT = 1024
"""A day's factor is kept in 1/1024, so that sums of weighted exposures are exact integers."""

GROUP_SHAPE = (0.3, 50.0)
"""Bounds of the between-group shape: a group is worth at least 0.3 and at most 50 prior hits."""

STORE_SHAPE = (2.0, 50.0)
"""Bounds for stores: a single thief's hits must not become the custom of a shop."""

DAY_SHAPE = 5.0
"""Prior hits of a day under each rule: a day's factor needs more than one thief to move."""

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


def weigh_day(cells: pl.DataFrame, window: pl.DataFrame) -> pl.DataFrame:
    """Return a day's cells with `weighted`: exposures times the chain's factor of that day.

    cells: CELL_COLUMNS but `weighted`, of the day. window: rule, group, exposed, hits, summed over
    the window that ends with this day. A day on which everybody does it (a promotion) has a factor
    above 1 for that rule.
    """
    rates = window.select("rule", "group", rate=pl.col("hits") / pl.col("exposed"))
    totals = (
        cells.group_by("rule", "group")
        .agg(pl.col("exposed", "hits").sum())
        .join(rates, on=["rule", "group"], how="left")
        .sort("rule", "group")
    )
    rule = totals["rule"].to_numpy().astype(np.int64)
    hits = np.bincount(rule, totals["hits"].to_numpy())
    expected = np.bincount(rule, (totals["exposed"] * totals["rate"].fill_null(0.0)).to_numpy())
    factor = np.rint(DAY_UNIT * (DAY_SHAPE + hits) / (DAY_SHAPE + expected)).astype(np.int64)
    of_rule = pl.DataFrame({"rule": np.arange(factor.size), "factor": factor}).cast(
        {"rule": pl.UInt16}
    )
    return (
        cells.join(of_rule, on="rule", how="left", maintain_order="left")
        .with_columns(weighted=pl.col("exposed") * pl.col("factor").fill_null(DAY_UNIT))
        .select(CELL_COLUMNS.keys())
    )


class _Level:
    """Totals over the rows of one unit (a group, a store, the chain) under one rule.

    rule, unit: numbers from 0, per row. own: number of the (subject, unit) pair, per row.
    """

    def __init__(self, rule: Integers, unit: Integers, own: Integers) -> None:
        units = int(unit.max()) + 1
        self.of_row = rule * units + unit
        self.rule = np.repeat(np.arange(int(rule.max()) + 1), units)
        self.own_of_row = own

    def total(self, weights: Floats) -> Floats:
        """Return the sum per unit; units that no row has are 0."""
        sums = np.bincount(self.of_row, weights, minlength=self.rule.size)
        return np.asarray(sums, dtype=np.float64)

    def own(self, weights: Floats) -> Floats:
        """Return per row what its subject has in this unit."""
        return np.asarray(np.bincount(self.own_of_row, weights)[self.own_of_row])

    def others(self, weights: Floats) -> Floats:
        """Return per row what everybody but its subject has in this unit."""
        rest = self.total(weights)[self.of_row] - self.own(weights)
        return np.asarray(np.maximum(rest, 0.0))

    def shape(self, hits: Floats, expected: Floats, bounds: tuple[float, float]) -> Floats:
        """Return per rule how much its units differ (`between_shape`)."""
        hits, expected = self.total(hits), self.total(expected)
        edges = np.searchsorted(self.rule, np.arange(int(self.rule.max()) + 2))
        return np.array(
            [
                between_shape(hits[low:high], expected[low:high], bounds)
                for low, high in pairwise(edges)
            ]
        )


@dataclass(frozen=True, slots=True)
class _Rows:
    """The cells' places, sorted by rule, key, parent, group and store."""

    rule: Integers
    subject: Integers
    chain: _Level
    parent: _Level
    group: _Level
    store: _Level


@dataclass(frozen=True, slots=True)
class _View:
    """One way to count the cells: `exposed` weighted by the day, and `hits`, per row."""

    exposed: Floats
    hits: Floats


def expected_hits(
    cells: pl.DataFrame, parents: pl.DataFrame, views: Sequence[str] = ("",)
) -> pl.DataFrame:
    """Return one row per (rule, key), sorted: how often it was exposed, hit, and expected to be.

    Columns: rule, key, peers (how many other subjects there are), others (exposures of these), and
    for each view v: exposed{v}, hits{v}, expected{v} (float) and other_hits{v}.
    cells: rule, key, group, store, and for each view exposed{v}, hits{v}, weighted{v} as in
    CELL_COLUMNS, summed over the window that is judged. parents: group -> parent, UInt32 both; a
    group without a parent borrows from the whole chain only.
    """
    if cells.is_empty():
        return _empty(views)
    table = (
        cells.join(parents, on="group", how="left")
        .with_columns(pl.col("parent").fill_null(0))
        .sort("rule", "key", "parent", "group", "store")
    )
    rows = _rows(table)
    first = np.flatnonzero(np.append(True, rows.subject[1:] != rows.subject[:-1]))
    rule = rows.rule[first]
    known = table.select("rule", "key")[first].with_columns(
        peers=pl.Series(np.bincount(rule)[rule] - 1)
    )
    columns = {}
    for view in views:
        exposed = np.bincount(rows.subject, table[f"exposed{view}"]).astype(np.int64)
        hits = np.bincount(rows.subject, table[f"hits{view}"]).astype(np.int64)
        columns[f"exposed{view}"], columns[f"hits{view}"] = exposed, hits
        columns[f"other_hits{view}"] = (np.bincount(rule, hits)[rule] - hits).astype(np.int64)
        columns[f"expected{view}"] = np.bincount(rows.subject, _expected(rows, table, view))
        if view == views[0]:
            columns["others"] = (np.bincount(rule, exposed)[rule] - exposed).astype(np.int64)
    return known.with_columns(pl.Series(name, values) for name, values in columns.items())


def _expected(rows: _Rows, table: pl.DataFrame, view: str) -> Floats:
    """Return the expected hits of each row under this view."""
    exposed = table[f"weighted{view}"].to_numpy() / DAY_UNIT
    seen = _View(exposed, table[f"hits{view}"].to_numpy().astype(np.float64))
    first = exposed * _rates(rows, exposed, seen.hits)
    rate = _rates(rows, exposed, _cap(rows.chain, seen.hits, first))
    return _follow_stores(rows, seen, exposed * rate)


def _empty(views: Sequence[str]) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"rule": pl.UInt16, "key": pl.UInt64}
    schema |= {"peers": pl.Int64, "others": pl.Int64}
    for view in views:
        schema |= {f"{name}{view}": pl.Int64 for name in ("exposed", "hits", "other_hits")}
        schema[f"expected{view}"] = pl.Float64
    return pl.DataFrame(schema=schema)


def _rows(table: pl.DataFrame) -> _Rows:
    rule = table["rule"].to_numpy().astype(np.int64)
    subject = _runs(rule, table["key"].to_numpy())
    codes = {name: _codes(table[name]) for name in ("parent", "group", "store")}
    in_parent = _runs(subject, codes["parent"])
    in_group = _runs(in_parent, codes["group"])
    return _Rows(
        rule=rule,
        subject=subject,
        chain=_Level(rule, np.zeros(rule.size, dtype=np.int64), subject),
        parent=_Level(rule, codes["parent"], in_parent),
        group=_Level(rule, codes["group"], in_group),
        store=_Level(rule, codes["store"], _pairs(subject, codes["store"])),
    )


def _runs(outer: Integers, inner: NDArray[Any]) -> Integers:
    """Return 0, 1, 2 … for each run of equal (outer, inner) in rows sorted by them."""
    change = np.ones(outer.size, dtype=np.int64)
    change[1:] = (outer[1:] != outer[:-1]) | (inner[1:] != inner[:-1])
    return np.cumsum(change) - 1


def _codes(column: pl.Series) -> Integers:
    """Return for each value its place among the sorted distinct values."""
    distinct = column.unique().sort().to_numpy()
    return np.searchsorted(distinct, column.to_numpy()).astype(np.int64)


def _pairs(subject: Integers, store: Integers) -> Integers:
    """Return a number for each (subject, store); nearly every subject has one store only."""
    moved = np.zeros(int(subject.max()) + 1, dtype=np.bool_)
    moved[subject[1:][(subject[1:] == subject[:-1]) & (store[1:] != store[:-1])]] = True
    some = np.flatnonzero(moved[subject])
    own = subject.copy()
    codes = subject[some] * (int(store.max()) + 1) + store[some]
    own[some] = moved.size + np.unique(codes, return_inverse=True)[1]
    return own


def _rates(rows: _Rows, exposed: Floats, hits: Floats) -> Floats:
    """Return each row's rate among others: group, shrunk to its parent, shrunk to the chain.

    hits: those that count; a person's own are left out of his own rate.
    """
    rate = (rows.chain.others(hits) + 0.5) / (rows.chain.others(exposed) + 1.0)
    for level in (rows.parent, rows.group):
        shape = level.shape(hits, exposed * rate, GROUP_SHAPE)[rows.rule]
        rate = (shape + level.others(hits)) / (shape / rate + level.others(exposed))
    return rate


def _cap(level: _Level, hits: Floats, expected: Floats) -> Floats:
    """Return the hits that a person may contribute to what is expected of others."""
    limit = CAP_FACTOR * level.own(expected) + CAP_HITS
    return np.asarray(hits * np.minimum(1.0, limit / np.maximum(level.own(hits), 1.0)))


def _follow_stores(rows: _Rows, seen: _View, expected: Floats) -> Floats:
    """Return the expected hits corrected for the custom of the store, learned from the others."""
    adjusted, level = expected, rows.store
    for _ in range(3):
        capped = _cap(level, seen.hits, adjusted)
        shape = level.shape(capped, expected, STORE_SHAPE)[rows.rule]
        adjusted = expected * (shape + level.others(capped)) / (shape + level.others(expected))
    return adjusted
