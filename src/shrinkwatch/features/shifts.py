"""How far from their own shift somebody was at the till, by the table of shifts."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, kernel

NEAR_US = 24 * 3600 * 1_000_000
"""Who has no shift within a day: the table does not know their hours (our assumption)."""

_SECOND = 1_000_000


class Clocked(NamedTuple):
    """The shifts of everybody, by person and then by their beginning.

    first: (people + 1,) where each person's begin. clock_in, clock_out: (shifts,) UTC microseconds;
    UNKNOWN_64 where nobody clocked out. A shift that lies within an earlier one ends with it.
    """

    first: NDArray[np.int64]
    clock_in: NDArray[np.int64]
    clock_out: NDArray[np.int64]


def people_of(shifts: pl.DataFrame) -> tuple[pl.DataFrame, Clocked]:
    """Return who has shifts (store_id, operator_id), and the shifts in the same order."""
    names = ["store_id", "operator_id"]
    ordered = shifts.sort(*names, "clock_in", maintain_order=True).with_columns(
        pl.col("clock_out").cum_max().over(names)
    )
    people = ordered.group_by(names, maintain_order=True).len()
    clocked = Clocked(
        np.append(0, people["len"].cum_sum().to_numpy()).astype(np.int64),
        ordered["clock_in"].to_physical().to_numpy(),
        ordered["clock_out"].to_physical().fill_null(UNKNOWN_64).to_numpy(),
    )
    return people.select(names), clocked


def off_shift_s(
    person: NDArray[np.int64], at: NDArray[np.int64], clocked: Clocked
) -> NDArray[np.int32]:
    """Return (rows,) seconds from the person's nearest shift, 0 within one; UNKNOWN_32.

    person: (rows,) of `Clocked.first`, -1 none. at: (rows,) UTC microseconds, UNKNOWN_64. Unknown
    too after a shift from which nobody clocked out, and where no shift lies within a day.
    """
    off = np.full(person.size, UNKNOWN_32, dtype=np.int32)
    measure(person, at, clocked, off)
    return off


@kernel
def measure(
    person: NDArray[np.int64],
    at: NDArray[np.int64],
    clocked: Clocked,
    off: NDArray[np.int32],
) -> None:
    """Fill what `off_shift_s` returns."""
    for i in range(person.size):
        if person[i] < 0 or at[i] == UNKNOWN_64:
            continue
        first, end = clocked.first[person[i]], clocked.first[person[i] + 1]
        begun = first + np.searchsorted(clocked.clock_in[first:end], at[i], side="right")
        nearest = NEAR_US + 1
        if begun > first:
            out = clocked.clock_out[begun - 1]
            if out == UNKNOWN_64:
                continue
            nearest = min(nearest, max(at[i] - out, 0))
        if begun < end:
            nearest = min(nearest, clocked.clock_in[begun] - at[i])
        if nearest <= NEAR_US:
            off[i] = nearest // _SECOND
