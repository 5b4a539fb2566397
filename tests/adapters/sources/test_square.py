"""Square's own library signs as we believe, and reads the same payments."""

from typing import Any

import pytest
from square.types.dispute import Dispute
from square.types.payment import Payment
from square.types.payment_refund import PaymentRefund
from square.utils.webhooks_helper import verify_signature
from tests.adapters.sources.calls import KEY, NOW, SECRET, SQUARE, URL, raw, signed, square

from shrinkwatch.adapters.sources.square import hear
from shrinkwatch.records.alert import NaturalKey
from shrinkwatch.records.heard import Heard, HookKey
from shrinkwatch.records.trouble import Misconfigured, Refused


def heard(event: dict[str, Any]) -> Heard:
    body = raw(event)
    return hear(signed("square", body), body, KEY, NOW)


def test_the_vendors_library_takes_the_signature_that_we_take() -> None:
    body = raw(square("payment"))
    mark = signed("square", body)["X-Square-HmacSha256-Signature"]
    theirs = {"request_body": body.decode(), "signature_header": mark, "notification_url": URL}
    assert verify_signature(signature_key=SECRET, **theirs)
    assert not verify_signature(signature_key="guess", **theirs)


@pytest.mark.parametrize(
    ("kind", "theirs"), [("payment", Payment), ("refund", PaymentRefund), ("dispute", Dispute)]
)
def test_the_vendors_library_reads_these_examples(kind: str, theirs: Any) -> None:
    read = theirs.model_validate(SQUARE[kind])
    money = read.total_money if kind == "payment" else read.amount_money
    assert (money.amount, money.currency, read.location_id) == (1250, "USD", "L1")


def test_a_payment_is_a_sale_with_its_tip() -> None:
    (sale,) = heard(square("payment")).transactions
    assert (sale["type"], sale["status"]) == ("sale", "completed")
    assert (sale["store_id"], sale["register_id"], sale["operator_id"]) == ("L1", "D1", "TM1")
    assert (sale["transaction_id"], sale["order_id"], sale["net"]) == ("pay1", "order1", "12.50")
    assert sale["tenders"] == [
        {"type": "credit", "amount": "12.50", "card_token": "sq-1-abc", "card_bin": "411111",
         "card_last4": "1111", "entry": "chip"}
    ]  # fmt: skip


def test_a_refund_is_a_return_of_its_payment_and_one_without_has_no_original() -> None:
    (back,) = heard(square("refund")).transactions
    assert (back["type"], back["net"], back["tenders"][0]["amount"]) == (
        "return",
        "-12.50",
        "-12.50",
    )
    assert back["original"] == {"store_id": "L1", "transaction_id": "pay1"}
    (lone,) = heard(square("refund", unlinked=True)).transactions
    assert "original" not in lone


def test_what_failed_is_a_cancelled_receipt_and_what_is_not_over_is_none() -> None:
    (failed,) = heard(square("payment", status="FAILED")).transactions
    assert (failed["status"], failed["tenders"]) == ("cancelled", [])
    assert heard(square("payment", status="APPROVED")).transactions == ()
    assert heard(square("refund", status="PENDING")).transactions == ()


def test_a_dispute_for_fraud_names_the_receipt_itself() -> None:
    (told,) = heard(square("dispute")).disputes
    assert (told.outcome, told.loss, told.key) == (
        "theft", "12.50", NaturalKey("feed", "L1", "pay1")
    )  # fmt: skip
    assert heard(square("dispute", state="WON")).disputes[0].outcome == "legitimate"
    assert heard(square("dispute", state="INQUIRY_EVIDENCE_REQUIRED")).disputes == ()
    assert heard(square("dispute", reason="NOT_AS_DESCRIBED")).disputes == ()


@pytest.mark.parametrize("at", ["2026-02-27T11:59:00Z", "2026-03-02T12:06:00Z"])
def test_the_far_past_and_the_future_are_refused(at: str) -> None:
    with pytest.raises(Refused, match="three days"):
        heard(square("payment") | {"created_at": at})


def test_without_the_address_that_square_signs_nothing_can_be_checked() -> None:
    with pytest.raises(Misconfigured, match="url"):
        hear({}, b"", HookKey("feed", (SECRET,)), NOW)
