"""Makes the receipts of a batch whole again, one structure each, to be printed.

Columns are for arithmetic; paper wants a transaction with its lines in order. What a line names as
its own original is kept in columns as a key only, so that is not on the paper.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import polars as pl

from shrinkwatch.records.batch import Batch
from shrinkwatch.records.money import PRICE_DECIMALS, minor_decimals
from shrinkwatch.records.transaction import (
    Event,
    Line,
    Original,
    PriceChange,
    Tender,
    Transaction,
)

Row = dict[str, Any]
_ORIGINAL = Original.__struct_fields__
_SAME = frozenset(Transaction.__struct_fields__) - {
    *("net", "gross", "discount", "tax", "original"),
    *("price_changes", "lines", "tenders", "events"),
}


def to_transactions(batch: Batch) -> list[Transaction]:
    """Return the batch's transactions, in its order; times are in the store's offset.

    The batch carries all columns of `records.batch.PARTS`.
    """
    changes = _by(batch.price_changes, "tx", "line")
    lines, tenders, events = (
        _by(part, "tx") for part in (batch.lines, batch.tenders, batch.events)
    )
    return [
        _transaction(row, tx, lines[tx,], changes, tenders[tx,], events[tx,])
        for tx, row in enumerate(batch.transactions.iter_rows(named=True))
    ]


def _by(frame: pl.DataFrame, *names: str) -> defaultdict[tuple[Any, ...], list[Row]]:
    """Return the rows grouped by these columns, in the frame's order."""
    grouped: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        grouped[tuple(row[name] for name in names)].append(row)
    return grouped


def _transaction(
    row: Row,
    tx: int,
    lines: list[Row],
    changes: defaultdict[tuple[Any, ...], list[Row]],
    tenders: list[Row],
    events: list[Row],
) -> Transaction:
    digits = minor_decimals(row["currency"])
    zone = timezone(timedelta(seconds=row["utc_offset_s"] or 0))
    facts = {name: row[name] for name in _SAME if row[name] is not None}
    for name in ("began_at", "ended_at", "totaled_at"):
        if name in facts:
            facts[name] = facts[name].astimezone(zone)
    for name in ("gross", "discount", "tax"):
        facts[name] = _money(row[f"{name}_minor"], digits)
    return Transaction(
        **facts,
        net=_money(row["net_minor"], digits) or Decimal(0),
        original=_original(row),
        price_changes=tuple(_changes(changes[tx, None], digits)),
        lines=tuple(_line(line, changes[tx, line["line"]], digits) for line in lines),
        tenders=tuple(_tender(tender, digits) for tender in tenders),
        events=tuple(Event(event["type"], event["at"], event["reason"]) for event in events),
    )


def _money(whole: int | None, digits: int) -> Decimal | None:
    return None if whole is None else Decimal(whole).scaleb(-digits)


def _number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def _original(row: Row) -> Original | None:
    parts = {name: row[f"original_{name}"] for name in _ORIGINAL}
    return Original(**parts) if any(part is not None for part in parts.values()) else None


def _changes(rows: list[Row], digits: int) -> Iterator[PriceChange]:
    for row in rows:
        amount = _money(row["amount_minor"], digits) or Decimal(0)
        yield PriceChange(row["type"], amount, row["code"], row["reason"], row["approver_id"])


def _line(row: Row, changes: list[Row], digits: int) -> Line:
    return Line(
        line=row["line"],
        kind=row["kind"],
        sku=row["sku"],
        quantity=_number(row["quantity"]) or Decimal(0),
        list_price=_money(row["list_price"], PRICE_DECIMALS) or Decimal(0),
        extended=_money(row["extended_minor"], digits) or Decimal(0),
        description=row["description"],
        department=row["department"],
        weight=_number(row["weight"]),
        entry=row["entry"],
        unit_cost=_money(row["unit_cost"], PRICE_DECIMALS),
        voided=bool(row["voided"]),
        at=row["at"],
        void_at=row["void_at"],
        reason=row["reason"],
        serial=row["serial"],
        price_changes=tuple(_changes(changes, digits)),
    )


def _tender(row: Row, digits: int) -> Tender:
    return Tender(
        type=row["type"],
        amount=_money(row["amount_minor"], digits) or Decimal(0),
        change=bool(row["change"]),
        voided=bool(row["voided"]),
        card_token=row["card_token"],
        card_bin=row["card_bin"],
        card_last4=row["card_last4"],
        gift_card_id=row["gift_card_id"],
        entry=row["entry"],
    )
