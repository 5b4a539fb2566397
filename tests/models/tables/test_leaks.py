"""A column that was written after the outcome is refused by name."""

import numpy as np
import pytest

from shrinkwatch.models.tables.columns import Number, Schema, Table
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
    refuse_leaks(table(POSITIVE * 1.0, noise(2)), SCHEMA, POSITIVE, ["amount"], 1)


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
    refuse_leaks(table(noise(1), noise(2)), SCHEMA, POSITIVE, [], 1)
