from decimal import Decimal
from typing import Any

import pytest

from shrinkwatch.intake.poslog.nodes import parse
from shrinkwatch.intake.poslog.tenders import signed, tenders


def read(inside: str, attributes: str = "", item: str = "") -> list[dict[str, Any]]:
    text = f"<r><LineItem{item}><Tender{attributes}>{inside}</Tender></LineItem></r>"
    return tenders(parse(text, ""))


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Cash", "cash"),
        ("GiftCard", "gift_card"),
        ("Debit", "debit"),
        ("CreditDebit", "credit"),
        ("StoreCredit", "store_credit"),
        ("Cheque", "check"),
        ("ManufacturerCoupon", "coupon"),
        ("AccountsReceivable", "account"),
        ("Bitcoin", "other"),
    ],
)
def test_the_tills_words_become_the_contracts(written: str, kind: str) -> None:
    assert read("<Amount>1</Amount>", f' TenderType="{written}"')[0]["type"] == kind


def test_a_card_type_tells_credit_from_debit() -> None:
    card = '<CreditDebit CardType="Debit"/><Amount>1</Amount>'
    assert read(card, ' TenderType="CreditDebit"')[0]["type"] == "debit"


def test_refunds_change_and_cashback_go_out() -> None:
    assert read("<Amount>5</Amount>", ' TypeCode="Refund"')[0]["amount"] == Decimal(-5)
    found = read("<Amount>30</Amount><Cashback>10</Cashback>")
    assert [(t["amount"], t["change"]) for t in found] == [(30, False), (-10, False)]


def test_a_voided_tender_says_so() -> None:
    assert read("<Amount>5</Amount>", item=' VoidFlag="true"')[0]["voided"] is True


def test_a_gift_card_keeps_its_number_for_a_token() -> None:
    found = read("<GiftCard><CardNumber>77</CardNumber></GiftCard><Amount>5</Amount>")
    assert found[0]["gift_card_id"] == "77"


def test_unsigned_refunds_get_the_sign_of_what_is_due() -> None:
    paid = read("<Amount>5</Amount>")
    assert signed(paid, Decimal(5)) == paid
    assert signed(paid, Decimal(-5))[0]["amount"] == Decimal(-5)
    assert signed(signed(paid, Decimal(-5)), Decimal(-5))[0]["amount"] == Decimal(-5)
