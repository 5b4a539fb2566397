"""Hears from Square of payments, refunds and disputes.

A payment becomes a sale without lines, a refund a return; a refund that names no payment has no
original. Amounts hold tips. Square's location is the store, its device the register, its team
member the operator. Square calls again for a day until it is answered, with the same body: what
came before changes nothing, so only the far past and the future are refused.
Source: developer.squareup.com, Webhooks, Payment, PaymentRefund and Dispute of the API.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from shrinkwatch.adapters.sources import (
    Moment,
    amount_of,
    header,
    refuse_forged,
    understood,
    within_reason,
)
from shrinkwatch.records.alert import NaturalKey
from shrinkwatch.records.heard import Disputed, Heard, HookKey
from shrinkwatch.records.trouble import Misconfigured, Refused

_VENDOR = "Square"
OLDEST = timedelta(days=3)
_EARLY = timedelta(minutes=5)
_FRAUD = frozenset({"NO_KNOWLEDGE", "EMV_LIABILITY_SHIFT"})
_OVER = {"COMPLETED": "completed", "CANCELED": "cancelled", "FAILED": "cancelled"}
_REFUND_OVER = {"COMPLETED": "completed", "REJECTED": "cancelled", "FAILED": "cancelled"}
_ENTRY = {"SWIPED": "swipe", "EMV": "chip", "CONTACTLESS": "contactless", "KEYED": "key"}
_TENDERS = {"CASH": "cash", "CARD": "credit", "WALLET": "other", "EXTERNAL": "other"}


class _Money(Struct):
    amount: int
    currency: str


class _Card(Struct):
    fingerprint: str | None = None
    last_4: str | None = None
    bin: str | None = None
    card_type: str | None = None


class _CardDetails(Struct):
    card: _Card | None = None
    entry_method: str | None = None


class _Device(Struct):
    device_id: str | None = None


class _Payment(Struct):
    id: str
    created_at: Moment
    updated_at: Moment
    location_id: str
    status: str
    total_money: _Money
    source_type: str = "OTHER"
    card_details: _CardDetails | None = None
    device_details: _Device | None = None
    team_member_id: str | None = None
    order_id: str | None = None
    customer_id: str | None = None


class _Destination(Struct):
    card_details: _CardDetails | None = None


class _Refund(Struct):
    id: str
    created_at: Moment
    updated_at: Moment
    location_id: str
    status: str
    amount_money: _Money
    payment_id: str | None = None
    unlinked: bool = False
    destination_type: str = "OTHER"
    destination_details: _Destination | None = None
    team_member_id: str | None = None
    order_id: str | None = None
    reason: str | None = None


class _Disputed(Struct):
    payment_id: str


class _Dispute(Struct):
    amount_money: _Money
    reason: str
    state: str
    location_id: str
    updated_at: Moment
    disputed_payment: _Disputed


class _Object(Struct):
    payment: _Payment | UnsetType = UNSET
    refund: _Refund | UnsetType = UNSET
    dispute: _Dispute | UnsetType = UNSET


class _Data(Struct):
    object: _Object | None = None


class _Event(Struct):
    event_id: str
    type: str
    created_at: Moment
    data: _Data


def hear(headers: Mapping[str, str], raw: bytes, key: HookKey, now: datetime) -> Heard:
    """Return what this call tells.

    Raises: Refused when it is forged, old or not understood; Misconfigured without the address.
    """
    if key.url is None:
        raise Misconfigured("Square signs the address that it calls: write it as the hook's url")
    signed = key.url.encode() + raw
    true = [_mark(one, signed) for one in key.secrets]
    refuse_forged([header(headers, "x-square-hmacsha256-signature")], true, _VENDOR)
    event = understood(raw, _Event, _VENDOR)
    with within_reason(_VENDOR):
        if not -_EARLY <= now - event.created_at <= OLDEST:
            raise Refused("this happened more than three days ago, or later than now")
        told = event.data.object or _Object()
        records = []
        if told.payment is not UNSET and told.payment.status in _OVER:
            records.append(_sale(told.payment, key.source))
        if told.refund is not UNSET and told.refund.status in _REFUND_OVER:
            records.append(_return(told.refund, key.source))
        disputes = () if told.dispute is UNSET else _disputes(told.dispute, key.source)
    return Heard(event.event_id, tuple(records), disputes)


def _sale(payment: _Payment, source: str) -> dict[str, Any]:
    status, money = _OVER[payment.status], payment.total_money
    amount = amount_of(money.amount, money.currency)
    device = payment.device_details or _Device()
    tender = {
        "type": _TENDERS.get(payment.source_type, "other"),
        "amount": amount,
        **_card(payment.card_details),
    }
    return _known(
        source=source,
        store_id=payment.location_id,
        type="sale",
        status=status,
        transaction_id=payment.id,
        register_id=device.device_id,
        operator_id=payment.team_member_id,
        customer_id=payment.customer_id,
        order_id=payment.order_id,
        currency=money.currency,
        ended_at=payment.created_at,
        updated_at=payment.updated_at,
        net=amount,
        tenders=[tender] if status == "completed" else [],
    )


def _return(refund: _Refund, source: str) -> dict[str, Any]:
    status, money = _REFUND_OVER[refund.status], refund.amount_money
    amount = amount_of(-money.amount, money.currency)
    original = None
    if refund.payment_id is not None and not refund.unlinked:
        original = {"store_id": refund.location_id, "transaction_id": refund.payment_id}
    card = (refund.destination_details or _Destination()).card_details
    tender = {
        "type": _TENDERS.get(refund.destination_type, "other"),
        "amount": amount,
        **_card(card),
    }
    return _known(
        source=source,
        store_id=refund.location_id,
        type="return",
        status=status,
        transaction_id=refund.id,
        operator_id=refund.team_member_id,
        order_id=refund.order_id,
        currency=money.currency,
        ended_at=refund.created_at,
        updated_at=refund.updated_at,
        net=amount,
        original=original,
        tenders=[tender] if status == "completed" else [],
    )


def _disputes(dispute: _Dispute, source: str) -> tuple[Disputed, ...]:
    # "INQUIRY_…": a bank asks, nobody disputes yet
    if dispute.reason not in _FRAUD or dispute.state.startswith("INQUIRY"):
        return ()
    money = dispute.amount_money
    receipt = NaturalKey(source, dispute.location_id, dispute.disputed_payment.payment_id)
    told = Disputed(
        "legitimate" if dispute.state == "WON" else "theft",
        dispute.updated_at,
        amount_of(money.amount, money.currency),
        money.currency,
        key=receipt,
    )
    return (told,)


def _card(details: _CardDetails | None) -> dict[str, str]:
    if details is None or details.card is None:
        return {}
    card = details.card
    kind = "debit" if card.card_type == "DEBIT" else "credit"
    entry = _ENTRY.get(details.entry_method or "")
    told = _known(
        card_token=card.fingerprint, card_bin=card.bin, card_last4=card.last_4, entry=entry
    )
    return {"type": kind, **told}


def _mark(secret: str, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


def _known(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
