"""A receipt as the till printed it, with what was taken off it still legible.

Forty columns of text. A voided line stays, struck through; a post-void, a cancelled or a training
receipt says so on a line of its own; what a suspicion is about is marked.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from shrinkwatch.cases.marks import Part
from shrinkwatch.cases.names import Names
from shrinkwatch.cases.paper import WIDTH, centred, ends, money
from shrinkwatch.records.transaction import Line, Original, PriceChange, Tender, Transaction

RowKind = Literal["head", "item", "voided", "change", "rule", "total", "tender", "event", "banner"]

_RULE = "-" * WIDTH
_TYPES = {
    "return": "RETURN",
    "exchange": "EXCHANGE",
    "no_sale": "NO SALE: DRAWER OPENED",
    "paid_in": "PAID IN",
    "paid_out": "PAID OUT",
    "pickup": "CASH PICKUP",
    "loan": "CASH LOAN",
    "sign_on": "SIGNED ON",
    "sign_off": "SIGNED OFF",
    "gift_card": "GIFT CARD",
    "price_check": "PRICE CHECK",
    "other": "OTHER",
}
_NAMES = {
    "override": "price override",
    "manual_discount": "manual discount",
    "employee": "employee discount",
    "loyalty": "loyalty discount",
    "credit": "credit card",
    "debit": "debit card",
}


class Row(Struct, frozen=True):
    """One line of a receipt: at most 40 columns of text, what it is, and whether it is suspect."""

    text: str
    kind: RowKind
    marked: bool = False


class Desk(Struct, frozen=True):
    """What printing a receipt needs besides the transaction.

    zone: of the store; naive times are taken as they stand. decimals: of the currency.
    marked: the parts that a suspicion is about.
    """

    names: Names
    zone: tzinfo
    decimals: int = 2
    store_name: str | None = None
    marked: frozenset[Part] = frozenset()


def receipt(transaction: Transaction, desk: Desk) -> tuple[Row, ...]:
    """Return the receipt of this transaction, from the top of the paper to its end."""
    sections = [
        [*_head(transaction, desk)],
        [*_banners(transaction, desk)],
        [*_goods(transaction, desk)],
        [*_settled(transaction, desk)],
        [*_events(transaction, desk)],
    ]
    rows: list[Row] = []
    for section in filter(None, sections):
        rows += [Row(_RULE, "rule"), *section] if rows else section
    return tuple(rows)


def as_text(rows: tuple[Row, ...]) -> str:
    """Return the receipt as plain text: `>` before what is marked, `x` before what was voided."""
    return "\n".join(f"{margin(row)} {row.text}".rstrip() for row in rows)


def margin(row: Row) -> str:
    """Return the two columns before a row, for those who see no colour."""
    return (">" if row.marked else " ") + ("x" if row.kind == "voided" else " ")


def _head(transaction: Transaction, desk: Desk) -> Iterator[Row]:
    store = desk.store_name or f"Store {transaction.store_id}"
    yield Row(centred(store), "head")
    ended = transaction.ended_at or transaction.began_at
    if ended is not None:
        yield Row(centred(f"{_local(ended, desk):%a %d %b %Y  %H:%M:%S}"), "head")
    till = "" if transaction.register_id is None else f"Till {transaction.register_id}"
    who = ""
    if transaction.operator_id is not None:
        who = desk.names.of("operator", transaction.operator_id, transaction.store_id)
    if till or who:
        yield Row(ends(till, who), "head")
    number = transaction.transaction_id or transaction.sequence
    loyalty = transaction.loyalty_id or transaction.customer_id
    kind = "customer" if transaction.loyalty_id is None else "loyalty"
    shopper = "" if loyalty is None else desk.names.of(kind, loyalty)
    if number is not None or shopper:
        yield Row(ends("" if number is None else f"No {number}", shopper), "head")


def _banners(transaction: Transaction, desk: Desk) -> Iterator[Row]:
    marked = "banner" in desk.marked
    if transaction.type == "void":
        yield Row(centred("*** POST-VOID ***"), "banner", marked)
    elif transaction.type in _TYPES:
        yield Row(centred(f"*** {_TYPES[transaction.type]} ***"), "banner", marked)
    if transaction.status != "completed":
        yield Row(centred(f"*** {transaction.status.upper()} ***"), "banner", marked)
    if transaction.training:
        yield Row(centred("*** TRAINING ***"), "banner", marked)
    if transaction.offline:
        yield Row(centred("(till was offline)"), "banner")
    if transaction.employee_sale:
        yield Row(centred("(employee sale)"), "banner", "employee" in desk.marked)
    if transaction.type in {"void", "return", "exchange"}:
        yield Row(centred(_named(transaction.original) or "no receipt named"), "banner")


def _goods(transaction: Transaction, desk: Desk) -> Iterator[Row]:
    for line in transaction.lines:
        yield from _line(line, transaction, desk)
    for change in transaction.price_changes:
        yield _change(change, transaction, desk, "")


def _line(line: Line, transaction: Transaction, desk: Desk) -> Iterator[Row]:
    kind: RowKind = "voided" if line.voided else "item"
    marked = _line_marked(line, desk.marked)
    taken_off = sum((change.amount for change in line.price_changes), Decimal())
    full = money(line.extended - taken_off, desk.decimals)
    yield Row(ends(line.description or line.sku, full), kind, marked)
    detail = _detail(line, desk)
    if detail:
        yield Row(ends(f"  {detail}", ""), "change", marked)
    for change in line.price_changes:
        row = _change(change, transaction, desk, "  ")
        yield Row(row.text, "voided" if line.voided else row.kind, row.marked)


def _detail(line: Line, desk: Desk) -> str:
    said = []
    if line.weight is not None:
        said.append(f"{line.weight.normalize():f} kg")
    elif line.quantity != 1:
        said.append(f"{line.quantity.normalize():f} x {money(line.list_price, desk.decimals)}")
    if line.entry == "key":
        said.append("keyed")
    if line.voided:
        when = "" if line.void_at is None else f" {_local(line.void_at, desk):%H:%M:%S}"
        said.append(f"VOID{when}")
    if line.kind == "return" and _named(line.original):
        said.append(_named(line.original))
    if line.reason:
        said.append(line.reason)
    return ", ".join(said)


def _line_marked(line: Line, marked: frozenset[Part]) -> bool:
    return (
        (line.voided and "voided_lines" in marked)
        or (line.kind == "return" and "returned_lines" in marked)
        or (line.kind == "return" and line.entry == "key" and "keyed_lines" in marked)
        or (line.kind == "gift_card" and "gift_card_lines" in marked)
    )


def _change(change: PriceChange, transaction: Transaction, desk: Desk, indent: str) -> Row:
    name = _NAMES.get(change.type, change.type)
    if change.approver_id is not None:
        code = desk.names.of("approver", change.approver_id, transaction.store_id)
        name += f", by {code.removeprefix('operator ')}"
    text = ends(indent + name, money(change.amount, desk.decimals))
    return Row(text, "change", change.type in desk.marked)


def _settled(transaction: Transaction, desk: Desk) -> Iterator[Row]:
    if transaction.net is not None and (
        transaction.lines or transaction.tenders or transaction.net
    ):
        currency = transaction.currency or ""
        yield Row(ends(f"TOTAL {currency}".strip(), money(transaction.net, desk.decimals)), "total")
    for tender in transaction.tenders:
        amount = money(tender.amount, desk.decimals)
        kind: RowKind = "voided" if tender.voided else "tender"
        yield Row(ends(_tender(tender), amount), kind, _tender_marked(tender, desk.marked))


def _tender(tender: Tender) -> str:
    name = "change" if tender.change else _NAMES.get(tender.type, tender.type).replace("_", " ")
    if tender.card_last4 is not None:
        name += f" ..{tender.card_last4}"
    elif tender.card_token is not None:
        name += f" #{tender.card_token[-4:]}"
    elif tender.gift_card_id is not None:
        name += f" #{tender.gift_card_id[-4:]}"
    return f"{name} VOID" if tender.voided else name


def _tender_marked(tender: Tender, marked: frozenset[Part]) -> bool:
    return (
        (tender.voided and "voided_tenders" in marked)
        or (tender.type == "other" and "other_tenders" in marked)
        or (tender.card_token is not None and "cards" in marked)
        or (tender.amount < 0 and not tender.change and "paid_out" in marked)
    )


def _events(transaction: Transaction, desk: Desk) -> Iterator[Row]:
    for event in transaction.events:
        when = "" if event.at is None else f"{_local(event.at, desk):%H:%M:%S}"
        name = event.type.replace("_", " ") + (f": {event.reason}" if event.reason else "")
        yield Row(ends(f"({name})", when), "event", event.type in desk.marked)


def _local(at: datetime, desk: Desk) -> datetime:
    return at if at.tzinfo is None else at.astimezone(desk.zone)


def _named(original: Original | None) -> str:
    """Return what the till called the original, or nothing when it named none."""
    if original is None:
        return ""
    number = original.transaction_id or original.sequence
    till = "" if original.register_id is None else f", till {original.register_id}"
    day = "" if original.business_date is None else f", {original.business_date:%d %b %Y}"
    return "" if number is None else f"of No {number}{till}{day}"
