"""Small batches for the tests of features: transactions written as dicts, in the order given."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from shrinkwatch.records.batch import PARTS, Batch, subject_key
from shrinkwatch.records.tables import TABLE_COLUMNS, Tables

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
CHILDREN = ("lines", "price_changes", "tenders", "events")
_KEYED = {
    "store_key": ("store", "store_id"),
    "register_key": ("register", "store_id", "register_id"),
    "operator_key": ("operator", "store_id", "operator_id"),
    "approver_key": ("operator", "store_id", "approver_id"),
    "customer_key": ("customer", "customer_id"),
    "loyalty_key": ("loyalty", "loyalty_id"),
    "card_key": ("card", "card"),
    "tx_key": ("tx", "store_id", "transaction_id"),
    "original_key": ("tx", "store_id", "original"),
}


def at(minutes: float) -> datetime:
    """Return the moment that many minutes after the start."""
    return START + timedelta(minutes=minutes)


def key(kind: str, *parts: str) -> int:
    """Return the key that `batch_of` gives such a subject."""
    return subject_key(kind, "till", *parts)


def transaction(**given: Any) -> dict[str, Any]:
    """Return a transaction of store S1 with what is given; `card` and `original` become keys."""
    row: dict[str, Any] = {
        "source": "till",
        "store_id": "S1",
        "register_id": "1",
        "type": "sale",
        "status": "completed",
        "training": False,
        "employee_sale": False,
        "currency": "EUR",
        "net_minor": 1000,
        "ended_at": START,
        "utc_offset_s": 3600,
        "findings": 0,
    }
    row |= given
    for column, (kind, *names) in _KEYED.items():
        named = row.get(names[-1]) is not None
        row[column] = key(kind, *(row[name] for name in names)) if named else 0
    return row


def batch_of(*rows: dict[str, Any]) -> Batch:
    """Return the batch of these transactions; `lines`, `tenders` … are lists of dicts in each."""
    parts: dict[str, list[dict[str, Any]]] = {part: [] for part in PARTS}
    for tx, row in enumerate(rows):
        parts["transactions"].append(row)
        for part in CHILDREN:
            for number, child in enumerate(row.get(part, ()), start=1):
                parts[part].append(_child(part, tx, number, child))
    return Batch(**{part: _frame(part, found) for part, found in parts.items()})


def _child(part: str, tx: int, number: int, child: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"tx": tx, **child}
    if part == "lines":
        made = {"line": number, "kind": "item", "quantity": 1.0, "voided": False, **made}
        made["sku_key"] = subject_key("sku", made["sku"]) if made.get("sku") else 0
        original = made.pop("original", None)
        made["original_key"] = key("tx", "S1", original) if original else 0
    if part == "tenders":
        made = {"change": False, "voided": False, **made}
        card = made.pop("card", None)
        made["card_key"] = key("card", card) if card else 0
    return made


def _frame(part: str, rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    schema = PARTS[part]
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema)


def tables_of(**rows: list[dict[str, Any]]) -> Tables:
    """Return tables of these rows; a column not given is null."""
    return Tables(
        {
            kind: pl.DataFrame(
                {name: [row.get(name) for row in given] for name in TABLE_COLUMNS[kind]},
                schema=TABLE_COLUMNS[kind],
            )
            for kind, given in rows.items()
        }
    )
