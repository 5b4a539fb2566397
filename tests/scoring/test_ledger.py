"""Sums of cells checked against Polars and by hand."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.features.peers import CELL_COLUMNS
from shrinkwatch.scoring.cells import CELL, numbered, summed, summed_at

SUMS = ["exposed", "hits", "weighted"]
ROWS = st.lists(st.tuples(*[st.integers(0, 3)] * 4, *[st.integers(-5, 2**40)] * 3), max_size=40)


def cells(rows: list[tuple[int, ...]]) -> pl.DataFrame:
    """Return these rows as cells."""
    return pl.DataFrame(rows, schema=CELL_COLUMNS, orient="row")


@settings(deadline=None)
@given(ROWS, ROWS)
def test_sums_are_those_of_a_group_by(
    one: list[tuple[int, ...]], two: list[tuple[int, ...]]
) -> None:
    parts = [cells(one), cells(two)]
    grouped = pl.concat(parts).group_by(*CELL).agg(pl.col(SUMS).sum())
    assert summed(parts, SUMS).sort(CELL).equals(grouped.sort(CELL))


@settings(deadline=None)
@given(ROWS, ROWS)
def test_sums_beside_cells_are_those_of_a_left_join(
    one: list[tuple[int, ...]], two: list[tuple[int, ...]]
) -> None:
    known = summed([cells(one)], SUMS)
    others = cells(two).group_by(*CELL).agg(pl.col("hits").sum().alias("found"))
    joined = known.join(others, on=CELL, how="left", maintain_order="left")
    beside = summed_at(known, [cells(two[:5]), cells(two[5:])], ["hits"])["hits"]
    assert beside.tolist() == joined["found"].fill_null(0).to_list()


def test_ids_are_numbered_in_order_of_appearance() -> None:
    first, number = numbered(np.array([7, 9, 7, 8, 9], dtype=np.uint64))
    assert first.tolist() == [0, 1, 3]
    assert number.tolist() == [0, 1, 0, 2, 1]
