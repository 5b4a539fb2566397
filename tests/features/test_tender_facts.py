"""The contract's worked tenders, by hand (CONTRACT §1)."""

from typing import Any

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.tables import Tables

from .tills import batch_of, transaction


def paid(*tenders: dict[str, Any], **given: Any) -> dict[str, Any]:
    row = transaction(tenders=list(tenders), **given)
    return FeatureStream.new(Tables()).advance(batch_of(row)).row(0, named=True)


def test_change_is_not_a_refund() -> None:
    row = paid(
        {"type": "cash", "amount_minor": 2_000},
        {"type": "cash", "amount_minor": -750, "change": True},
        net_minor=1_250,
    )
    assert (row["cash_minor"], row["change_minor"], row["cash_refund_minor"]) == (1_250, 750, 0)


def test_money_back_is_positive_by_where_it_went() -> None:
    row = paid(
        {"type": "cash", "amount_minor": -500},
        {"type": "credit", "amount_minor": -1_000},
        {"type": "store_credit", "amount_minor": -999},
        type="return",
        net_minor=-2_499,
    )
    assert (row["cash_refund_minor"], row["card_refund_minor"]) == (500, 1_000)
    assert row["gift_card_refund_minor"] == 999
    assert (row["cash_minor"], row["card_minor"]) == (-500, -1_000)


def test_voided_tenders_count_apart() -> None:
    row = paid(
        {"type": "cash", "amount_minor": 1_000, "voided": True},
        {"type": "coupon", "amount_minor": 1_000},
    )
    assert (row["voided_tender_minor"], row["voided_cash_minor"]) == (1_000, 1_000)
    assert (row["cash_minor"], row["coupon_tender_minor"]) == (0, 1_000)


def test_cards_are_counted_once_each() -> None:
    row = paid(
        {"type": "credit", "amount_minor": 300, "card": "A"},
        {"type": "debit", "amount_minor": 300, "card": "B"},
        {"type": "credit", "amount_minor": 400, "card": "A"},
        {"type": "credit", "amount_minor": 400, "card": "C", "voided": True},
    )
    assert row["paid_cards"] == 2


def test_a_sale_without_tenders_says_nothing_of_cash() -> None:
    assert paid(net_minor=1_000)["cash_minor"] is None
    assert paid(net_minor=0)["cash_minor"] == 0
    assert paid(net_minor=1_000, status="cancelled")["cash_minor"] == 0
