"""A column that was written after the outcome is refused by name."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from shrinkwatch.models.tables.columns import Category, Number, Schema, Table
from shrinkwatch.models.tables.leaks import area, refuse_leaks
from shrinkwatch.records.trouble import Refused

ROWS = 400
POSITIVE = np.arange(ROWS) % 10 == 0
SCHEMA = Schema((Number("amount"), Number("other")), ())


def table(*columns: np.ndarray) -> Table:
    return Table(np.column_stack(columns).astype(float), np.empty((ROWS, 0), dtype=np.int32))


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=ROWS)


def test_the_area_of_a_hand_made_ranking() -> None:
    # Of the 2 x 2 pairs one is ordered wrongly and one is tied: (2 + 0.5) / 4.
    assert area(np.array([1, 0, 1, 0], bool), np.array([3.0, 3.0, 2.0, 1.0])) == 0.625


def test_a_column_filled_only_afterwards_is_named() -> None:
    recovered = np.where(POSITIVE, np.abs(noise(1)), np.nan)
    with pytest.raises(Refused, match=r"amount alone tells the label.*--allow amount"):
        refuse_leaks(table(recovered, noise(2)), SCHEMA, POSITIVE, [], 1)


def test_whoever_vouches_for_it_may_use_it() -> None:
    allowed = table(POSITIVE * 1.0, noise(2))
    assert refuse_leaks(allowed, SCHEMA, POSITIVE, ["amount"], 1) == ()


def test_an_easy_question_is_no_leak() -> None:
    apart = noise(1) * 0.1 + 5 * POSITIVE
    again = noise(2) * 0.1 + 5 * POSITIVE
    third = noise(3) + 12 * POSITIVE
    schema = Schema((Number("a"), Number("b"), Number("c")), ())
    with pytest.raises(Refused, match="a, b, c alone tell"):
        refuse_leaks(table(apart, again, third), schema, POSITIVE, [], 1)
    half = noise(4) + 3.5 * POSITIVE
    more = [noise(seed) + 3.5 * POSITIVE for seed in (5, 6, 7, 8)]
    easy = Schema(tuple(Number(name) for name in "abcdef"), ())
    refuse_leaks(table(apart, half, *more), easy, POSITIVE, [], 1)


def test_noise_is_no_leak() -> None:
    assert refuse_leaks(table(noise(1), noise(2)), SCHEMA, POSITIVE, [], 1) == ()


def test_what_was_filled_in_afterwards_for_most_is_told_of() -> None:
    mostly = np.where(POSITIVE & (np.arange(ROWS) % 100 > 5), 1.0, 0.0)
    (said,) = refuse_leaks(table(mostly, noise(2)), SCHEMA, POSITIVE, [], 1)
    assert said.startswith("amount alone tells nearly all (area 0.95")
    assert refuse_leaks(table(mostly, noise(2)), SCHEMA, POSITIVE, ["amount"], 1) == ()


def test_a_mean_of_the_label_that_counts_the_row_itself_is_told_of() -> None:
    # Groups of three rows: a group without a positive row has the mean 0, and is never wrong.
    positive = np.random.default_rng(5).random(ROWS) < 0.1
    group = np.arange(ROWS) // 3
    mean = (np.bincount(group, positive) / np.bincount(group))[group]
    (said,) = refuse_leaks(table(mean + noise(1) * 0.01, noise(2)), SCHEMA, positive, [], 1)
    assert said.startswith("amount alone tells nearly all")


SORTED = np.arange(ROWS) >= ROWS - 40


def test_a_table_sorted_by_its_label_is_none_the_worse() -> None:
    assert refuse_leaks(table(noise(1), noise(2)), SCHEMA, SORTED, [], 1) == ()


@pytest.mark.parametrize("every", [1, 4, 10])
def test_a_column_that_goes_with_the_order_of_a_sorted_table_is_named(every: int) -> None:
    seconds = np.arange(ROWS) // every * 1.7
    for column in (seconds, -seconds, (seconds - 5) ** 2):
        with pytest.raises(Refused, match="amount alone tells the label"):
            refuse_leaks(table(column, noise(2)), SCHEMA, SORTED, [], 1)


def test_batches_of_a_sorted_table_are_named() -> None:
    batch = (np.arange(ROWS) // 20).astype(np.int32)[:, None]
    levels = tuple(f"batch {one}" for one in range(20))
    rows = Table(noise(1)[:, None], batch)
    schema = Schema((Number("amount"),), (Category("batch", levels),))
    with pytest.raises(Refused, match="batch alone tells the label"):
        refuse_leaks(rows, schema, SORTED, [], 1)


@given(some.permutations(range(ROWS)))
@settings(max_examples=10, deadline=None)
def test_a_leak_is_found_in_whatever_order_the_rows_stand(order: list[int]) -> None:
    rows = table(np.arange(ROWS) // 4 * 1.7, noise(2)).rows(np.array(order))
    with pytest.raises(Refused, match="amount alone tells the label"):
        refuse_leaks(rows, SCHEMA, SORTED[order], [], 1)
