"""Decimal amounts as whole minor units, and where an amount was finer than its currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numpy.typing import NDArray

LIMIT = 1e12
"""An amount, price or quantity of this size or more is an impossible value, in currency units.

Below it a 64-bit float still tells one ten-thousandth from the next.
"""


Number = Decimal | float | str
"""A decimal, or a plainly written number of at most 15 digits as it was decoded."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Decimals of one column.

    value: float64, NaN where there is none.
    impossible: bool, True where a number is not finite or beyond LIMIT (its value is NaN too).
    exact: the numbers as they came, for rounding what is finer than a minor unit.
    """

    value: NDArray[np.float64]
    impossible: NDArray[np.bool_]
    exact: Sequence[Number | None] | NDArray[np.float64]

    @property
    def present(self) -> NDArray[np.bool_]:
        """True where there is a number."""
        return ~np.isnan(self.value)


def numbers(values: Sequence[Number | None]) -> Numbers:
    """Return the column as floats; a number of up to 15 digits survives the way exactly."""
    value = np.array(values, dtype=np.float64)
    present = np.ones(len(values), dtype=np.bool_)
    if np.isnan(value).any():
        present = np.array([number is not None for number in values], dtype=np.bool_)
    value += 0.0  # a negative zero is a zero
    impossible = present & ~(np.abs(value) < LIMIT)
    value[impossible] = np.nan
    return Numbers(value, impossible, values)


def whole_units(
    column: Numbers, digits: NDArray[np.int64] | int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the numbers in units of 10**-digits (int64, 0 where missing), and where it rounded.

    Rounding is half-even on the exact decimal. digits: decimals of the unit, per row or for all.
    """
    scaled = np.where(column.present, column.value, 0.0) * 10.0 ** np.asarray(digits)
    nearest = np.rint(scaled)
    finer = np.abs(scaled - nearest) > np.maximum(1e-6, np.abs(scaled) * 1e-15)
    whole = nearest.astype(np.int64)
    if finer.any():
        places = np.broadcast_to(digits, whole.shape)
        for row in np.flatnonzero(finer).tolist():
            number = column.exact[row]
            if number is not None:
                # the shortest text of a float has the digits that it was read from
                shifted = Decimal(str(number)).scaleb(int(places[row]))
                whole[row] = int(shifted.to_integral_value(rounding=ROUND_HALF_EVEN))
    return whole, finer
