"""What honest colleagues doing the same work would have shown: the expected hits of each subject.

A *row* is what one subject did in one peer group and store: receipts on which a suspicion could
have arisen (exposures), and on which it did (hits). Expected hits are the subject's exposures
times the rate of *other* people in the same peer group (indirect standardisation, as in a
standardised mortality ratio), corrected for what happened that day in the whole chain (a promotion)
and for the habit of the store (a shop that uses cancel as a price check). Small groups borrow from
larger ones by the gamma-Poisson posterior mean; how much is estimated by moments (Marshall 1991,
"Mapping disease and mortality rates using empirical Bayes estimators", Applied Statistics 40).
Nobody is compared with a group that contains himself.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.kernel import kernel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DAY_UNIT = 1024
"""A day's factor is kept in 1/1024, so that sums of weighted exposures are exact integers."""

CHAIN_PRIOR = 0.5
"""The whole chain's rate starts from half a hit in one exposure."""

GROUP_SHAPE = (0.3, 50.0)
"""Bounds of the between-group shape: a group is worth at least 0.3 and at most 50 prior hits."""

STORE_SHAPE = (2.0, 50.0)
"""Bounds for stores: a single thief's hits must not become the custom of a shop."""

DAY_SHAPE = 5.0
"""Prior hits of a day under each rule: a day's factor needs more than one thief to move."""

CAP_FACTOR, CAP_HITS = 3.0, 3.0
"""One person moves the rate of others by no more than 3 times his expected hits, plus 3."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Where each subject had chances. Subjects ascend by key, their rows by parent, group, store.

    starts: (subjects + 1,); subject i has the rows [starts[i], starts[i + 1]).
    place: (rows,) int32; a place is a peer group in a store. parent, group, store: (places,) the
    number, from 0, of the larger group, the group and the store of each place; 0 is a unit too.
    """

    starts: Integers
    place: NDArray[np.int32]
    parent: Integers
    group: Integers
    store: Integers


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


def day_factors(today: pl.DataFrame, window: pl.DataFrame, rules: int) -> Integers:
    """Return (rules,) how much likelier hits were on that day than usual, in 1/1024 (DAY_UNIT).

    today, window: rule, group, exposed, hits, summed over the day and over the window that ends
    with it. A day on which everybody does it (a promotion) has a factor above 1 for that rule.
    """
    usual = window.filter(pl.col("exposed") > 0).select(
        "rule", "group", rate=pl.col("hits") / pl.col("exposed")
    )
    seen = today.join(usual, on=["rule", "group"], how="left").sort("rule", "group")
    rule = seen["rule"].to_numpy().astype(np.int64)
    hits = np.bincount(rule, seen["hits"].to_numpy(), rules)
    expected = np.bincount(rule, (seen["exposed"] * seen["rate"].fill_null(0.0)).to_numpy(), rules)
    factors = np.rint(DAY_UNIT * (DAY_SHAPE + hits) / (DAY_SHAPE + expected))
    return np.asarray(factors.astype(np.int64))


def expected_hits(rows: Rows, own: Floats, hits: Floats) -> Floats:
    """Return (rows,) the hits that peers would have had in each row's place and exposures.

    own: (rows,) exposures times the day's factor. hits: (rows,), 0 or more.
    """
    expected = _in_groups(rows, own, hits)
    capped = _capped(rows, _chain(rows), hits, expected)
    if not np.array_equal(capped, hits):
        expected = _in_groups(rows, own, capped)
    return follow_stores(rows, hits, expected)


def follow_stores(rows: Rows, hits: Floats, expected: Floats) -> Floats:
    """Return (rows,) the expected hits corrected for the custom of the store, which others show.

    hits, expected: (rows,), 0 or more.
    """
    adjusted, before = expected, None
    usual = _total(rows, rows.store, expected)
    for _ in range(3):
        capped = _capped(rows, rows.store, hits, adjusted)
        if before is not None and np.array_equal(capped, before):
            break  # the same hits teach the same custom
        had, before = _total(rows, rows.store, capped), capped
        shape = between_shape(had, usual, STORE_SHAPE)
        adjusted, mine = np.empty(expected.size), np.zeros((2, usual.size))
        follow(
            rows.starts, rows.place, rows.store, expected, capped, usual, had, shape, mine, adjusted
        )
    return adjusted


def of_subjects(rows: Rows, values: Floats) -> Floats:
    """Return (subjects,) the sums of the rows' values, added in the rows' order."""
    sums = np.zeros(rows.starts.size - 1)
    sum_runs(rows.starts, values, sums)
    return sums


def _chain(rows: Rows) -> Integers:
    """Return the level at which all places are one."""
    return np.zeros(rows.parent.size, dtype=np.int64)


def _in_groups(rows: Rows, own: Floats, hits: Floats) -> Floats:
    """Return what each row had at the rate of others: group, shrunk to its parent, to the chain.

    hits: those that count; a person's own are left out of his own rate.
    """
    rate = np.full(own.size, CHAIN_PRIOR)
    for level in (_chain(rows), rows.parent, rows.group):
        exposed, had, shape = _total(rows, level, own), _total(rows, level, hits), CHAIN_PRIOR
        if level is rows.parent or level is rows.group:
            usual = np.zeros(had.size)
            sum_products(rows.place, level, own, rate, usual)
            shape = between_shape(had, usual, GROUP_SHAPE)
        shrink(rows.starts, rows.place, level, own, hits, exposed, had, shape, rate)
    rate *= own
    return rate


def _capped(rows: Rows, level: Integers, hits: Floats, expected: Floats) -> Floats:
    """Return the hits that a person may contribute to what is expected of others."""
    if not hits.any():
        return hits
    capped = np.empty(hits.size)
    mine = np.zeros((2, _units(level)))
    cap(rows.starts, rows.place, level, hits, expected, mine, capped)
    return capped


def _total(rows: Rows, level: Integers, weights: Floats) -> Floats:
    """Return the sum per unit of the level; units that no row has are 0."""
    totals = np.zeros(_units(level))
    if weights.any():
        sum_units(rows.place, level, weights, totals)
    return totals


def _units(level: Integers) -> int:
    return int(level.max(initial=0)) + 1


@kernel
def sum_runs(starts: Integers, values: Floats, sums: Floats) -> None:
    """Fill the sum of each run of rows."""
    for s in range(sums.size):
        for i in range(starts[s], starts[s + 1]):
            sums[s] += values[i]


@kernel
def sum_units(place: NDArray[np.int32], level: Integers, weights: Floats, totals: Floats) -> None:
    """Add each row's weight to its unit."""
    for i in range(place.size):
        totals[level[place[i]]] += weights[i]


@kernel
def sum_products(
    place: NDArray[np.int32], level: Integers, own: Floats, rate: Floats, totals: Floats
) -> None:
    """Add each row's exposures times its rate to its unit."""
    for i in range(place.size):
        totals[level[place[i]]] += own[i] * rate[i]


@kernel
def shrink(
    starts: Integers,
    place: NDArray[np.int32],
    level: Integers,
    own: Floats,
    hits: Floats,
    exposed: Floats,
    had: Floats,
    shape: float,
    rate: Floats,
) -> None:
    """Move each row's rate towards what everybody but its subject shows in its unit.

    exposed, had: of each unit. A subject's rows of one unit lie side by side.
    """
    for s in range(starts.size - 1):
        low, end = starts[s], starts[s + 1]
        while low < end:
            unit = level[place[low]]
            mine, my_hits, high = 0.0, 0.0, low
            while high < end and level[place[high]] == unit:
                mine += own[high]
                my_hits += hits[high]
                high += 1
            others = max(exposed[unit] - mine, 0.0)
            their_hits = max(had[unit] - my_hits, 0.0)
            for i in range(low, high):
                rate[i] = (shape + their_hits) / (shape / rate[i] + others)
            low = high


@kernel
def cap(
    starts: Integers,
    place: NDArray[np.int32],
    level: Integers,
    hits: Floats,
    expected: Floats,
    mine: Floats,
    capped: Floats,
) -> None:
    """Fill the hits of each row, made fewer where its subject has too many in its unit.

    mine: (2, units) zeros; they are zeros again afterwards.
    """
    for s in range(starts.size - 1):
        any_hit = False
        for i in range(starts[s], starts[s + 1]):
            capped[i] = hits[i]
            any_hit = any_hit or hits[i] > 0.0
        if not any_hit:
            continue
        for i in range(starts[s], starts[s + 1]):
            mine[0, level[place[i]]] += expected[i]
            mine[1, level[place[i]]] += hits[i]
        for i in range(starts[s], starts[s + 1]):
            limit = CAP_FACTOR * mine[0, level[place[i]]] + CAP_HITS
            capped[i] = hits[i] * min(1.0, limit / max(mine[1, level[place[i]]], 1.0))
        for i in range(starts[s], starts[s + 1]):
            mine[0, level[place[i]]] = 0.0
            mine[1, level[place[i]]] = 0.0


@kernel
def follow(
    starts: Integers,
    place: NDArray[np.int32],
    level: Integers,
    expected: Floats,
    hits: Floats,
    usual: Floats,
    had: Floats,
    shape: float,
    mine: Floats,
    adjusted: Floats,
) -> None:
    """Fill each row's expected hits times what everybody but its subject shows in its unit.

    usual, had: expected and true hits of each unit. mine: (2, units) zeros; again afterwards.
    """
    for s in range(starts.size - 1):
        for i in range(starts[s], starts[s + 1]):
            mine[0, level[place[i]]] += expected[i]
            mine[1, level[place[i]]] += hits[i]
        for i in range(starts[s], starts[s + 1]):
            unit = level[place[i]]
            others = max(usual[unit] - mine[0, unit], 0.0)
            their_hits = max(had[unit] - mine[1, unit], 0.0)
            adjusted[i] = expected[i] * (shape + their_hits) / (shape + others)
        for i in range(starts[s], starts[s + 1]):
            mine[0, level[place[i]]] = 0.0
            mine[1, level[place[i]]] = 0.0
