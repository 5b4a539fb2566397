"""Transactions as columns: the unit in which everything after the reader works.

A batch is five frames. `transactions` has one row per transaction; the other four carry `tx`, the
row number (from 0) of the transaction that they belong to, and are sorted by it. Amounts are
integer minor units of the row's currency; unit prices and costs are integers of 1/10,000 of the
currency's unit; times are UTC. A null is "the feed did not say".

Subject keys (`*_key`) are stable 64-bit hashes of what identifies the subject; 0 is nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

from shrinkwatch.records import transaction as till

NOBODY = 0
"""The subject key of a transaction that names no such subject."""

_TIME = pl.Datetime("us", "UTC")

TRANSACTION_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    # who it is
    "source": pl.String,
    "store_id": pl.String,
    "register_id": pl.String,
    "business_date": pl.Date,
    "sequence": pl.Int64,
    "transaction_id": pl.String,
    "revision": pl.Int64,
    "updated_at": _TIME,
    # when
    "began_at": _TIME,
    "ended_at": _TIME,
    "totaled_at": _TIME,
    "arrived_at": _TIME,
    "utc_offset_s": pl.Int32,  # of the store at ended_at (began_at where that is missing)
    # what
    "type": pl.Enum(till.TRANSACTION_TYPES),
    "status": pl.Enum(till.STATUSES),
    "training": pl.Boolean,
    "offline": pl.Boolean,
    "employee_sale": pl.Boolean,
    "channel": pl.String,
    "receipt_reprints": pl.Int32,
    # whom
    "operator_id": pl.String,
    "approver_id": pl.String,
    "salesperson_id": pl.String,
    "customer_id": pl.String,
    "loyalty_id": pl.String,
    "tax_exempt_id": pl.String,
    "order_id": pl.String,
    # money
    "currency": pl.String,
    "gross_minor": pl.Int64,
    "discount_minor": pl.Int64,
    "tax_minor": pl.Int64,
    "net_minor": pl.Int64,
    "tax_included": pl.Boolean,
    # what it returns or takes back
    "original_store_id": pl.String,
    "original_register_id": pl.String,
    "original_business_date": pl.Date,
    "original_sequence": pl.Int64,
    "original_transaction_id": pl.String,
    # contract identities that do not hold, as bits of `Finding`
    "findings": pl.UInt32,
    # 16-byte hash of what the feed said, whatever its order and formatting; not of arrived_at
    "content": pl.Binary,
    # subject keys, 0 where nobody is named
    "tx_key": pl.UInt64,
    "original_key": pl.UInt64,
    "store_key": pl.UInt64,
    "register_key": pl.UInt64,
    "operator_key": pl.UInt64,
    "approver_key": pl.UInt64,
    "customer_key": pl.UInt64,
    "loyalty_key": pl.UInt64,
    "card_key": pl.UInt64,  # of the largest live tender that has a card token
}

LINE_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "tx": pl.UInt32,
    "line": pl.Int32,
    "kind": pl.Enum(till.LINE_KINDS),
    "sku": pl.String,
    "sku_key": pl.UInt64,
    "description": pl.String,
    "department": pl.String,
    "quantity": pl.Float64,
    "weight": pl.Float64,
    "entry": pl.Enum(till.LINE_ENTRIES),
    "list_price": pl.Int64,
    "unit_cost": pl.Int64,
    "extended_minor": pl.Int64,
    "change_minor": pl.Int64,  # Σ of the line's price changes
    "voided": pl.Boolean,
    "at": _TIME,
    "void_at": _TIME,
    "original_key": pl.UInt64,
    "reason": pl.String,
    "serial": pl.String,
}

PRICE_CHANGE_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "tx": pl.UInt32,
    "line": pl.Int32,  # null: on the whole transaction
    "type": pl.Enum(till.PRICE_CHANGE_TYPES),
    "amount_minor": pl.Int64,
    "code": pl.String,
    "reason": pl.String,
    "approver_id": pl.String,
}

TENDER_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "tx": pl.UInt32,
    "type": pl.Enum(till.TENDER_TYPES),
    "amount_minor": pl.Int64,
    "change": pl.Boolean,
    "voided": pl.Boolean,
    "card_token": pl.String,
    "card_bin": pl.String,
    "card_last4": pl.String,
    "gift_card_id": pl.String,
    "entry": pl.String,
    "card_key": pl.UInt64,
}

EVENT_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "tx": pl.UInt32,
    "type": pl.Enum(till.EVENT_TYPES),
    "at": _TIME,
    "reason": pl.String,
}

PARTS: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    "transactions": TRANSACTION_COLUMNS,
    "lines": LINE_COLUMNS,
    "price_changes": PRICE_CHANGE_COLUMNS,
    "tenders": TENDER_COLUMNS,
    "events": EVENT_COLUMNS,
}
"""The five frames of a batch and their columns."""


_NOTHING = {
    part: {name: pl.Series(name, [None], dtype=kind) for name, kind in kinds.items()}
    for part, kinds in PARTS.items()
}


def not_given(part: str, name: str, rows: int) -> pl.Series:
    """Return this column of a part as it is where no record gives it."""
    return _NOTHING[part][name].new_from_index(0, rows)


def subject_key(kind: str, *parts: object) -> int:
    """Return the stable 64-bit key of a subject, never 0.

    kind: "store", "register", "operator", "card", "loyalty", "customer", "sku" or "tx".
    parts: what identifies it, in the contract's order, e.g. ("operator", source, store_id, id).
    """
    text = "\x1f".join([kind, *["" if part is None else str(part) for part in parts]])
    return xxhash.xxh3_64_intdigest(text.encode()) or 1


@dataclass(frozen=True, slots=True)
class Batch:
    """Some transactions in columns; `len` is the number of transactions.

    A batch may carry only the columns that its reader asked for; whoever makes a batch gives the
    columns that PARTS names their dtypes.
    """

    transactions: pl.DataFrame
    lines: pl.DataFrame
    price_changes: pl.DataFrame
    tenders: pl.DataFrame
    events: pl.DataFrame

    def __len__(self) -> int:
        return self.transactions.height

    @classmethod
    def empty(cls) -> Self:
        """Return a batch of no transactions with every column in place."""
        return cls(**{part: pl.DataFrame(schema=columns) for part, columns in PARTS.items()})

    @classmethod
    def concat(cls, batches: Iterable[Self]) -> Self:
        """Return one batch of all of them, in the order given."""
        batches = list(batches)
        if not batches:
            return cls.empty()
        if len(batches) == 1:
            return batches[0]
        starts = np.cumsum([0] + [len(batch) for batch in batches[:-1]])
        children = {}
        for part in PARTS:
            if part == "transactions":
                continue
            frames = [getattr(batch, part) for batch in batches]
            moved = np.repeat(starts, [frame.height for frame in frames]).astype(np.uint32)
            children[part] = pl.concat(frames).with_columns(pl.col("tx") + pl.Series(moved))
        return cls(transactions=pl.concat([b.transactions for b in batches]), **children)

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> Self:
        """Return the transactions at these rows, in this order, with all that belongs to them."""
        picked = np.asarray(rows, dtype=np.int64)
        place = np.full(len(self), -1, dtype=np.int64)
        place[picked] = np.arange(picked.size)
        children = {}
        for part in PARTS:
            if part == "transactions":
                continue
            frame: pl.DataFrame = getattr(self, part)
            moved = place[frame["tx"].to_numpy()]
            children[part] = (
                frame.with_columns(pl.Series("tx", moved))
                .filter(pl.col("tx") >= 0)
                .with_columns(pl.col("tx").cast(pl.UInt32))
                .sort("tx", maintain_order=True)
            )
        return type(self)(transactions=self.transactions[picked], **children)
