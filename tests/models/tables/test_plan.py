"""What is planned fits into the time, and is the same for the same table."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from shrinkwatch.models.tables.candidates import CANDIDATES, LEAST
from shrinkwatch.models.tables.columns import Category, Number, Schema, Table
from shrinkwatch.models.tables.plan import SHARE, Size, effort_for, seconds_of, size_of

SMALL = Size(rows=2_000, columns=10, coarse=0, plain=10, pool=165)
SIZES = some.builds(
    Size,
    rows=some.integers(20, 2_000_000),
    columns=some.integers(100, 500),
    coarse=some.integers(0, 100),
    plain=some.integers(1, 900),
    pool=some.integers(0, 2_000),
)


def test_the_size_counts_what_fits_take_their_time_over() -> None:
    schema = Schema((Number("a"), Number("b")), (Category("c", ("x", "y", "z")),))
    table = Table(np.zeros((7, 2)), np.zeros((7, 1), dtype=np.int32))
    # Of two numbers six single and three paired columns are built, and three levels times each.
    assert size_of(table, schema) == Size(rows=7, columns=3, coarse=1, plain=5, pool=6 + 3 + 6)


@given(SIZES, some.floats(12, 3_600))
def test_the_plan_fits_its_share_of_the_time_or_is_the_least(size: Size, limit_s: float) -> None:
    effort = effort_for(size, limit_s)
    fits = seconds_of(effort, size) <= SHARE * limit_s
    assert fits or (effort.candidates, effort.choices) == (LEAST, 4)


@given(SIZES)
def test_more_time_is_never_used_for_less(size: Size) -> None:
    efforts = [effort_for(size, limit_s) for limit_s in (12, 60, 120, 600, 3_600)]
    taken = [len(one.candidates) * min(size.rows, one.fitted_on) for one in efforts]
    assert all(less <= more for less, more in pairwise(taken))


@given(SIZES)
def test_there_is_always_a_fold_to_choose_by_and_one_to_measure(size: Size) -> None:
    effort = effort_for(size, 12)
    assert min(effort.inner_folds, effort.outer_folds) >= 3
    assert min(effort.inner_repeats, effort.outer_repeats) >= 1


def test_two_minutes_are_enough_to_try_all_on_a_small_table() -> None:
    effort = effort_for(SMALL, 120.0)
    assert effort.candidates == CANDIDATES
    assert (effort.inner_folds, effort.inner_repeats, effort.outer_folds) == (5, 2, 5)


@pytest.mark.parametrize("rows", [200_000, 2_000_000])
def test_a_big_table_is_chosen_on_a_sample(rows: int) -> None:
    effort = effort_for(Size(rows=rows, columns=20, coarse=5, plain=20, pool=630), 120.0)
    assert effort.chosen_on < rows
