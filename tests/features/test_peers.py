"""Expected numbers come from hand work, said in each test."""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.features.peers import (
    DAY_UNIT,
    Rows,
    between_shape,
    day_factors,
    expected_hits,
    of_subjects,
)

Cell = tuple[int, int, int, int, int, int]


def factors(cells: pl.DataFrame, day: int) -> float:
    """Return how much likelier hits were on that day than over all days."""
    sums = pl.col("exposed", "hits").sum()
    today = cells.filter(day=day).group_by("rule", "group").agg(sums)
    return float(day_factors(today, cells.group_by("rule", "group").agg(sums), 1)[0]) / DAY_UNIT


def expected(*cells: Cell, parents: Mapping[int, int] | None = None) -> dict[int, float]:
    """Return the expected hits by key, from (day, key, group, store, exposed, hits)."""
    names = ["day", "key", "group", "store", "exposed", "hits"]
    whole = pl.DataFrame(list(cells), schema=names, orient="row").with_columns(rule=0)
    weights = {day: factors(whole, day) for day in whole["day"].unique()}
    known = {} if parents is None else parents
    rows = (
        whole.with_columns(
            own=pl.col("exposed") * pl.col("day").replace_strict(weights),
            parent=pl.col("group").replace_strict(known, default=0, return_dtype=pl.Int64),
        )
        .group_by("key", "parent", "group", "store")
        .agg(pl.col("own", "hits").sum())
        .sort("key", "parent", "group", "store")
    )
    keys, starts = np.unique(rows["key"].to_numpy(), return_index=True)
    levels = [
        np.unique(rows[name].to_numpy(), return_inverse=True)[1]
        for name in ("parent", "group", "store")
    ]
    at = Rows(np.append(starts, rows.height), np.arange(rows.height, dtype=np.int32), *levels)
    hits = rows["hits"].cast(pl.Float64).to_numpy(writable=True)
    found = of_subjects(at, expected_hits(at, rows["own"].to_numpy(writable=True), hits))
    return dict(zip(keys.tolist(), found.tolist(), strict=True))


def staff(rate_by_store: list[float], exposed: int = 100, people: int = 8) -> list[Cell]:
    return [
        (day, 100 * store + person, 1, store, exposed, round(exposed * rate))
        for store, rate in enumerate(rate_by_store)
        for person in range(people)
        for day in range(5)
    ]


def test_everybody_alike_is_expected_to_do_what_everybody_does() -> None:
    found = expected(*staff([0.04] * 6))
    # by hand: 5 days × 100 exposures × 4 %
    assert list(found.values()) == pytest.approx([20.0] * 48, rel=0.01)


def test_nobody_is_compared_with_himself() -> None:
    quiet = [(0, person, 1, 1, 1000, 10) for person in range(4)]
    thief = (0, 99, 1, 1, 1000, 400)
    # the other four had 10 each; the day's and store's factors hardly move it
    assert expected(*quiet, thief)[99] == pytest.approx(10.0, rel=0.35)


@given(st.integers(0, 1000))
def test_own_hits_never_raise_what_is_expected_of_oneself(hits: int) -> None:
    others = [(0, person, 1, 1, 100, person % 4) for person in range(6)]
    with_hits = expected(*others, (0, 99, 1, 1, 100, hits + 1))
    assert with_hits[99] <= expected(*others, (0, 99, 1, 1, 100, hits))[99] + 1e-9


def test_the_custom_of_a_store_is_expected_of_its_people() -> None:
    found = expected(*staff([0.02] * 9 + [0.20]))
    # of 100 hits each; the chain alone would say some 19
    assert min(mean for key, mean in found.items() if key >= 900) > 60.0
    # of 10 hits each
    assert max(mean for key, mean in found.items() if key < 900) < 15.0


def test_a_day_on_which_the_whole_chain_does_it_is_expected_to_be_so() -> None:
    plain = [(day, person, 1, person // 4, 200, 2) for day in range(20) for person in range(40)]
    sale = [(20, person, 1, person // 4, 200, 20) for person in range(39)]
    found = expected(*plain, *sale)
    # by hand: 20 days × 2 = 40, and 60 with the day of the sale
    assert found[39] == pytest.approx(40.0, rel=0.15)
    assert found[0] == pytest.approx(60.0, rel=0.15)


def test_a_small_group_borrows_from_its_parent_before_the_chain() -> None:
    cashiers = [(0, person, 1, 1, 1000, 10) for person in range(20)]
    desks = [(0, 100 + person, 2, 1, 1000, 300) for person in range(20)]
    other = [(0, 200 + person, 4, 1, 1000, 310) for person in range(20)]
    lonely = (0, 999, 3, 1, 100, 30)
    found = expected(*cashiers, *desks, *other, lonely, parents={1: 1, 2: 2, 3: 2, 4: 2})
    assert found[999] == pytest.approx(30.0, rel=0.25)


def test_no_rows_give_no_expectations() -> None:
    nobody = Rows(
        np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32), *(np.zeros(0, int),) * 3
    )
    assert expected_hits(nobody, np.zeros(0), np.zeros(0)).size == 0


def test_units_that_differ_by_half_are_found_to() -> None:
    dice = np.random.default_rng(3)
    hoped = np.full(3000, 40.0)
    hits = dice.poisson(hoped * dice.gamma(4.0, 0.25, 3000)).astype(float)
    assert between_shape(hits, hoped, (0.3, 50.0)) == pytest.approx(4.0, rel=0.15)


@given(st.permutations(range(6)), st.lists(st.integers(0, 9), min_size=24, max_size=24))
def test_how_groups_and_stores_are_numbered_changes_nothing(
    names: list[int], hits: list[int]
) -> None:
    def of(name: list[int]) -> list[float]:
        cells = [(0, i // 2, name[i % 3], name[i % 4], 10 + i, hit) for i, hit in enumerate(hits)]
        return list(expected(*cells).values())

    assert of(names) == pytest.approx(of(list(range(6))), rel=1e-9)
