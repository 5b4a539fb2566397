"""Counts of units over days, checked against a dictionary."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.scoring.ledger import Ledger, Pairs, found, starts_of

FIRST = date(2026, 3, 2)
ROWS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3), st.booleans(), st.booleans()))
ORDER = np.array([3, 0, 2, 1])
"""The rank of each place."""


def count(ledger: Ledger, rows: list[tuple[int, int, bool, bool]]) -> np.ndarray:
    key = np.array([row[0] for row in rows], dtype=np.uint64)
    place = np.array([row[1] for row in rows], dtype=np.int64)
    masks = {c: np.array([row[2 + c] for row in rows], dtype=np.bool_) for c in (0, 1)}
    return ledger.count(key, place, masks)


@settings(deadline=None, max_examples=60)
@given(st.lists(ROWS, max_size=6))
def test_sums_are_those_of_the_days_in_the_window(days: list[list[tuple]]) -> None:
    ledger, factors = Ledger(2), np.array([1024, 512])
    for number, rows in enumerate(days):
        count(ledger, rows[:2])
        unit = count(ledger, rows[2:])
        day = FIRST + timedelta(number)
        _, came = ledger.close(day, day - timedelta(3), factors * (number + 1), ORDER)
        for row, at in zip(rows[2:], unit, strict=True):
            assert (at >= 0) == (row[2] or row[3])
            assert at < 0 or (ledger.key[came[at]], ledger.place[came[at]]) == row[:2]
    kept = list(enumerate(days))[-3:]
    for chance in (0, 1):
        plain, weighted = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
        for number, rows in kept:
            for row in rows:
                plain[row[:2]] += row[2 + chance]
                weighted[row[:2]] += row[2 + chance] * 512 * (number + 1)
        units = list(zip(ledger.key.tolist(), ledger.place.tolist(), strict=True))
        assert dict(zip(units, ledger.sums(chance), strict=True)).items() <= plain.items()
        assert {u: n for u, n in zip(units, ledger.sums(chance, rule=1), strict=True) if n} == {
            u: n for u, n in weighted.items() if n
        }
        assert units == sorted(units, key=lambda unit: (unit[0], ORDER[unit[1]]))


def test_where_units_went_is_told_of_those_that_stay_and_of_those_that_left() -> None:
    ledger, factors = Ledger(2), np.array([1024])
    count(ledger, [(5, 1, True, False), (7, 1, True, False)])
    ledger.close(FIRST, FIRST - timedelta(1), factors, ORDER)
    count(ledger, [(6, 1, True, True), (5, 1, False, True)])
    old, came = ledger.close(FIRST + timedelta(1), FIRST, factors, ORDER)
    # by hand: 7 was seen on the first day only, which has left; 5 comes before 6
    assert (old.tolist(), came.tolist()) == ([0, -1], [1, 0])
    assert ledger.subjects().tolist() == [5, 6]
    assert ledger.sums(0).tolist() == [0, 1]


def test_a_day_of_many_counts_is_kept_in_wider_numbers() -> None:
    ledger = Ledger(2)
    count(ledger, [(5, 1, True, False)] * 300)
    ledger.close(FIRST, FIRST - timedelta(1), np.array([1024]), ORDER)
    assert ledger.sums(0).tolist() == [300]


def test_restored_it_goes_on_identically() -> None:
    ledger, other, factors = Ledger(2), Ledger(2), np.array([1024])
    count(ledger, [(5, 1, True, False), (7, 2, True, True)])
    ledger.close(FIRST, FIRST - timedelta(9), factors, ORDER)
    count(ledger, [(6, 1, True, False)])
    other.restore(ledger.arrays())
    for one in (ledger, other):
        count(one, [(6, 1, True, False), (5, 3, True, False)])
        one.close(FIRST + timedelta(1), FIRST - timedelta(8), factors, ORDER)
    for name, array in ledger.arrays().items():
        np.testing.assert_array_equal(array, other.arrays()[name])


def test_pairs_are_numbered_in_order_of_appearance() -> None:
    pairs = Pairs()
    first, second = (np.array(some, dtype=np.uint64) for some in ([7, 9, 7, 7], [1, 1, 1, 2]))
    assert pairs.numbers(first, second).tolist() == [0, 1, 0, 2]
    assert pairs.numbers(first[::-1].copy(), second[::-1].copy()).tolist() == [2, 0, 1, 0]
    assert pairs.first[: pairs.used].tolist() == [7, 9, 7]
    assert pairs.second[: pairs.used].tolist() == [1, 1, 2]


@given(st.sets(st.integers(0, 20)), st.sets(st.integers(0, 20)))
def test_a_key_is_found_where_it_is(known: set[int], asked: set[int]) -> None:
    have = np.array(sorted(known), dtype=np.uint64)
    want = np.array(sorted(asked), dtype=np.uint64)
    at, here = found(have, want)
    assert here.tolist() == [one in known for one in sorted(asked)]
    assert have[at[here]].tolist() == sorted(known & asked)


def test_runs_of_equal_keys_have_their_starts() -> None:
    assert starts_of(np.array([4, 4, 9], dtype=np.uint64)).tolist() == [0, 2, 3]
    assert starts_of(np.zeros(0, dtype=np.uint64)).tolist() == [0]
