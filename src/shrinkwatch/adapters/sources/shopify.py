"""Hears from Shopify of orders, refunds and disputes.

An order becomes a sale, a refund a return of the order. The location is the store (orders from
the web are of the store "online"), its user the operator, its device the register. The call's
headers are not signed: what the body is, is seen by what it holds. Shopify calls again for hours
until it is answered, with the same body: what came before changes nothing.
Source: shopify.dev, Webhooks (HTTPS delivery), Order, Refund and Dispute of the REST Admin API.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from shrinkwatch.adapters.sources import Moment, header, refuse_forged, understood, within_reason
from shrinkwatch.records.heard import Disputed, Heard, HookKey

_VENDOR = "Shopify"
ONLINE = "online"
_TENDERS = {"cash": "cash", "gift_card": "gift_card", "shopify_payments": "credit"}


class _Amount(Struct):
    amount: Decimal


class _Item(Struct):
    id: int
    price: Decimal
    quantity: int = 1
    sku: str | None = None
    title: str | None = None
    discount_allocations: list[_Amount] = []


class _Shipping(Struct):
    price: Decimal
    discount_allocations: list[_Amount] = []


class _Customer(Struct):
    id: int


class _Order(Struct):
    id: int
    created_at: Moment
    updated_at: Moment
    currency: str
    total_price: Decimal
    total_tax: Decimal
    taxes_included: bool
    line_items: list[_Item]
    shipping_lines: list[_Shipping] = []
    payment_gateway_names: list[str] = []
    total_tip_received: Decimal = Decimal(0)
    location_id: int | None = None
    user_id: int | None = None
    device_id: int | None = None
    customer: _Customer | None = None
    cancelled_at: Moment | None = None


class _Returned(Struct):
    quantity: int
    subtotal: Decimal
    line_item: _Item
    total_tax: Decimal = Decimal(0)
    location_id: int | None = None


class _Card(Struct):
    credit_card_bin: str | None = None
    credit_card_number: str | None = None


class _Paid(Struct):
    amount: Decimal
    kind: str
    status: str
    gateway: str = ""
    currency: str | None = None
    payment_details: _Card | None = None


class _Refund(Struct):
    id: int
    order_id: int
    created_at: Moment
    refund_line_items: list[_Returned]
    transactions: list[_Paid] = []
    user_id: int | None = None


class _Dispute(Struct):
    id: int
    order_id: int | None
    type: str
    amount: Decimal
    currency: str
    reason: str
    status: str
    initiated_at: Moment
    finalized_on: Moment | None = None


def hear(headers: Mapping[str, str], raw: bytes, key: HookKey, _now: datetime) -> Heard:
    """Return what this call tells. Raises: Refused when it is forged or not understood."""
    true = [_mark(one, raw) for one in key.secrets]
    refuse_forged([header(headers, "x-shopify-hmac-sha256")], true, _VENDOR)
    event_id = header(headers, "x-shopify-event-id")
    told = understood(raw, dict[str, Any], _VENDOR)
    with within_reason(_VENDOR):
        if "refund_line_items" in told:
            return Heard(event_id, (_return(understood(raw, _Refund, _VENDOR), key.source),))
        if "line_items" in told and "total_price" in told:
            return Heard(event_id, (_sale(understood(raw, _Order, _VENDOR), key.source),))
        if "initiated_at" in told:
            return Heard(event_id, disputes=_disputes(understood(raw, _Dispute, _VENDOR)))
    return Heard(event_id)


def _sale(order: _Order, source: str) -> dict[str, Any]:
    lines = [_line(number, item) for number, item in enumerate(order.line_items, 1)]
    for shipping in order.shipping_lines:
        lines.append(_fee(len(lines) + 1, "shipping", shipping.price, shipping))
    if order.total_tip_received:
        lines.append(_fee(len(lines) + 1, "tip", order.total_tip_received, None))
    is_over = order.cancelled_at is None
    return _known(
        source=source,
        store_id=ONLINE if order.location_id is None else str(order.location_id),
        type="sale",
        status="completed" if is_over else "cancelled",
        transaction_id=str(order.id),
        register_id=_text(order.device_id),
        operator_id=_text(order.user_id),
        customer_id=None if order.customer is None else str(order.customer.id),
        currency=order.currency,
        ended_at=order.created_at,
        updated_at=order.updated_at,
        net=str(sum((Decimal(line["extended"]) for line in lines), Decimal(0))),
        tax=str(order.total_tax),
        tax_included=order.taxes_included,
        lines=lines,
        tenders=_tenders(order) if is_over else [],
    )


def _return(refund: _Refund, source: str) -> dict[str, Any]:
    paid = [one for one in refund.transactions if one.kind == "refund" and one.status == "success"]
    lines = [_returned(number, one) for number, one in enumerate(refund.refund_line_items, 1)]
    subtotal = sum((one.subtotal for one in refund.refund_line_items), Decimal(0))
    total = sum((one.amount for one in paid), Decimal(0))
    store = next((one.location_id for one in refund.refund_line_items), None)
    return _known(
        source=source,
        store_id=ONLINE if store is None else str(store),
        type="return",
        transaction_id=f"refund-{refund.id}",
        operator_id=_text(refund.user_id),
        order_id=str(refund.order_id),
        currency=next((one.currency for one in paid if one.currency is not None), None),
        ended_at=refund.created_at,
        net=str(-subtotal),
        tax=str(-sum((one.total_tax for one in refund.refund_line_items), Decimal(0))),
        tax_included=total == subtotal,
        original={"transaction_id": str(refund.order_id)},
        lines=lines,
        tenders=[_paid_back(one) for one in paid],
    )


def _line(number: int, item: _Item) -> dict[str, Any]:
    full, off = item.price * item.quantity, _sum(item.discount_allocations)
    return _known(
        line=number,
        kind="item",
        sku=item.sku or str(item.id),
        description=item.title,
        quantity=item.quantity,
        list_price=str(item.price),
        extended=str(full - off),
        price_changes=[{"type": "promotion", "amount": str(-off)}] if off else None,
    )


def _returned(number: int, back: _Returned) -> dict[str, Any]:
    item, full = back.line_item, back.line_item.price * back.quantity
    kept = full - back.subtotal
    return _known(
        line=number,
        kind="return",
        sku=item.sku or str(item.id),
        description=item.title,
        quantity=-back.quantity,
        list_price=str(item.price),
        extended=str(-back.subtotal),
        price_changes=[{"type": "promotion", "amount": str(kept)}] if kept else None,
    )


def _fee(number: int, name: str, price: Decimal, shipping: _Shipping | None) -> dict[str, Any]:
    paid = price - (Decimal(0) if shipping is None else _sum(shipping.discount_allocations))
    return {
        "line": number,
        "kind": "fee",
        "sku": name,
        "quantity": 1,
        "list_price": str(paid),
        "extended": str(paid),
    }


def _tenders(order: _Order) -> list[dict[str, Any]]:
    """Return one tender: how much went which way of several, the order does not say."""
    names = order.payment_gateway_names
    kind = _TENDERS.get(names[0], "other") if len(names) == 1 else "other"
    return [{"type": kind, "amount": str(order.total_price)}] if order.total_price else []


def _paid_back(paid: _Paid) -> dict[str, Any]:
    card = paid.payment_details or _Card()
    digits = "".join(sign for sign in card.credit_card_number or "" if sign.isdecimal())[-4:]
    kind = "credit" if digits else _TENDERS.get(paid.gateway, "other")
    return _known(
        type=kind,
        amount=str(-paid.amount),
        card_bin=card.credit_card_bin,
        card_last4=digits or None,
    )


def _disputes(dispute: _Dispute) -> tuple[Disputed, ...]:
    # an inquiry: a bank asks, nobody disputes yet
    if dispute.reason != "fraudulent" or dispute.type != "chargeback" or dispute.order_id is None:
        return ()
    at = dispute.initiated_at if dispute.finalized_on is None else dispute.finalized_on
    outcome = "legitimate" if dispute.status == "won" else "theft"
    ids = (str(dispute.order_id),)
    return (Disputed(outcome, at, str(dispute.amount), dispute.currency, ids),)  # type: ignore[arg-type]


def _mark(secret: str, raw: bytes) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), raw, hashlib.sha256)).decode()


def _sum(amounts: list[_Amount]) -> Decimal:
    return sum((one.amount for one in amounts), Decimal(0))


def _text(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)


def _known(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
