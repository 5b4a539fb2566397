"""Minor units by ISO 4217."""

import pytest

from shrinkwatch.records.money import is_currency, minor_decimals


@pytest.mark.parametrize(
    ("currency", "decimals"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)]
)
def test_decimals_are_those_of_iso_4217(currency: str, decimals: int) -> None:
    assert minor_decimals(currency) == decimals


@pytest.mark.parametrize("code", ["EUR", "JPY", "XAF", "ZWG", "HRK"])
def test_a_code_of_money_is_known_also_when_it_was_withdrawn_of_late(code: str) -> None:
    assert is_currency(code)


@pytest.mark.parametrize("code", ["eur", "EU", "", "ÄÖÜ", "XXQ", "XXX", "XAU", "DEM", "EUR "])
def test_what_no_shop_takes_is_no_currency(code: str) -> None:
    assert not is_currency(code)
