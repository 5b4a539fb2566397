"""Orders and refunds of Shopify become receipts with right sums; openssl signs as we believe."""

import base64
import shutil
import subprocess
from decimal import Decimal
from typing import Any

import pytest
from tests.adapters.sources.calls import (
    KEY,
    NOW,
    SECRET,
    SHOPIFY_DISPUTE,
    SHOPIFY_ORDER,
    SHOPIFY_REFUND,
    raw,
    signed,
)

from shrinkwatch.adapters.sources.shopify import hear
from shrinkwatch.records.heard import Heard


def heard(document: dict[str, Any]) -> Heard:
    body = raw(document)
    return hear(signed("shopify", body), body, KEY, NOW)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here to sign")
def test_the_signature_is_the_one_that_openssl_makes() -> None:
    body = raw(SHOPIFY_ORDER)
    command = ["openssl", "dgst", "-sha256", "-hmac", SECRET, "-binary"]
    mark = base64.b64encode(
        subprocess.run(command, input=body, capture_output=True, check=True).stdout
    )
    assert hear({"x-shopify-hmac-sha256": mark.decode()}, body, KEY, NOW).transactions


def test_an_order_is_a_sale_whose_sums_are_right() -> None:
    (sale,) = heard(SHOPIFY_ORDER).transactions
    # 2 x 12.50 - 1.20 + 10.00 = 33.80, tax in it
    assert [line["extended"] for line in sale["lines"]] == ["23.80", "10.00"]
    assert (sale["net"], sale["tenders"]) == ("33.80", [{"type": "cash", "amount": "33.80"}])
    assert (sale["store_id"], sale["register_id"], sale["operator_id"]) == ("77", "3", "9")
    assert [line["sku"] for line in sale["lines"]] == ["TEA", "2"]
    assert (sale["customer_id"], sale["transaction_id"]) == ("42", "5001")
    assert "example.com" not in str(sale)


def test_tax_on_top_shipping_and_tips_are_in_what_is_due() -> None:
    more = {
        "taxes_included": False,
        "shipping_lines": [{"price": "5.00", "discount_allocations": [{"amount": "1.00"}]}],
        "total_tip_received": "2.00",
        "total_price": "45.20",  # 33.80 + 4.00 + 2.00 + 5.40 tax
    }
    (sale,) = heard(SHOPIFY_ORDER | more).transactions
    assert sale["net"] == "39.80"
    due = Decimal(sale["net"]) + Decimal(sale["tax"])
    assert due == Decimal(sale["tenders"][0]["amount"])


def test_an_order_of_the_web_is_of_the_store_online_and_a_cancelled_one_was_not_paid() -> None:
    (sale,) = heard(SHOPIFY_ORDER | {"location_id": None}).transactions
    assert sale["store_id"] == "online"
    (sale,) = heard(SHOPIFY_ORDER | {"cancelled_at": "2026-03-02T12:00:00Z"}).transactions
    assert (sale["status"], sale["tenders"]) == ("cancelled", [])


def test_of_several_ways_to_pay_nobody_says_which_took_how_much() -> None:
    (sale,) = heard(SHOPIFY_ORDER | {"payment_gateway_names": ["cash", "gift_card"]}).transactions
    assert sale["tenders"] == [{"type": "other", "amount": "33.80"}]


def test_a_refund_is_a_return_of_the_order_to_the_card() -> None:
    (back,) = heard(SHOPIFY_REFUND).transactions
    assert (back["type"], back["net"], back["store_id"]) == ("return", "-11.90", "77")
    assert back["original"] == {"transaction_id": "5001"}
    (line,) = back["lines"]
    # 12.50 less the 0.60 that the order had off on each
    assert (line["quantity"], line["extended"]) == (-1, "-11.90")
    assert line["price_changes"] == [{"type": "promotion", "amount": "0.60"}]
    assert back["tenders"] == [
        {"type": "credit", "amount": "-11.90", "card_bin": "424242", "card_last4": "4242"}
    ]


def test_a_chargeback_for_fraud_is_a_dispute_of_the_order() -> None:
    (told,) = heard(SHOPIFY_DISPUTE).disputes
    assert (told.outcome, told.loss, told.payment_ids) == ("theft", "33.80", ("5001",))
    over = {"status": "won", "finalized_on": "2026-03-02T11:30:00Z"}
    assert heard(SHOPIFY_DISPUTE | over).disputes[0].outcome == "legitimate"
    assert heard(SHOPIFY_DISPUTE | {"type": "inquiry"}).disputes == ()
    assert heard(SHOPIFY_DISPUTE | {"reason": "general"}).disputes == ()


def test_something_else_is_passed_over() -> None:
    assert heard({"id": 1, "topic": "products/update"}) == Heard("event-1")
