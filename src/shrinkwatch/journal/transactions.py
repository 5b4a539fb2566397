"""Puts columns back into receipts: the inverse of `journal.columns`, for people and exports.

What returns is the contract's record with its defaults filled in: times in UTC, `currency`,
`business_date` and `arrived_at` always there. A line's own original is restored where it is the
transaction's; otherwise a batch only keeps its key.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import polars as pl
from msgspec import Struct

from shrinkwatch.records.batch import NOBODY, Batch
from shrinkwatch.records.money import PRICE_DECIMALS, minor_decimals
from shrinkwatch.records.transaction import (
    Event,
    Line,
    Original,
    PriceChange,
    Tender,
    Transaction,
)

_Record = TypeVar("_Record", bound=Struct)
_Row = Mapping[str, Any]


def to_transactions(batch: Batch) -> list[Transaction]:
    """Return the transactions of a batch that has all its columns, in its order."""
    digits = [minor_decimals(money) for money in batch.transactions["currency"]]
    children = {
        part: _by_owner(getattr(batch, part), len(batch))
        for part in ("lines", "price_changes", "tenders", "events")
    }
    return [
        _transaction(row, digits[place], {part: of[place] for part, of in children.items()})
        for place, row in enumerate(batch.transactions.iter_rows(named=True))
    ]


def _by_owner(frame: pl.DataFrame, count: int) -> list[list[_Row]]:
    rows: list[list[_Row]] = [[] for _ in range(count)]
    for row in frame.iter_rows(named=True):
        rows[row["tx"]].append(row)
    return rows


def _transaction(row: _Row, digits: int, children: Mapping[str, list[_Row]]) -> Transaction:
    original = _original(row)
    changes: dict[int | None, list[PriceChange]] = {}
    for change in children["price_changes"]:
        amount = _amount(change["amount_minor"], digits)
        changes.setdefault(change["line"], []).append(_filled(PriceChange, change, amount=amount))
    return _filled(
        Transaction,
        row,
        **{name: _amount(row[f"{name}_minor"], digits) for name in ("gross", "discount", "tax")},
        net=_amount(row["net_minor"], digits),
        original=original,
        price_changes=tuple(changes.get(None, ())),
        lines=tuple(_lines(row, digits, children["lines"], changes, original)),
        tenders=tuple(
            _filled(Tender, tender, amount=_amount(tender["amount_minor"], digits))
            for tender in children["tenders"]
        ),
        events=tuple(_filled(Event, event) for event in children["events"]),
    )


def _lines(
    row: _Row,
    digits: int,
    lines: list[_Row],
    changes: Mapping[int | None, list[PriceChange]],
    original: Original | None,
) -> Iterator[Line]:
    for line in lines:
        same = line["original_key"] == row["original_key"] != NOBODY
        yield _filled(
            Line,
            line,
            quantity=_plain(line["quantity"]),
            weight=_plain(line["weight"]),
            list_price=_amount(line["list_price"], PRICE_DECIMALS),
            unit_cost=_amount(line["unit_cost"], PRICE_DECIMALS),
            extended=_amount(line["extended_minor"], digits),
            original=original if same else None,
            price_changes=tuple(changes.get(line["line"], ())),
        )


def _original(row: _Row) -> Original | None:
    parts = {name: row[f"original_{name}"] for name in Original.__struct_fields__}
    return None if all(part is None for part in parts.values()) else Original(**parts)


def _filled(kind: type[_Record], row: _Row, **made: object) -> _Record:
    """Return a record of the row's columns that are its fields, and of what is already made."""
    own = {name: row[name] for name in kind.__struct_fields__ if name in row}
    return kind(**(own | made))


def _amount(whole: int | None, digits: int) -> Decimal | None:
    return None if whole is None else Decimal(whole).scaleb(-digits)


def _plain(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))
