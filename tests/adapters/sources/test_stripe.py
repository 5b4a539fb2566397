"""Stripe's own library signs as we believe, and refuses what we refuse."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from tests.adapters.sources.calls import KEY, NOW, SECRET, raw, signed, stripe_dispute

from shrinkwatch.adapters.sources.stripe import hear
from shrinkwatch.records.heard import Disputed, Heard
from shrinkwatch.records.trouble import Forged


def heard(body: bytes, at: datetime = NOW) -> Heard:
    return hear(signed("stripe", body, at=at), body, KEY, NOW)


def test_the_vendors_library_takes_the_signature_that_we_take() -> None:
    body = raw(stripe_dispute())
    now = datetime.now(UTC)
    headers = signed("stripe", body, at=now)
    theirs = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)
    assert hear(headers, body, KEY, now).event_id == theirs["id"]
    assert theirs["data"]["object"]["reason"] == "fraudulent"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], "guess")


@pytest.mark.parametrize("late", [timedelta(minutes=5, seconds=1), -timedelta(minutes=6)])
def test_a_call_that_is_old_or_from_the_future_is_refused(late: timedelta) -> None:
    with pytest.raises(Forged, match="five minutes"):
        heard(raw(stripe_dispute()), NOW - late)
    assert heard(raw(stripe_dispute()), NOW - timedelta(minutes=5)).disputes


def test_a_dispute_for_fraud_names_its_payment_and_its_loss() -> None:
    (told,) = heard(raw(stripe_dispute())).disputes
    assert told == Disputed("theft", NOW, "49.99", "EUR", ("ch_1", "pi_1"))
    yen = heard(raw(stripe_dispute(currency="jpy", amount=4999))).disputes[0]
    assert (yen.loss, yen.currency) == ("4999", "JPY")


def test_a_dispute_that_is_won_takes_it_back() -> None:
    (told,) = heard(raw(stripe_dispute("charge.dispute.closed", status="won"))).disputes
    assert told.outcome == "legitimate"


@pytest.mark.parametrize(
    "fields", [{"reason": "product_not_received"}, {"status": "warning_needs_response"}]
)
def test_what_says_nothing_of_a_fraud_is_passed_over(fields: dict[str, Any]) -> None:
    assert heard(raw(stripe_dispute(**fields))) == Heard("evt_1")


def test_another_event_is_passed_over() -> None:
    assert heard(raw(stripe_dispute("charge.refunded") | {"data": {"object": {}}})).disputes == ()
