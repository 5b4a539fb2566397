"""Transactions to print, small enough to check by eye."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shrinkwatch.records.transaction import (
    Event,
    Line,
    Original,
    PriceChange,
    Tender,
    Transaction,
)

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


def amount(text: str) -> Decimal:
    return Decimal(text)


@pytest.fixture
def sale_with_a_late_void() -> Transaction:
    """Milk, a rum voided nine seconds after its scan, an override; 18.39 paid with 20 in cash."""
    return Transaction(
        source="pos",
        store_id="S07",
        type="sale",
        net=amount("18.39"),
        currency="GBP",
        ended_at=NOON + timedelta(seconds=95),
        register_id="3",
        sequence=4213,
        operator_id="104",
        loyalty_id="L9",
        lines=(
            Line(1, "item", "milk", amount("2"), amount("1.20"), amount("2.40"), "WHOLE MILK 2L"),
            Line(
                2,
                "item",
                "rum",
                amount("1"),
                amount("19.99"),
                amount("19.99"),
                "CARIBBEAN RUM 70CL VERY OLD RESERVE EDITION",
                voided=True,
                at=NOON,
                void_at=NOON + timedelta(seconds=9),
            ),
            Line(
                3,
                "item",
                "pan",
                amount("1"),
                amount("20.99"),
                amount("15.99"),
                "牛乳 pan",
                price_changes=(PriceChange("override", amount("-5.00"), approver_id="101"),),
            ),
        ),
        tenders=(
            Tender("cash", amount("20.00")),
            Tender("cash", amount("-1.61"), change=True),
        ),
        events=(Event("drawer_open", NOON + timedelta(seconds=95)),),
    )


@pytest.fixture
def post_void() -> Transaction:
    return Transaction(
        source="pos",
        store_id="S07",
        type="void",
        net=amount("-31.10"),
        currency="GBP",
        ended_at=NOON,
        register_id="3",
        sequence=4214,
        operator_id="104",
        original=Original(register_id="3", sequence=4210),
        tenders=(Tender("cash", amount("-31.10")),),
    )


@pytest.fixture
def refund_without_receipt() -> Transaction:
    return Transaction(
        source="pos",
        store_id="S07",
        type="return",
        net=amount("-24.99"),
        currency="GBP",
        ended_at=NOON,
        operator_id="104",
        lines=(
            Line(
                1,
                "return",
                "jeans",
                amount("-1"),
                amount("24.99"),
                amount("-24.99"),
                "JEANS",
                entry="key",
            ),
        ),
        tenders=(Tender("credit", amount("-24.99"), card_token="tok_00ab12"),),
    )
