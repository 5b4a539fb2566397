"""Reads the goods of a POSLog receipt: sales, returns, what was taken back, changed prices."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shrinkwatch.intake.poslog.nodes import (
    Node,
    amount,
    attribute,
    below,
    child,
    children,
    is_set,
    name,
    text,
    time,
)

_SALES = ("Sale", "SaleForDelivery", "SaleForPickup", "SaleOfMiscellaneousItem", "Return")
_ENTRIES = {
    "scanned": "scan",
    "scan": "scan",
    "keyed": "key",
    "tapped": "key",
    "plu": "plu",
    "automatic": "auto",
    "vision": "vision",
}
_KINDS = (("gift", "gift_card"), ("stored", "gift_card"), ("deposit", "deposit"), ("fee", "fee"))
_CHANGES = (
    ("employee|associate|staff", "employee"),
    ("coupon", "coupon"),
    ("loyalty|reward|member", "loyalty"),
    ("markdown|mark down|clearance", "markdown"),
    ("promo|deal|mix", "promotion"),
    ("override|replace|price entry", "override"),
)
_LINKS = ("ItemLink", "CreateRefNumber", "LineItemLink", "VoidRefNumber")
_ZERO = Decimal(0)


@dataclass(slots=True)
class Goods:
    """The lines of a receipt in the contract's fields, and changes on the whole receipt."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    price_changes: list[dict[str, Any]] = field(default_factory=list)


def goods(retail: Node) -> Goods:
    """Return the lines of a RetailTransaction, what was taken back marked as voided.

    Raises: NotANumber when an amount is none.
    """
    found = Goods()
    for position, item in enumerate(children(retail, "LineItem"), 1):
        written = _whole(text(item, "SequenceNumber"))
        number = position if written is None else written
        sale = child(item, *_SALES)
        if sale is not None:
            if not _takes_back(item, sale, found.lines):
                found.lines.append(_line(item, sale, number))
        elif (discount := child(item, "Discount", "RetailPriceModifier")) is not None:
            _add_discount(item, discount, found)
    return found


def _whole(written: str | None) -> int | None:
    return int(written) if written is not None and re.fullmatch(r"\d{1,9}", written) else None


def _takes_back(item: Node, sale: Node, lines: list[dict[str, Any]]) -> bool:
    """Mark the earlier line that this one takes back; False when it takes none back."""
    if not (is_set(item, "VoidFlag") or is_set(item, "CancelFlag")):
        return False
    number = _linked(item)
    for line in reversed(lines):
        if number is not None and line["line"] == number and not line["voided"]:
            line["voided"] = True
            line["void_at"] = _moment(item)
            line["reason"] = text(sale, "Reason") or attribute(item, "ReasonCode")
            return True
    return False


def _linked(item: Node) -> int | None:
    """Return the number of the line that this one refers to."""
    link = below(item, *_LINKS)
    if link is None:
        return None
    return _whole(text(link) or text(below(link, "SequenceNumber", "LineItemSequenceNumber")))


def _moment(item: Node) -> str | None:
    return time(text(item, "EndDateTime") or text(item, "BeginDateTime"))


def _line(item: Node, sale: Node, number: int) -> dict[str, Any]:
    is_return = name(sale) == "Return"
    quantity, weight = _quantities(sale)
    extended = amount(text(sale, "ExtendedAmount"))
    regular = amount(text(sale, "RegularSalesUnitPrice"))
    actual = amount(text(sale, "ActualSalesUnitPrice"))
    changes = [_change(node, quantity) for node in children(sale, "RetailPriceModifier")]
    price = regular if regular is not None else actual
    if price is None and extended is not None and quantity:
        price = extended / quantity
    if extended is None and price is not None:
        extended = quantity * price + _total(changes)
    if price is not None and extended is not None:
        price = _fitting_price(price, actual, quantity, extended, changes)
    if is_return:
        quantity, extended = -abs(quantity), None if extended is None else -abs(extended)
        changes = [{**change, "amount": -change["amount"]} for change in changes]
    return {
        "line": number,
        "kind": _kind(sale, is_return=is_return),
        "sku": text(sale, "ItemID") or text(sale, "POSIdentity", "POSItemID"),
        "description": _description(sale),
        "department": _department(sale),
        "quantity": quantity,
        "weight": weight,
        "entry": _ENTRIES.get((attribute(item, "EntryMethod") or "").lower()),
        "list_price": price,
        "unit_cost": amount(text(sale, "UnitCostPrice")),
        "extended": extended,
        "voided": is_set(item, "VoidFlag") or is_set(item, "CancelFlag"),
        "at": time(text(item, "BeginDateTime") or text(item, "EndDateTime")),
        "original": original(sale),
        "reason": text(sale, "Reason") or attribute(sale, "ReasonCode"),
        "serial": text(sale, "SerialNumber"),
        "price_changes": changes,
    }


def original(node: Node) -> dict[str, Any] | None:
    """Return the transaction that a TransactionLink names, None where none is named."""
    link = child(node, "TransactionLink", "OriginalTransaction")
    if link is None:
        return None
    found = {
        "store_id": text(link, "RetailStoreID") or text(link, "BusinessUnit", "UnitID"),
        "register_id": text(link, "WorkstationID"),
        "business_date": text(link, "BusinessDayDate"),
        "sequence": _whole(text(link, "SequenceNumber")),
        "transaction_id": text(link, "TransactionID"),
    }
    return found if any(value is not None for value in found.values()) else None


def _quantities(sale: Node) -> tuple[Decimal, Decimal | None]:
    """Return the number of units, and the weight where the goods were weighed."""
    units: Decimal | None = None
    weight: Decimal | None = None
    for node in children(sale, "Quantity"):
        value = amount(text(node) or attribute(node, "Units"))
        unit = (attribute(node, "UnitOfMeasureCode") or "EA").upper()
        if unit in ("EA", "EACH", "PCE", "UNIT") and units is None:
            units = value
        elif unit not in ("EA", "EACH", "PCE", "UNIT"):
            weight = value
    if units is None:
        units = weight
    return (Decimal(1) if units is None else units), weight


def _kind(sale: Node, *, is_return: bool) -> str:
    if is_return:
        return "return"
    written = (attribute(sale, "ItemType") or "").lower()
    return next((kind for sign, kind in _KINDS if sign in written), "item")


def _description(sale: Node) -> str | None:
    for node in children(sale, "Description"):
        if (attribute(node, "TypeCode") or "").lower() != "long":
            return text(node)
    return text(child(sale, "Description"))


def _department(sale: Node) -> str | None:
    for node in children(sale, "MerchandiseHierarchy"):
        if (attribute(node, "ID") or attribute(node, "Level") or "").lower() != "tax":
            return text(node)
    return None


def _change(node: Node, quantity: Decimal) -> dict[str, Any]:
    """Return a RetailPriceModifier as a price change of the whole line."""
    written = child(node, "Amount")
    value = amount(text(written)) or _ZERO
    action = (attribute(written, "Action") if written is not None else None) or "Subtract"
    previous = amount(text(node, "PreviousPrice"))
    if action.lower() == "replace":
        value = (value - previous) * quantity if previous is not None else _ZERO
    else:
        value = value if action.lower() == "add" else -abs(value)
    approver = below(node, "ApproverID")
    return {
        "type": _change_type(node, action),
        "amount": value,
        "code": text(node, "PromotionID") or attribute(node, "MethodCode"),
        "reason": text(node, "ReasonCode") or attribute(node, "ReasonCode"),
        "approver_id": text(approver),
    }


def _change_type(node: Node, action: str) -> str:
    """Return the contract's word for a change, by what its codes say; else a manual discount."""
    said = [action, *(str(value) for value in node.attrib.values())]
    said += [f"{name(part)} {text(part) or ''}" for part in node.iterdescendants()]
    words = " ".join(said).lower()
    return next((kind for sign, kind in _CHANGES if re.search(sign, words)), "manual_discount")


def _total(changes: list[dict[str, Any]]) -> Decimal:
    return sum((change["amount"] for change in changes), _ZERO)


def _fitting_price(
    price: Decimal,
    actual: Decimal | None,
    quantity: Decimal,
    extended: Decimal,
    changes: list[dict[str, Any]],
) -> Decimal:
    """Return the list price with which the line adds up, and scale changes given per unit.

    Tills differ: a change is of the line or of one unit, and some lower the price without a
    modifier. What does not add up either way stays as it is, and is a finding.
    """
    gap = abs(extended) - quantity * price
    if gap == _total(changes):
        return price
    if changes and gap == _total(changes) * quantity:
        for change in changes:
            change["amount"] *= quantity
    elif not changes and actual is not None and abs(extended) == quantity * actual:
        return actual
    return price


def _add_discount(item: Node, discount: Node, found: Goods) -> None:
    """Add a discount that has a line of its own to the line that it names, else to the receipt."""
    if is_set(item, "VoidFlag") or is_set(item, "CancelFlag"):
        return
    change = _change(discount, Decimal(1))
    number = _linked(item)
    for line in found.lines:
        if line["line"] != number:
            continue
        total = _total([*line["price_changes"], change])
        if None not in (line["list_price"], line["extended"]):
            whole = line["quantity"] * line["list_price"]
            if line["extended"] != whole + total:
                line["extended"] += change["amount"]
        line["price_changes"].append(change)
        return
    found.price_changes.append(change)
