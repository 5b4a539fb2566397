from decimal import Decimal
from typing import Any

import pytest

from shrinkwatch.intake.poslog.lines import Goods, goods
from shrinkwatch.intake.poslog.nodes import parse


def read(*items: str) -> Goods:
    return goods(parse(f"<r>{''.join(items)}</r>", ""))


def line(inside: str, kind: str = "Sale", attributes: str = "") -> dict[str, Any]:
    return read(f"<LineItem{attributes}><{kind}>{inside}</{kind}></LineItem>").lines[0]


def test_units_and_weight_are_told_apart_by_their_unit() -> None:
    both = '<Quantity UnitOfMeasureCode="EA">2</Quantity>'
    both += '<Quantity UnitOfMeasureCode="Kg">0.5</Quantity>'
    assert (line(both)["quantity"], line(both)["weight"]) == (2, Decimal("0.5"))
    weighed = line('<Quantity UnitOfMeasureCode="KG">0.5</Quantity>')
    assert (weighed["quantity"], weighed["weight"]) == (Decimal("0.5"), Decimal("0.5"))


def test_a_missing_price_or_amount_follows_from_the_other() -> None:
    found = line("<ActualSalesUnitPrice>2.50</ActualSalesUnitPrice><Quantity>2</Quantity>")
    assert (found["list_price"], found["extended"]) == (Decimal("2.50"), Decimal("5.00"))
    found = line("<ExtendedAmount>5.00</ExtendedAmount><Quantity>2</Quantity>")
    assert found["list_price"] == Decimal("2.50")


def test_a_price_lowered_without_a_modifier_is_the_actual_price() -> None:
    found = line(
        "<RegularSalesUnitPrice>3</RegularSalesUnitPrice><Quantity>2</Quantity>"
        "<ActualSalesUnitPrice>2.50</ActualSalesUnitPrice><ExtendedAmount>5.00</ExtendedAmount>"
    )
    assert (found["list_price"], found["price_changes"]) == (Decimal("2.50"), [])


def test_a_change_given_per_unit_is_scaled_to_the_line() -> None:
    found = line(
        "<RegularSalesUnitPrice>3</RegularSalesUnitPrice><Quantity>2</Quantity>"
        "<ExtendedAmount>5.00</ExtendedAmount>"
        "<RetailPriceModifier><Amount>0.50</Amount></RetailPriceModifier>"
    )
    assert found["price_changes"][0]["amount"] == Decimal("-1.00")


@pytest.mark.parametrize(
    ("inside", "kind"),
    [
        ("<PromotionID>7</PromotionID>", "promotion"),
        ("<ReasonCode>Coupon</ReasonCode>", "coupon"),
        ("<ReasonCode>Employee discount</ReasonCode>", "employee"),
        ("<ReasonCode>clearance</ReasonCode>", "markdown"),
        ("<ReasonCode>Loyalty</ReasonCode>", "loyalty"),
        ("<ReasonCode>Price override</ReasonCode>", "override"),
        ("<ReasonCode>goodwill</ReasonCode>", "manual_discount"),
    ],
)
def test_a_change_is_what_its_codes_say(inside: str, kind: str) -> None:
    modifier = f"<RetailPriceModifier><Amount>1</Amount>{inside}</RetailPriceModifier>"
    assert line(modifier)["price_changes"][0]["type"] == kind


def test_gift_cards_deposits_and_fees_are_no_items() -> None:
    kinds = [
        read(f'<LineItem><Sale ItemType="{t}"/></LineItem>').lines[0]["kind"]
        for t in ("GiftCard", "Deposit", "Fee", "Stock")
    ]
    assert kinds == ["gift_card", "deposit", "fee", "item"]


def test_a_voided_line_that_names_no_other_is_itself_taken_back() -> None:
    assert line("<Quantity>1</Quantity>", attributes=' VoidFlag="true"')["voided"] is True


def test_a_discount_without_a_line_is_on_the_whole_receipt() -> None:
    found = read("<LineItem><Discount><Amount>2</Amount></Discount></LineItem>")
    assert [c["amount"] for c in found.price_changes] == [-2]
