"""Minor units by ISO 4217."""

import pytest

from shrinkwatch.records.money import minor_decimals


@pytest.mark.parametrize(
    ("currency", "decimals"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)]
)
def test_decimals_are_those_of_iso_4217(currency: str, decimals: int) -> None:
    assert minor_decimals(currency) == decimals
