"""The tables beside the till: stores, registers, operators, items, shifts, counts and the rest.

Columns are CONTRACT §2's. A table that was never loaded is an empty frame with every column; a
column that a file lacks is null. Times are UTC; money is integer minor units (`*_minor`) or, for
unit prices and costs, 1/10,000 of the currency's unit.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

import polars as pl

TableKind = Literal[
    "stores",
    "registers",
    "operators",
    "items",
    "shifts",
    "till_sessions",
    "stock_moves",
    "stock_counts",
    "store_days",
    "labels",
    "incidents",
]
TABLE_KINDS: tuple[str, ...] = get_args(TableKind)

_TIME = pl.Datetime("us", "UTC")
_Columns = dict[str, pl.DataType | type[pl.DataType]]

TABLE_COLUMNS: dict[str, _Columns] = {
    # any further numeric column of stores and store_days is kept under its own name
    "stores": {
        "store_id": pl.String,
        "name": pl.String,
        "region": pl.String,
        "format": pl.String,
        "time_zone": pl.String,
        "currency": pl.String,
        "opens": pl.Time,
        "closes": pl.Time,
        "latitude": pl.Float64,
        "longitude": pl.Float64,
        "area_m2": pl.Float64,
    },
    "registers": {"store_id": pl.String, "register_id": pl.String, "lane_type": pl.String},
    "operators": {
        "store_id": pl.String,
        "operator_id": pl.String,
        "employee_id": pl.String,
        "role": pl.String,
        "hired_on": pl.Date,
        "virtual": pl.Boolean,
    },
    "items": {
        "sku": pl.String,
        "description": pl.String,
        "department": pl.String,
        "class": pl.String,
        "unit_cost": pl.Int64,
        "list_price": pl.Int64,
    },
    "shifts": {
        "store_id": pl.String,
        "operator_id": pl.String,
        "clock_in": _TIME,
        "clock_out": _TIME,
    },
    "till_sessions": {
        "session_id": pl.String,
        "store_id": pl.String,
        "register_id": pl.String,
        "business_date": pl.Date,
        "operator_ids": pl.String,
        "opened_at": _TIME,
        "closed_at": _TIME,
        "opening_minor": pl.Int64,
        "expected_minor": pl.Int64,
        "counted_minor": pl.Int64,
        "currency": pl.String,
    },
    "stock_moves": {
        "row_id": pl.String,
        "store_id": pl.String,
        "sku": pl.String,
        "at": _TIME,
        "kind": pl.String,
        "quantity": pl.Float64,
        "unit_cost": pl.Int64,
        "reason": pl.String,
        "user_id": pl.String,
        "reference": pl.String,
    },
    "stock_counts": {
        "store_id": pl.String,
        "sku": pl.String,
        "counted_at": _TIME,
        "counted": pl.Float64,
        "book": pl.Float64,
    },
    "store_days": {"store_id": pl.String, "date": pl.Date},
    "labels": {
        "row_id": pl.String,
        "at": _TIME,
        "by": pl.String,
        "outcome": pl.String,
        "loss_minor": pl.Int64,
        "recovered_minor": pl.Int64,
        "currency": pl.String,
        "alert_id": pl.String,
        "source": pl.String,
        "transaction_store_id": pl.String,
        "register_id": pl.String,
        "business_date": pl.Date,
        "sequence": pl.Int64,
        "transaction_id": pl.String,
        "subject_type": pl.String,
        "subject_id": pl.String,
        "store_id": pl.String,
        "from": _TIME,
        "to": _TIME,
        "scheme": pl.String,
    },
    "incidents": {
        "incident_id": pl.String,
        "source": pl.String,
        "store_id": pl.String,
        "register_id": pl.String,
        "business_date": pl.Date,
        "sequence": pl.Int64,
        "transaction_id": pl.String,
        "scheme": pl.String,
        "variant": pl.String,
        "actor_type": pl.String,
        "actor_id": pl.String,
        "loss_minor": pl.Int64,
    },
}

TABLE_KEYS: dict[str, tuple[str, ...]] = {
    "stores": ("store_id",),
    "registers": ("store_id", "register_id"),
    "operators": ("store_id", "operator_id"),
    "items": ("sku",),
    "shifts": ("store_id", "operator_id", "clock_in"),
    "till_sessions": ("session_id",),
    "stock_moves": ("row_id",),
    "stock_counts": ("store_id", "sku", "counted_at"),
    "store_days": ("store_id", "date"),
    "labels": ("row_id",),
    "incidents": (
        "incident_id",
        "source",
        "store_id",
        "register_id",
        "business_date",
        "sequence",
        "transaction_id",
    ),
}
"""What identifies a row: a row loaded later with the same key replaces the earlier one."""


def empty_table(kind: str) -> pl.DataFrame:
    """Return a table of this kind without rows."""
    return pl.DataFrame(schema=TABLE_COLUMNS[kind])


@dataclass(frozen=True, slots=True)
class Tables:
    """Every table as known at some moment, by kind; a kind never loaded is empty."""

    by_kind: dict[str, pl.DataFrame] = field(default_factory=dict)

    def __getitem__(self, kind: TableKind) -> pl.DataFrame:
        return self.by_kind.get(kind, empty_table(kind))
