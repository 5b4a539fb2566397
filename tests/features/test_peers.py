"""Expected numbers come from hand work, said in each test."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.features.peers import CELL_COLUMNS, between_shape, expected_hits, weigh_day

NO_PARENTS = pl.DataFrame(schema={"group": pl.UInt32, "parent": pl.UInt32})


def cells(*rows: tuple[int, int, int, int, int, int]) -> pl.DataFrame:
    """Rows of (day, key, group, store, exposed, hits) of rule 0, day after day, then summed."""
    schema = {"day": pl.Int32, **{n: t for n, t in CELL_COLUMNS.items() if n != "weighted"}}
    whole = pl.DataFrame([(day, 0, *rest) for day, *rest in rows], schema=schema, orient="row")
    window = whole.group_by("rule", "group").agg(pl.col("exposed", "hits").sum())
    days = [
        weigh_day(part.drop("day"), window)
        for part in whole.sort(whole.columns).partition_by("day", maintain_order=True)
    ]
    return (
        pl.concat(days)
        .group_by("rule", "key", "group", "store")
        .agg(pl.col("exposed", "hits", "weighted").sum())
    )


def staff(rate_by_store: list[float], exposed: int = 100, people: int = 8) -> pl.DataFrame:
    return cells(
        *[
            (day, 100 * store + person, 1, store, exposed, round(exposed * rate))
            for store, rate in enumerate(rate_by_store)
            for person in range(people)
            for day in range(5)
        ]
    )


def test_everybody_alike_is_expected_to_do_what_everybody_does() -> None:
    found = expected_hits(staff([0.04] * 6), NO_PARENTS)
    # by hand: 5 days × 100 exposures × 4 %
    assert found["expected"].to_list() == pytest.approx([20.0] * 48, rel=0.01)
    assert found["exposed"].unique().to_list() == [500]
    assert found["peers"].unique().to_list() == [47]


def test_nobody_is_compared_with_himself() -> None:
    quiet = [(0, person, 1, 1, 1000, 10) for person in range(4)]
    thief = (0, 99, 1, 1, 1000, 400)
    found = expected_hits(cells(*quiet, thief), NO_PARENTS).filter(key=99)
    # the other four had 10 each; the day's and store's factors hardly move it
    assert found["expected"][0] == pytest.approx(10.0, rel=0.35)


def test_the_custom_of_a_store_is_expected_of_its_people() -> None:
    found = expected_hits(staff([0.02] * 9 + [0.20]), NO_PARENTS)
    odd = found.filter(pl.col("key") >= 900)
    assert odd["expected"].min() > 60.0  # of 100 hits each; the chain alone would say some 19
    usual = found.filter(pl.col("key") < 900)
    assert usual["expected"].max() < 15.0  # of 10 hits each


def test_a_day_on_which_the_whole_chain_does_it_is_expected_to_be_so() -> None:
    plain = [(day, person, 1, person // 4, 200, 2) for day in range(20) for person in range(40)]
    sale = [(20, person, 1, person // 4, 200, 20) for person in range(39)]
    found = expected_hits(cells(*plain, *sale), NO_PARENTS)
    there, away = found.filter(key=0), found.filter(key=39)
    # by hand: 20 days × 2 = 40, and 60 with the day of the sale
    assert away["expected"][0] == pytest.approx(40.0, rel=0.15)
    assert there["expected"][0] == pytest.approx(60.0, rel=0.15)


def test_a_small_group_borrows_from_its_parent_before_the_chain() -> None:
    cashiers = [(0, person, 1, 1, 1000, 10) for person in range(20)]
    desks = [(0, 100 + person, 2, 1, 1000, 300) for person in range(20)]
    other = [(0, 200 + person, 4, 1, 1000, 310) for person in range(20)]
    lonely = (0, 999, 3, 1, 100, 30)
    parents = pl.DataFrame(
        {"group": [1, 2, 3, 4], "parent": [1, 2, 2, 2]},
        schema={"group": pl.UInt32, "parent": pl.UInt32},
    )
    found = expected_hits(cells(*cashiers, *desks, *other, lonely), parents).filter(key=999)
    assert found["expected"][0] == pytest.approx(30.0, rel=0.25)


def test_no_cells_give_no_expectations() -> None:
    assert expected_hits(pl.DataFrame(schema=CELL_COLUMNS), NO_PARENTS).is_empty()


def test_units_that_differ_by_half_are_found_to() -> None:
    dice = np.random.default_rng(3)
    expected = np.full(3000, 40.0)
    hits = dice.poisson(expected * dice.gamma(4.0, 0.25, 3000)).astype(float)
    assert between_shape(hits, expected, (0.3, 50.0)) == pytest.approx(4.0, rel=0.15)


@given(st.permutations(range(12)))
def test_the_order_of_the_cells_changes_nothing(order: list[int]) -> None:
    rows = [(i % 3, i % 5, i % 2, i % 4, 10 + i, i % 7) for i in range(12)]
    straight = expected_hits(cells(*rows), NO_PARENTS)
    shuffled = expected_hits(cells(*[rows[i] for i in order]), NO_PARENTS)
    assert straight.equals(shuffled)
