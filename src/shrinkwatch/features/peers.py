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

from shrinkwatch.features.kernel import kernel

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


@kernel
def leave_one_out(
    unit: Integers, own: Integers, weights: Floats, totals: Floats, owns: Floats, rest: Floats
) -> None:
    """Fill per row what everybody but its subject has in its unit, never below 0.

    unit, own: per row, the number of its unit and of its (subject, unit) pair. totals, owns: zeros,
    one element per unit and per pair; they are summed up on the way.
    """
    for i in range(weights.size):
        totals[unit[i]] += weights[i]
        owns[own[i]] += weights[i]
    for i in range(weights.size):
        rest[i] = max(totals[unit[i]] - owns[own[i]], 0.0)


class _Level:
    """Totals over the rows of one unit (a group, a store, the chain) under one rule.

    rule, unit: numbers from 0, per row. own: number of the (subject, unit) pair, per row.
    """

    def __init__(self, rule: Integers, unit: Integers, own: Integers) -> None:
        units = int(unit.max()) + 1
        self.of_row = rule * units + unit
        self.rule = np.repeat(np.arange(int(rule.max()) + 1), units)
        self.own_of_row = own
        self._owns = int(own.max()) + 1

    def total(self, weights: Floats) -> Floats:
        """Return the sum per unit; units that no row has are 0."""
        sums = np.bincount(self.of_row, weights, minlength=self.rule.size)
        return np.asarray(sums, dtype=np.float64)

    def own(self, weights: Floats) -> Floats:
        """Return per row what its subject has in this unit."""
        return np.asarray(np.bincount(self.own_of_row, weights)[self.own_of_row])

    def others(self, weights: Floats) -> Floats:
        """Return per row what everybody but its subject has in this unit."""
        totals, owns, rest = (np.zeros(n) for n in (self.rule.size, self._owns, weights.size))
        leave_one_out(self.of_row, self.own_of_row, weights, totals, owns, rest)
        return rest

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
class _Exposed:
    """Exposures weighted by the day, per row: one's own, and the others' of each level."""

    own: Floats
    chain: Floats
    parent: Floats
    group: Floats


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
    table = _sorted(cells.with_columns(_parents(cells["group"], parents)))
    rows = _rows(table)
    first = np.flatnonzero(np.append(True, rows.subject[1:] != rows.subject[:-1]))
    rule = rows.rule[first]
    known = table.select("rule", "key")[first].with_columns(
        peers=pl.Series(np.bincount(rule)[rule] - 1)
    )
    columns: dict[str, NDArray[Any]] = {}
    weighed: list[_Exposed] = []  # views that differ in their hits alone share it
    for view in views:
        own = table[f"weighted{view}"].to_numpy() / DAY_UNIT
        same = [one for one in weighed if np.array_equal(one.own, own)]
        seen = same[0] if same else _exposures(rows, own)
        weighed.append(seen)
        exposed = np.bincount(rows.subject, table[f"exposed{view}"]).astype(np.int64)
        hits = np.bincount(rows.subject, table[f"hits{view}"]).astype(np.int64)
        columns[f"exposed{view}"], columns[f"hits{view}"] = exposed, hits
        columns[f"other_hits{view}"] = (np.bincount(rule, hits)[rule] - hits).astype(np.int64)
        columns[f"expected{view}"] = np.bincount(
            rows.subject, _expected(rows, seen, table[f"hits{view}"].to_numpy().astype(np.float64))
        )
        if view == views[0]:
            columns["others"] = (np.bincount(rule, exposed)[rule] - exposed).astype(np.int64)
    return known.with_columns(pl.Series(name, values) for name, values in columns.items())


def _exposures(rows: _Rows, own: Floats) -> _Exposed:
    levels = (rows.chain, rows.parent, rows.group)
    return _Exposed(own, *(level.others(own) for level in levels))


def _expected(rows: _Rows, seen: _Exposed, hits: Floats) -> Floats:
    """Return the expected hits of each row."""
    first = seen.own * _rates(rows, seen, hits)
    rate = _rates(rows, seen, _cap(rows.chain, hits, first))
    return _follow_stores(rows, hits, seen.own * rate)


def _empty(views: Sequence[str]) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"rule": pl.UInt16, "key": pl.UInt64}
    schema |= {"peers": pl.Int64, "others": pl.Int64}
    for view in views:
        schema |= {f"{name}{view}": pl.Int64 for name in ("exposed", "hits", "other_hits")}
        schema[f"expected{view}"] = pl.Float64
    return pl.DataFrame(schema=schema)


def _parents(group: pl.Series, parents: pl.DataFrame) -> pl.Series:
    """Return the parent of each group, 0 for none."""
    known = parents.sort("group")
    groups, of_group = known["group"].to_numpy(), known["parent"].to_numpy()
    distinct, place = np.unique(group.to_numpy(), return_inverse=True)
    parent = np.zeros(distinct.size, dtype=np.uint32)
    here = np.isin(distinct, groups)
    parent[here] = of_group[np.searchsorted(groups, distinct[here])]
    return pl.Series("parent", parent[place])


def _sorted(table: pl.DataFrame) -> pl.DataFrame:
    """Return the cells by rule, key, parent, group and store.

    Where places among the distinct values fit into 63 bits they are sorted as one number, in a
    quarter of the time that a sort by five columns takes.
    """
    order, bits = np.zeros(table.height, dtype=np.int64), 0
    for name in ("rule", "key", "parent", "group", "store"):
        distinct, place = np.unique(table[name].to_numpy(), return_inverse=True)
        width = int(distinct.size).bit_length()
        order, bits = (order << width) | place, bits + width
    if bits > 63:
        return table.sort("rule", "key", "parent", "group", "store")
    return table[np.argsort(order)]


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


def _rates(rows: _Rows, seen: _Exposed, hits: Floats) -> Floats:
    """Return each row's rate among others: group, shrunk to its parent, shrunk to the chain.

    hits: those that count; a person's own are left out of his own rate.
    """
    rate = (rows.chain.others(hits) + 0.5) / (seen.chain + 1.0)
    for level, others in ((rows.parent, seen.parent), (rows.group, seen.group)):
        shape = level.shape(hits, seen.own * rate, GROUP_SHAPE)[rows.rule]
        rate = (shape + level.others(hits)) / (shape / rate + others)
    return np.asarray(rate)


def _cap(level: _Level, hits: Floats, expected: Floats) -> Floats:
    """Return the hits that a person may contribute to what is expected of others."""
    limit = CAP_FACTOR * level.own(expected) + CAP_HITS
    return np.asarray(hits * np.minimum(1.0, limit / np.maximum(level.own(hits), 1.0)))


def _follow_stores(rows: _Rows, hits: Floats, expected: Floats) -> Floats:
    """Return the expected hits corrected for the custom of the store, learned from the others."""
    adjusted, level = expected, rows.store
    others = level.others(expected)
    for _ in range(3):
        capped = _cap(level, hits, adjusted)
        shape = level.shape(capped, expected, STORE_SHAPE)[rows.rule]
        adjusted = expected * (shape + level.others(capped)) / (shape + others)
    return adjusted
