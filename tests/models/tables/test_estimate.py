"""What flags earned on left-out rows is added up rightly."""

import numpy as np
import pytest

from shrinkwatch.models.tables.estimate import LeftOut
from shrinkwatch.models.tables.profit import Profit


def test_four_rows_by_hand() -> None:
    # Flags at 0.8 and 0.9: one right (+5), one wrong (-25); one thief let go (-5); one spared.
    tested = LeftOut.none(Profit())
    tested.add(0, np.array([0, 1]), np.array([0.8, 0.1]))
    tested.add(0, np.array([2, 3]), np.array([0.9, 0.3]))
    found = tested.estimate(np.array([True, True, False, False]))
    assert found.per_thousand == 1000 * (5 - 5 - 25 + 0) / 4
    # Earned 5, -5, -25, 0: mean -6.25, squared distances 518.75 together, / 3 = 13.15 squared.
    assert found.spread == pytest.approx(1000 * 13.1498 / 2, rel=1e-4)
    assert found.none == 1000 * -10 / 4
    assert found.all == 1000 * -40 / 4
    assert (found.precision, found.recall, found.flagged) == (0.5, 0.5, 500.0)
    assert (found.rows, found.repeats) == (4, 1)


def test_without_a_flag_there_is_no_precision() -> None:
    tested = LeftOut.none(Profit())
    tested.add(0, np.array([0, 1]), np.array([0.1, 0.1]))
    assert tested.estimate(np.array([True, False])).precision is None


def test_rows_tested_twice_count_once_and_repeats_widen_the_spread() -> None:
    once, twice = LeftOut.none(Profit()), LeftOut.none(Profit())
    rows = np.arange(4)
    positive = np.array([True, True, False, False])
    once.add(0, rows, np.array([0.9, 0.9, 0.1, 0.1]))
    twice.add(0, rows, np.array([0.9, 0.9, 0.1, 0.1]))
    twice.add(1, rows, np.array([0.1, 0.1, 0.1, 0.1]))
    assert twice.estimate(positive).rows == 4
    assert twice.estimate(positive).repeats == 2
    assert twice.estimate(positive).per_thousand == 0.0
    assert twice.estimate(positive).spread > once.estimate(positive).spread
