"""One transaction as a till writes it down: its lines, its tenders and what happened on the way.

The shape, the signs and the required fields are the project's contract (docs/contract.md), which
follows ARTS POSLog / ARTS Operational Data Model 7.3. A structure here is what a format's reader
hands on; `shrinkwatch.records.batch` is the same in columns, for arithmetic.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, get_args

from msgspec import Struct, field

TransactionType = Literal[
    "sale",
    "return",
    "exchange",
    "void",
    "no_sale",
    "paid_in",
    "paid_out",
    "pickup",
    "loan",
    "sign_on",
    "sign_off",
    "gift_card",
    "price_check",
    "other",
]
Status = Literal["completed", "cancelled", "suspended", "resumed"]
LineKind = Literal["item", "return", "gift_card", "deposit", "fee"]
LineEntry = Literal["scan", "key", "plu", "vision", "auto"]
PriceChangeType = Literal[
    "override", "manual_discount", "promotion", "coupon", "employee", "loyalty", "markdown"
]
TenderType = Literal[
    "cash", "credit", "debit", "gift_card", "store_credit", "check", "coupon", "account", "other"
]
EventType = Literal[
    "drawer_open",
    "drawer_close",
    "price_inquiry",
    "suspend",
    "resume",
    "override",
    "reprint",
    "assist",
    "weight_mismatch",
    "age_check",
    "lock",
]

TRANSACTION_TYPES: tuple[str, ...] = get_args(TransactionType)
STATUSES: tuple[str, ...] = get_args(Status)
LINE_KINDS: tuple[str, ...] = get_args(LineKind)
LINE_ENTRIES: tuple[str, ...] = get_args(LineEntry)
PRICE_CHANGE_TYPES: tuple[str, ...] = get_args(PriceChangeType)
TENDER_TYPES: tuple[str, ...] = get_args(TenderType)
EVENT_TYPES: tuple[str, ...] = get_args(EventType)


class Original(Struct, frozen=True, gc=False):
    """The transaction that is returned or taken back; may name only a part of its key."""

    store_id: str | None = None
    register_id: str | None = None
    business_date: date | None = None
    sequence: int | None = None
    transaction_id: str | None = None


class PriceChange(Struct, frozen=True, gc=False):
    """A change of price on a line or on the whole transaction; a negative amount lowers it."""

    type: PriceChangeType
    amount: Decimal
    code: str | None = None
    reason: str | None = None
    approver_id: str | None = None


class Line(Struct, frozen=True, gc=False):
    """One line of the receipt. `extended` = quantity × list_price + Σ price_changes.amount."""

    line: int
    kind: LineKind
    sku: str
    quantity: Decimal
    list_price: Decimal
    extended: Decimal
    description: str | None = None
    department: str | None = None
    weight: Decimal | None = None
    entry: LineEntry | None = None
    unit_cost: Decimal | None = None
    voided: bool = False
    at: datetime | None = None
    void_at: datetime | None = None
    original: Original | None = None
    reason: str | None = None
    serial: str | None = None
    price_changes: tuple[PriceChange, ...] = ()


class Tender(Struct, frozen=True, gc=False):
    """Money that changed hands: positive what the customer pays, negative what the till pays."""

    type: TenderType
    amount: Decimal
    change: bool = False
    voided: bool = False
    card_token: str | None = None
    card_bin: str | None = None
    card_last4: str | None = None
    gift_card_id: str | None = None
    entry: str | None = None


class Event(Struct, frozen=True, gc=False):
    """Something that happened at the till while the transaction was open."""

    type: EventType
    at: datetime | None = None
    reason: str | None = None


class Transaction(Struct, frozen=True, gc=False, kw_only=True):
    """A till transaction, as CONTRACT §1 fixes it.

    Times are aware (RFC 3339 with offset) or naive local time, whose zone the reader supplies.
    `currency` may be missing here when the mapping or the store table names it; whoever makes
    columns of it must know one.
    """

    source: str
    store_id: str
    type: TransactionType
    currency: str | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    totaled_at: datetime | None = None
    arrived_at: datetime | None = None
    updated_at: datetime | None = None
    transaction_id: str | None = None
    register_id: str | None = None
    business_date: date | None = None
    sequence: int | None = None
    revision: int | None = None
    status: Status = "completed"
    training: bool = False
    offline: bool = False
    employee_sale: bool = False
    operator_id: str | None = None
    approver_id: str | None = None
    salesperson_id: str | None = None
    customer_id: str | None = None
    loyalty_id: str | None = None
    tax_exempt_id: str | None = None
    order_id: str | None = None
    channel: str | None = None
    gross: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    net: Decimal | None = None
    tax_included: bool = True
    original: Original | None = None
    receipt_reprints: int | None = None
    price_changes: tuple[PriceChange, ...] = ()
    lines: tuple[Line, ...] = ()
    tenders: tuple[Tender, ...] = ()
    events: tuple[Event, ...] = field(default_factory=tuple)
