"""Calls as vendors make them, signed with their secrets."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from shrinkwatch.records.heard import HookKey

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "whsec_hush"
URL = "https://lp.example.com/hooks/square"
KEY = HookKey("feed", ("old", SECRET), URL)


def signed(vendor: str, raw: bytes, secret: str = SECRET, at: datetime = NOW) -> dict[str, str]:
    """The headers with which this vendor would send the body."""
    if vendor == "stripe":
        stamp = int(at.timestamp())
        mark = hmac.new(secret.encode(), f"{stamp}.".encode() + raw, hashlib.sha256).hexdigest()
        return {"Stripe-Signature": f"t={stamp},v1={mark},v0=ignored"}
    said = URL.encode() + raw if vendor == "square" else raw
    mark = base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()).decode()
    if vendor == "square":
        return {"X-Square-HmacSha256-Signature": mark}
    return {"X-Shopify-Hmac-Sha256": mark, "X-Shopify-Event-Id": "event-1"}


def raw(document: Any) -> bytes:
    return json.dumps(document).encode()


def stripe_dispute(kind: str = "charge.dispute.created", **fields: Any) -> dict[str, Any]:
    dispute = {
        "id": "du_1",
        "object": "dispute",
        "amount": 4999,
        "charge": "ch_1",
        "created": 1772450000,
        "currency": "eur",
        "payment_intent": "pi_1",
        "reason": "fraudulent",
        "status": "needs_response",
        "evidence_details": {"due_by": 1773000000, "has_evidence": False},
    }
    return {
        "id": "evt_1",
        "object": "event",
        "type": kind,
        "created": 1772452800,  # 2026-03-02 12:00 UTC
        "data": {"object": dispute | fields},
    }


def square(kind: str, **fields: Any) -> dict[str, Any]:
    """An event of Square about a "payment", "refund" or "dispute", changed in these fields."""
    return {
        "merchant_id": "M1",
        "type": f"{kind}.updated",
        "event_id": "event-1",
        "created_at": "2026-03-02T11:59:00Z",
        "data": {"type": kind, "id": "x", "object": {kind: SQUARE[kind] | fields}},
    }


CARD = {
    "card": {
        "card_brand": "VISA",
        "last_4": "1111",
        "fingerprint": "sq-1-abc",
        "card_type": "CREDIT",
        "bin": "411111",
    },
    "entry_method": "EMV",
    "status": "CAPTURED",
}
SQUARE: dict[str, dict[str, Any]] = {
    "payment": {
        "id": "pay1",
        "created_at": "2026-03-02T11:58:00.123Z",
        "updated_at": "2026-03-02T11:58:05.123Z",
        "amount_money": {"amount": 1100, "currency": "USD"},
        "tip_money": {"amount": 150, "currency": "USD"},
        "total_money": {"amount": 1250, "currency": "USD"},
        "status": "COMPLETED",
        "source_type": "CARD",
        "card_details": CARD,
        "location_id": "L1",
        "order_id": "order1",
        "team_member_id": "TM1",
        "device_details": {"device_id": "D1", "device_name": "Till 1"},
    },
    "refund": {
        "id": "ref1",
        "created_at": "2026-03-02T11:58:30.000Z",
        "updated_at": "2026-03-02T11:58:40.000Z",
        "amount_money": {"amount": 1250, "currency": "USD"},
        "status": "COMPLETED",
        "payment_id": "pay1",
        "location_id": "L1",
        "team_member_id": "TM1",
        "destination_type": "CARD",
        "destination_details": {"card_details": CARD},
        "unlinked": False,
    },
    "dispute": {
        "id": "dis1",
        "amount_money": {"amount": 1250, "currency": "USD"},
        "reason": "NO_KNOWLEDGE",
        "state": "EVIDENCE_REQUIRED",
        "disputed_payment": {"payment_id": "pay1"},
        "location_id": "L1",
        "created_at": "2026-03-02T10:00:00.000Z",
        "updated_at": "2026-03-02T11:00:00.000Z",
    },
}
SHOPIFY_ORDER: dict[str, Any] = {
    "id": 5001,
    "created_at": "2026-03-02T11:58:00+01:00",
    "updated_at": "2026-03-02T11:58:00+01:00",
    "currency": "EUR",
    "total_price": "33.80",
    "total_tax": "5.40",
    "taxes_included": True,
    "location_id": 77,
    "user_id": 9,
    "device_id": 3,
    "source_name": "pos",
    "payment_gateway_names": ["cash"],
    "customer": {"id": 42, "email": "somebody@example.com"},
    "line_items": [
        {"id": 1, "sku": "TEA", "title": "Tea", "quantity": 2, "price": "12.50",
         "discount_allocations": [{"amount": "1.20"}]},
        {"id": 2, "sku": None, "title": "Mug", "quantity": 1, "price": "10.00",
         "discount_allocations": []},
    ],
}  # fmt: skip
SHOPIFY_REFUND: dict[str, Any] = {
    "id": 6001,
    "order_id": 5001,
    "created_at": "2026-03-02T12:30:00+01:00",
    "user_id": 9,
    "refund_line_items": [
        {"id": 1, "quantity": 1, "subtotal": "11.90", "total_tax": "1.90", "location_id": 77,
         "line_item": {"id": 1, "sku": "TEA", "title": "Tea", "price": "12.50", "quantity": 2}},
    ],
    "transactions": [
        {"amount": "11.90", "kind": "refund", "status": "success", "gateway": "shopify_payments",
         "currency": "EUR", "payment_details": {"credit_card_bin": "424242",
                                                "credit_card_number": "•••• •••• •••• 4242"}},
    ],
}  # fmt: skip
SHOPIFY_DISPUTE: dict[str, Any] = {
    "id": 7001,
    "order_id": 5001,
    "type": "chargeback",
    "amount": "33.80",
    "currency": "EUR",
    "reason": "fraudulent",
    "status": "needs_response",
    "initiated_at": "2026-03-02T11:00:00Z",
    "finalized_on": None,
}
BODIES = {
    "stripe": stripe_dispute(),
    "square": square("payment"),
    "shopify": SHOPIFY_ORDER,
}
