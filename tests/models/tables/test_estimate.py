"""What flags earned on left-out rows is added up rightly."""

import numpy as np
import pytest

from shrinkwatch.models.tables.estimate import LeftOut, spread_of
from shrinkwatch.models.tables.profit import Profit


def test_four_rows_by_hand() -> None:
    # Flags at 0.8 and 0.9: one right (+5), one wrong (-25); one thief let go (-5); one spared.
    tested = LeftOut.none(Profit())
    tested.add(0, np.array([0, 1]), np.array([0.8, 0.1]))
    tested.add(0, np.array([2, 3]), np.array([0.9, 0.3]))
    found = tested.estimate(np.array([True, True, False, False]))
    assert found.per_thousand == 1000 * (5 - 5 - 25 + 0) / 4
    # Folds earned (5, -5) and (-25, 0): their means vary by 50 / 2 / 2 = 25 and 312.5 / 2 / 2 =
    # 78.125... by their rows: ((50 / 2) + (312.5 / 2)) / 2 = 90.625; between them 12.5² / 2 = 78.1.
    # Two folds, as many rows tested as learned from: (1/2 + 1) · 90.625 = 135.94, its root 11.659.
    assert found.spread == pytest.approx(11_659, abs=1)
    assert found.none == 1000 * -10 / 4
    assert found.all == 1000 * -40 / 4
    assert (found.precision, found.recall, found.flagged) == (0.5, 0.5, 500.0)
    assert (found.rows, found.repeats) == (4, 1)


def test_without_a_flag_there_is_no_precision() -> None:
    tested = LeftOut.none(Profit())
    tested.add(0, np.array([0, 1]), np.array([0.1, 0.1]))
    assert tested.estimate(np.array([True, False])).precision is None


def test_rows_tested_twice_count_once() -> None:
    twice = LeftOut.none(Profit())
    rows = np.arange(4)
    twice.add(0, rows, np.array([0.9, 0.9, 0.1, 0.1]))
    twice.add(1, rows, np.array([0.1, 0.1, 0.1, 0.1]))
    found = twice.estimate(np.array([True, True, False, False]))
    assert (found.rows, found.repeats) == (4, 2)
    # Once +10 of four rows, once -10.
    assert found.per_thousand == 0.0


def test_repeats_do_not_make_the_same_rows_tell_more_than_they_do() -> None:
    fold = [np.array([5.0, -5.0, 0.0, -25.0])]
    # However often: of 20 rows 4 tested, 16 learned from, at least a quarter of a fold's variance.
    least = np.sqrt(0.25 * fold[0].var(ddof=1) / 4)
    assert spread_of(fold * 5, 20) > spread_of(fold * 500, 20) > least


def test_the_spread_holds_what_it_says_for_a_mean_that_is_learned() -> None:
    # Learning here is to take the mean of nine tenths; what is lost is the squared distance of the
    # others. Source of the truth: for normal rows a left-out one loses 1 + 1 / learned on average.
    drawn, rows, inside = np.random.default_rng(8), 60, 0
    for _ in range(400):
        table = drawn.normal(size=rows)
        folds = []
        for _ in range(3):
            fold = drawn.permutation(rows) % 5
            folds += [(table[fold == k] - table[fold != k].mean()) ** 2 for k in range(5)]
        off = np.concatenate(folds).mean() - (1 + 1 / 48)
        inside += abs(off) <= 1.96 * spread_of(folds, rows)
    assert inside >= 0.92 * 400
