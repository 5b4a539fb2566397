"""The contract's sums on columns; the worked examples are in test_columns.py."""

import numpy as np
import pytest

from shrinkwatch.journal.identities import out_of_order, totals
from shrinkwatch.journal.moments import NEVER

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("began", "ended", "line", "bad"),
    [
        (10 * HOUR, 11 * HOUR, 10 * HOUR, False),
        (11 * HOUR, 10 * HOUR, NEVER, True),
        (10 * HOUR, 11 * HOUR, 12 * HOUR, False),  # an hour's grace
        (10 * HOUR, 11 * HOUR, 12 * HOUR + 1, True),
        (10 * HOUR, 11 * HOUR, 9 * HOUR - 1, True),
        (NEVER, 11 * HOUR, 1 * HOUR, False),  # one end alone bounds nothing
    ],
)
def test_times_are_out_of_order_when_they_run_backwards_or_far_outside(began, ended, line, bad):
    ends = [np.array([began]), np.array([ended])]
    lines = [np.array([line]), np.array([NEVER])]
    assert out_of_order(ends, np.array([0]), lines).tolist() == [bad]


def test_totals_add_up_per_group_and_are_zero_where_a_group_is_empty():
    found = totals(np.array([0, 2, 2]), np.array([1.5, 2.0, 3.0]), 4)
    assert found.tolist() == [1.5, 0.0, 5.0, 0.0]
