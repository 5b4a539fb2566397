"""Decimals as whole minor units, against Python's own decimal arithmetic."""

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.journal.amounts import numbers, whole_units

amounts = st.decimals(-(10**9), 10**9, places=4)


@given(st.lists(st.none() | amounts, max_size=20), st.integers(0, 4))
def test_rounding_is_half_even_on_the_exact_decimal(values, digits):
    whole, finer = whole_units(numbers(values), digits)
    for row, value in enumerate(values):
        if value is None:
            assert whole[row] == 0
            continue
        exact = value.scaleb(digits)
        assert whole[row] == int(exact.to_integral_value(rounding=ROUND_HALF_EVEN))
        assert finer[row] == (exact != exact.to_integral_value())


def test_decimals_of_their_own_per_row_are_used():
    whole, _ = whole_units(numbers([Decimal("1.5"), Decimal("1.5")]), np.array([0, 2]))
    assert whole.tolist() == [2, 150]


def test_what_is_no_sensible_number_is_impossible():
    odd = [Decimal("NaN"), Decimal("Infinity"), Decimal("1e308"), Decimal("-1e12"), Decimal(1)]
    assert numbers(odd).impossible.tolist() == [True, True, True, True, False]


def test_a_missing_number_is_not_impossible_and_not_zero():
    column = numbers([None, Decimal(0)])
    assert column.impossible.tolist() == [False, False]
    assert column.present.tolist() == [False, True]
