from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from shrinkwatch.intake.check import complaint, is_plausible, is_zone
from shrinkwatch.records.transaction import Line, Original, PriceChange, Tender, Transaction

GOOD = Transaction(
    source="pos",
    store_id="S1",
    type="sale",
    net=Decimal("1.50"),
    ended_at=datetime(2026, 3, 4, tzinfo=UTC),
    transaction_id="T1",
)
LINE = Line(
    line=1, kind="item", sku="A", quantity=Decimal(1), list_price=Decimal(1), extended=Decimal(1)
)


def test_a_plain_record_is_not_complained_of() -> None:
    assert complaint(replace(GOOD, lines=(LINE,))) is None


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        (replace(GOOD, tax=Decimal("NaN")), "tax"),
        (replace(GOOD, lines=(replace(LINE, quantity=Decimal("1e13")),)), "lines.quantity"),
        (replace(GOOD, lines=(replace(LINE, line=2**40),)), "lines.line"),
        (replace(GOOD, tenders=(Tender("cash", Decimal("-Infinity")),)), "tenders.amount"),
        (
            replace(GOOD, price_changes=(PriceChange("coupon", Decimal("sNaN")),)),
            "price_changes.amount",
        ),
        (replace(GOOD, original=Original(business_date=date(9999, 1, 1))), "original.business"),
        (
            replace(GOOD, lines=(replace(LINE, original=Original(sequence=-1)),)),
            "original.sequence",
        ),
        (replace(GOOD, lines=(replace(LINE, at=datetime(1, 1, 1)),)), "lines.at"),  # noqa: DTZ001
        (replace(GOOD, currency="eur"), "currency"),
        (replace(GOOD, currency="XXQ"), "currency"),
        (replace(GOOD, register_id="a\0b"), "key"),
        (replace(GOOD, transaction_id="a\x1fb"), "key"),
    ],
)
def test_what_cannot_be_is_named(bad: Transaction, named: str) -> None:
    said = complaint(bad)
    assert said is not None
    assert said[0] == "impossible_value"
    assert named in said[1]


@pytest.mark.parametrize(
    ("text", "plausible"),
    [("0", True), ("-999999999999.99", True), ("1e12", False), ("NaN", False), ("1e-31", False)],
)
def test_plausible_numbers_are_finite_and_below_a_million_million(
    text: str, plausible: bool
) -> None:
    assert is_plausible(Decimal(text)) is plausible


def test_zones_are_known_by_name() -> None:
    assert [is_zone(z) for z in ("Europe/Berlin", "Berlin", "", "../etc/passwd")] == [
        True,
        False,
        False,
        False,
    ]
