"""Knows the contract's tables by their column names, in the usual spellings."""

import re
from collections.abc import Iterable

from shrinkwatch.records.tables import TABLE_COLUMNS, TableKind

REQUIRED: dict[TableKind, tuple[str, ...]] = {
    "till_sessions": (
        "session_id",
        "store_id",
        "register_id",
        "business_date",
        "opened_at",
        "closed_at",
        "opening",
        "expected",
        "counted",
    ),
    "incidents": ("incident_id", "store_id", "scheme", "actor_type", "actor_id"),
    "labels": ("at", "outcome"),
    "shifts": ("store_id", "operator_id", "clock_in"),
    "stock_counts": ("store_id", "sku", "counted_at", "counted"),
    "stock_moves": ("store_id", "sku", "at", "kind", "quantity"),
    "store_days": ("store_id", "date"),
    "stores": ("store_id", "time_zone"),
    "registers": ("store_id", "register_id"),
    "operators": ("store_id", "operator_id"),
    "items": ("sku",),
}
"""Columns without which a row says nothing; the first kind that a header satisfies is taken."""

FOREIGN: dict[TableKind, tuple[str, ...]] = {
    "store_days": ("sku", "quantity", "time_zone"),
    "stores": ("register_id", "operator_id", "sku"),
    "registers": ("operator_id", "sku", "quantity", "amount", "net"),
    "operators": ("register_id", "sku", "quantity", "amount", "net", "transaction_id"),
    "items": ("quantity", "store_id", "transaction_id", "amount", "net", "customer_id", "date"),
}
"""Columns that show that a table is something else, however well the required ones fit."""

_SPELLINGS = {
    "store_id": "store shop shop_id outlet outlet_id store_no store_number store_nbr branch",
    "register_id": "register till till_id lane pos pos_id terminal terminal_id workstation_id",
    "operator_id": "operator cashier cashier_id clerk clerk_id staff_id",
    "employee_id": "employee employee_no employee_number personnel_no",
    "sku": "item item_id product product_id article article_id plu ean gtin upc",
    "time_zone": "timezone tz",
    "quantity": "qty",
    "unit_cost": "cost cost_price",
    "list_price": "price unit_price retail_price",
    "hired_on": "hire_date hired start_date",
    "clock_in": "shift_start clocked_in",
    "clock_out": "shift_end clocked_out",
    "area_m2": "area floor_area sales_area",
    "latitude": "lat",
    "longitude": "lon lng",
    "class": "category",
}
_KNOWN = {
    spelling.replace("_", ""): name
    for name, spellings in _SPELLINGS.items()
    for spelling in spellings.split()
}
_CONTRACT = {
    name.removesuffix("_minor").replace("_", ""): name.removesuffix("_minor")
    for columns in TABLE_COLUMNS.values()
    for name in columns
}


def contract_names(header: Iterable[str]) -> dict[str, str]:
    """Return header -> the contract's column name, for the columns that are one's spelling.

    The contract's own name wins over a spelling of it; a second spelling is left alone.

    >>> contract_names(["Store ID", "TimeZone", "Rainfall"])
    {'Store ID': 'store_id', 'TimeZone': 'time_zone'}
    """
    header = list(header)
    found = {column: column for column in header if column in _CONTRACT.values()}
    for known in (_CONTRACT, _KNOWN):
        for column in header:
            name = known.get(re.sub(r"[^a-z0-9]", "", column.lower().removesuffix("_minor")))
            if name is not None and column not in found and name not in found.values():
                found[column] = name
    return {column: found[column] for column in header if column in found}


def table_kind(header: Iterable[str]) -> TableKind | None:
    """Return which of the contract's tables has this header, None when none has.

    >>> table_kind(["store_id", "operator_id", "clock_in", "clock_out"])
    'shifts'
    >>> table_kind(["InvoiceNo", "StockCode", "Quantity"]) is None
    True
    """
    header = list(header)
    names = set(contract_names(header).values())
    for kind, required in REQUIRED.items():
        if names.issuperset(required) and not _has_foreign(kind, header, names):
            says_more = names & set(TABLE_COLUMNS[kind]) - set(required)
            return kind if len(required) > 1 or says_more else None
    return None


def _has_foreign(kind: TableKind, header: list[str], names: set[str]) -> bool:
    present = names | {column.lower() for column in header}
    present |= {"date" for column in present if re.search(r"date|time_?stamp|week", column)}
    return any(name in present for name in FOREIGN.get(kind, ()))
