"""What a vendor's webhook tells: receipts, and payments that their card's owner disputes."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from shrinkwatch.records.alert import NaturalKey


class Disputed(Struct, frozen=True):
    """A payment that is said to be a fraud, or was said to be and is not.

    payment_ids: by which a receipt may name the payment, in its transaction_id or order_id. key:
    the receipt's own key, where the vendor tells it. loss: in the currency's unit, as written.
    """

    outcome: Literal["theft", "legitimate"]
    at: datetime
    loss: str
    currency: str
    payment_ids: tuple[str, ...] = ()
    key: NaturalKey | None = None


class Heard(Struct, frozen=True):
    """What one call told. event_id: the vendor's, the same when it calls again.

    transactions: records of the contract, as JSON objects. Both empty: nothing that matters here.
    """

    event_id: str
    transactions: tuple[dict[str, Any], ...] = ()
    disputes: tuple[Disputed, ...] = ()


class HookKey(Struct, frozen=True):
    """What a hook is told about itself.

    source: the name of the feed. secrets: any of them may have signed; two while one is changed.
    url: the address under which the vendor calls, where its signature covers that.
    """

    source: str
    secrets: tuple[str, ...]
    url: str | None = None
