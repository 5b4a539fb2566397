"""Reads how a POSLog receipt was paid: what the customer gave and what the till gave back."""

import re
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
    text,
)

_TYPES = (
    ("giftc|storedvalue|giftcard", "gift_card"),
    ("storecredit|creditnote|merchandisecredit", "store_credit"),
    ("debit", "debit"),
    ("credit", "credit"),
    ("cash", "cash"),
    ("check|cheque", "check"),
    ("coupon|voucher", "coupon"),
    ("account|receivable|house", "account"),
)


def tenders(parent: Node) -> list[dict[str, Any]]:
    """Return the tenders of a transaction in the contract's fields, signed as the till sees them.

    Raises: NotANumber when an amount is none.
    """
    found: list[dict[str, Any]] = []
    for item in children(parent, "LineItem"):
        node = child(item, "Tender")
        if node is None:
            continue
        voided = is_set(item, "VoidFlag") or is_set(item, "CancelFlag")
        found.append(_tender(node, item, voided=voided))
        for given in ("TenderChange", "Cashback"):
            back = _back(child(node, given), is_change=given == "TenderChange", voided=voided)
            if back is not None:
                found.append(back)
    return found


def _tender(node: Node, item: Node, *, voided: bool) -> dict[str, Any]:
    value = amount(text(node, "Amount"))
    code = (attribute(node, "TypeCode") or "").lower()
    is_change = code == "change"
    if value is not None and (is_change or code in ("refund", "return")):
        value = -abs(value)
    return {
        "type": _type(node),
        "amount": value,
        "change": is_change,
        "voided": voided,
        "entry": (attribute(item, "EntryMethod") or "").lower() or None,
        **_card(node),
    }


def _type(node: Node) -> str:
    card = child(node, "CreditDebit")
    said = attribute(node, "TenderType") or attribute(node, "TypeCode") or ""
    words = re.sub(r"[^a-z]", "", said.lower())
    if words == "creditdebit" and card is not None:
        words = re.sub(r"[^a-z]", "", (attribute(card, "CardType") or "credit").lower())
    if words == "creditdebit":
        return "credit"
    return next((kind for sign, kind in _TYPES if re.search(sign, words)), "other")


def _card(node: Node) -> dict[str, Any]:
    """Return what is said of the card; a number in full becomes a token before it is kept."""
    found: dict[str, Any] = {"card_token": text(below(node, "CardToken", "Token", "AccountToken"))}
    number = text(below(node, "PrimaryAccountNumber", "AccountNumber"))
    if number is not None:
        if number.replace(" ", "").replace("-", "").isdecimal():
            found["card_token"] = found["card_token"] or number
        elif shown := re.match(r"^(\d{6})?\D*?(\d{4})$", number.replace(" ", "")):
            found["card_bin"], found["card_last4"] = shown.groups()
    gift = child(node, "GiftCard", "GiftCertificate", "StoredValueInstrument")
    if gift is not None:
        found["gift_card_id"] = text(below(gift, "CardNumber", "SerialNumber", "GiftCardID"))
    return found


def _back(node: Node | None, *, is_change: bool, voided: bool) -> dict[str, Any] | None:
    """Return the money that the till gave back beside this tender, None where it gave none."""
    if node is None:
        return None
    value = amount(text(node, "Amount") or text(node))
    if not value:
        return None
    return {"type": "cash", "amount": -abs(value), "change": is_change, "voided": voided}


def signed(found: list[dict[str, Any]], due: Decimal) -> list[dict[str, Any]]:
    """Return the tenders with the sign of what is due: tills write a refund without a minus.

    due: what the customer owes; negative when the till pays. Where the signs already add up,
    nothing is changed.
    """
    live = [t["amount"] for t in found if not t["voided"] and t["amount"] is not None]
    if due >= 0 or sum(live, Decimal(0)) <= 0:
        return found
    return [{**t, "amount": -t["amount"] if t["amount"] is not None else None} for t in found]
