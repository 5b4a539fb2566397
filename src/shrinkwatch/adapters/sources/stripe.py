"""Hears from Stripe that a card's owner disputes a payment.

Only disputes for fraud matter: the others say nothing of a thief. One that is won takes its word
back. Source: docs.stripe.com, Receive events, The Dispute object; the signature is HMAC-SHA256 over
time and body, and no older than five minutes.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from shrinkwatch.adapters.sources import (
    amount_of,
    header,
    refuse_forged,
    understood,
    within_reason,
)
from shrinkwatch.records.heard import Disputed, Heard, HookKey
from shrinkwatch.records.trouble import Forged

_VENDOR = "Stripe"
TOLERANCE_S = 300


class _Dispute(Struct):
    id: str
    charge: str
    amount: int
    currency: str
    reason: str
    status: str
    payment_intent: str | None = None


class _Data(Struct):
    object: _Dispute


class _Kind(Struct):
    id: str
    type: str
    created: int


class _Event(Struct):
    data: _Data


def hear(headers: Mapping[str, str], raw: bytes, key: HookKey, now: datetime) -> Heard:
    """Return what this call tells. Raises: Refused when it is forged, old or not understood."""
    _refuse_forged(header(headers, "stripe-signature"), raw, key, now)
    event = understood(raw, _Kind, _VENDOR)
    if not event.type.startswith("charge.dispute."):
        return Heard(event.id)
    dispute = understood(raw, _Event, _VENDOR).data.object
    # "warning_…": a bank asks, nobody disputes yet
    if dispute.reason != "fraudulent" or dispute.status.startswith("warning_"):
        return Heard(event.id)
    currency = dispute.currency.upper()
    with within_reason(_VENDOR):
        told = Disputed(
            "legitimate" if dispute.status == "won" else "theft",
            datetime.fromtimestamp(event.created, UTC),
            amount_of(dispute.amount, currency),
            currency,
            tuple(one for one in (dispute.charge, dispute.payment_intent) if one is not None),
        )
    return Heard(event.id, disputes=(told,))


def _refuse_forged(said: str, raw: bytes, key: HookKey, now: datetime) -> None:
    parts = [part.strip().partition("=") for part in said.split(",")]
    stamp = next((value for name, _, value in parts if name == "t"), "")
    marks = [value for name, _, value in parts if name == "v1"]
    signed = stamp.encode() + b"." + raw
    true = [hmac.digest(one.encode(), signed, hashlib.sha256).hex() for one in key.secrets]
    refuse_forged(marks, true, _VENDOR)
    if not stamp.isdecimal() or len(stamp) > 12 or abs(now.timestamp() - int(stamp)) > TOLERANCE_S:
        raise Forged("Stripe signed this more than five minutes ago, or later than now")
