"""Adds up how often each subject was seen doing what: millions of small sums without a sort.

A cell is told apart by a 64-bit mix of its rule, subject key, peer group and store. A billion cells
would hold two that are taken for one with a chance of 3 %.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.index import Index, index_of

CELL = ("rule", "key", "group", "store")
"""The columns that tell a cell apart."""

Keys = NDArray[np.uint64]


def mixed(key: Keys, group: NDArray[np.uint32], store: Keys) -> Keys:
    """Return a number per row, never 0, that stands for the subject, its group and its store."""
    number = key * np.uint64(0x9E3779B97F4A7C15)
    number ^= (group.astype(np.uint64) + np.uint64(1)) * np.uint64(0xC2B2AE3D27D4EB4F)
    number += store * np.uint64(0x165667B19E3779F9)
    number[number == 0] = 1
    return number


def cell_ids(cells: pl.DataFrame) -> Keys:
    """Return the number, never 0, of each row's cell. cells: with the columns of CELL."""
    key, group, store = (cells[name].to_numpy() for name in CELL[1:])
    rule = cells["rule"].to_numpy().astype(np.uint64) + np.uint64(1)
    number = mixed(key, group, store) ^ (rule * np.uint64(0xD1342543DE82EF95))
    number[number == 0] = 1
    return number


def numbered(ids: Keys) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (first row of each distinct id, number of each row's id), in order of appearance."""
    slots = Index().slots(ids)
    count = int(slots.max(initial=-1)) + 1
    first = np.empty(count, dtype=np.int64)
    first[slots[::-1]] = np.arange(slots.size - 1, -1, -1)
    return first, slots


def summed(parts: Iterable[pl.DataFrame], sums: Sequence[str]) -> pl.DataFrame:
    """Return one row per cell with these columns (Int64) summed, in order of first appearance.

    parts: at least one frame; all with the columns of CELL and those to be summed.
    """
    whole = pl.concat([part.select(*CELL, *sums) for part in parts])
    first, slot = numbered(cell_ids(whole))
    if first.size == whole.height:
        return whole
    # float64 sums of whole numbers are exact up to 2^53
    totals = {
        name: np.bincount(slot, whole[name].to_numpy()).astype(np.int64, copy=False)
        for name in sums
    }
    return whole.select(CELL)[first].with_columns(pl.Series(name, s) for name, s in totals.items())


def summed_at(
    cells: pl.DataFrame, parts: Sequence[pl.DataFrame], sums: Sequence[str]
) -> dict[str, NDArray[np.int64]]:
    """Return per row of `cells` the sums of these columns over the parts' rows of the same cell.

    Rows of the parts that belong to no row of `cells` are left out; without parts all sums are 0.
    """
    if not parts or not any(part.height for part in parts):
        return {name: np.zeros(cells.height, dtype=np.int64) for name in sums}
    found = summed(parts, sums)
    place = index_of(cell_ids(found)).find(cell_ids(cells))
    known = place >= 0
    return {name: np.where(known, found[name].to_numpy()[place], 0) for name in sums}
