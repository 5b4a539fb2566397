"""Says in the contract's fields what one POSLog transaction says in its own."""

import re
from decimal import Decimal
from typing import Any

from shrinkwatch.intake.poslog.lines import goods, original
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
from shrinkwatch.intake.poslog.tenders import signed, tenders

_CONTROL = {
    "nosale": "no_sale",
    "signon": "sign_on",
    "signoff": "sign_off",
    "priceinquiry": "price_check",
    "pricecheck": "price_check",
    "paidin": "paid_in",
    "paidout": "paid_out",
    "pickup": "pickup",
    "tenderpickup": "pickup",
    "loan": "loan",
    "tenderloan": "loan",
}
_AMOUNTS = ("{*}ExtendedAmount", "{*}RegularSalesUnitPrice", "{*}Total", "{*}Amount")
"""Elements that may carry the currency where the transaction itself does not."""
_OUT = ("paid_out", "pickup")
_STATUSES = (
    ("suspend.*retriev|resum", "resumed"),
    ("suspend", "suspended"),
    ("void|cancel", "cancelled"),
)
_ZERO = Decimal(0)
_POST_VOID = re.compile("post.?void", re.IGNORECASE)


def record(transaction: Node) -> dict[str, Any]:
    """Return the transaction in the contract's fields, for the contract's reader to check.

    A field that the document does not have is absent. The two dialects that are known (v2.2, v6)
    differ in names only.
    Raises: NotANumber when an amount is none.
    """
    body = child(transaction, "RetailTransaction", "ControlTransaction", "TenderControlTransaction")
    found = _heading(transaction, body)
    if body is not None and name(body) == "RetailTransaction":
        _add_receipt(found, body)
    else:
        _add_control(found, transaction, body)
    if _is_post_void(transaction):
        _turn_into_void(found, transaction, body)
    return {field: value for field, value in found.items() if value is not None}


def _heading(transaction: Node, body: Node | None) -> dict[str, Any]:
    sequence = text(transaction, "SequenceNumber") or ""
    began = text(transaction, "BeginDateTime")
    ended = text(transaction, "EndDateTime") or text(transaction, "POSLogDateTime")
    approver = below(transaction, "ApproverID")
    return {
        "source": "poslog",
        "store_id": text(transaction, "RetailStoreID")
        or text(transaction, "BusinessUnit", "UnitID"),
        "register_id": text(transaction, "WorkstationID"),
        "sequence": int(sequence) if re.fullmatch(r"\d{1,15}", sequence) else sequence or None,
        "transaction_id": text(transaction, "TransactionID"),
        "business_date": text(transaction, "BusinessDayDate"),
        "began_at": time(began),
        "ended_at": time(ended),
        "operator_id": text(transaction, "OperatorID"),
        "approver_id": text(approver),
        "currency": _currency(transaction),
        "status": _status(transaction, body),
        "training": is_set(transaction, "TrainingModeFlag"),
        "offline": is_set(transaction, "OfflineFlag"),
    }


def _currency(transaction: Node) -> str | None:
    written = text(transaction, "CurrencyCode")
    if written is not None:
        return written
    for node in transaction.iter(*_AMOUNTS):
        code = attribute(node, "Currency") or attribute(node, "CurrencyCode")
        if code is not None:
            return code
    return None


def _status(transaction: Node, body: Node | None) -> str:
    if is_set(transaction, "CancelFlag"):
        return "cancelled"
    written = "" if body is None else attribute(body, "TransactionStatus") or ""
    if _POST_VOID.search(written):
        return "completed"
    return next((s for sign, s in _STATUSES if re.search(sign, written.lower())), "completed")


def _add_receipt(found: dict[str, Any], retail: Node) -> None:
    """Add lines, tenders and sums of a RetailTransaction."""
    sold = goods(retail)
    live = [line for line in sold.lines if not line["voided"]]
    net = sum((line["extended"] or _ZERO for line in live), _ZERO)
    net += sum((change["amount"] for change in sold.price_changes), _ZERO)
    totals = _totals(retail)
    written = totals.get("transactionnetamount")
    if written is not None and (abs(written) != abs(net) or not live):
        net = written
    tax = totals.get("transactiontaxamount", totals.get("transactiontaxincluded"))
    included = _is_tax_included(retail, totals)
    due = net if included or tax is None else net + tax
    returns = {line["kind"] == "return" for line in live}
    found |= {
        "type": {1: "return" if True in returns else "sale", 2: "exchange"}.get(
            len(returns), "sale"
        ),
        "net": net,
        "totaled_at": _totaled_at(retail),
        "tax": tax,
        "tax_included": included,
        "price_changes": sold.price_changes,
        "lines": sold.lines,
        "tenders": signed(tenders(retail), due),
        "original": original(retail)
        or next((line["original"] for line in live if line["original"]), None),
        **_customer(retail),
    }


def _totaled_at(retail: Node) -> str | None:
    """Return when the total key was first pressed, where the till writes that down."""
    for item in children(retail, "LineItem"):
        if child(item, "TotalKey", "Total") is not None:
            return time(text(item, "BeginDateTime"))
    return None


def _totals(retail: Node) -> dict[str, Decimal]:
    """Return the totals by the last part of their type, in small letters."""
    totals: dict[str, Decimal] = {}
    for node in children(retail, "Total"):
        kind = (attribute(node, "TotalType") or "").rpartition(":")[2].lower()
        value = amount(text(node))
        if kind and value is not None and attribute(node, "TypeCode") is None:
            totals.setdefault(kind, value)
    return totals


def _is_tax_included(retail: Node, totals: dict[str, Decimal]) -> bool:
    taxable = below(retail, "TaxableAmount")
    if taxable is not None and attribute(taxable, "TaxIncludedInTaxableAmountFlag") is not None:
        return is_set(taxable, "TaxIncludedInTaxableAmountFlag")
    net, grand = totals.get("transactionnetamount"), totals.get("transactiongrandamount")
    return net is None or grand is None or net == grand


def _customer(retail: Node) -> dict[str, Any]:
    customer = child(retail, "Customer")
    loyalty = below(retail, "LoyaltyID", "LoyaltyAccountID", "LoyaltyProgramID")
    return {
        "customer_id": None if customer is None else text(customer, "CustomerID"),
        "loyalty_id": text(loyalty),
    }


def _add_control(found: dict[str, Any], transaction: Node, body: Node | None) -> None:
    """Add what a till does beside selling: its type, and the money that moved."""
    kind = "other"
    for node in (transaction if body is None else body).iterchildren():
        kind = _CONTROL.get(name(node).lower(), kind)
    moved = _ZERO
    if body is not None and name(body) == "TenderControlTransaction":
        moved = amount(text(below(body, "Amount"))) or _ZERO
        moved = -abs(moved) if kind in _OUT else abs(moved)
    found |= {"type": kind, "net": moved}
    if moved:
        found["tenders"] = [{"type": "cash", "amount": moved}]
    if kind == "no_sale":
        found["events"] = [{"type": "drawer_open", "at": found["ended_at"] or found["began_at"]}]


def _is_post_void(transaction: Node) -> bool:
    """Tell whether the transaction takes back an earlier one as a whole."""
    if below(transaction, "PostVoid", "PostVoidTransaction") is not None:
        return True
    for node in transaction.iter("{*}TransactionLink"):
        if name(node.getparent()) != "Return":
            said = attribute(node, "ReasonCode") or attribute(node, "TypeCode") or ""
            if _POST_VOID.search(said) or said.lower() in ("void", "voided"):
                return True
    return False


def _turn_into_void(found: dict[str, Any], transaction: Node, body: Node | None) -> None:
    """Make the record a post-void: what it names is taken back, with everything negative."""
    post_void = below(transaction, "PostVoid", "PostVoidTransaction")
    named = None if post_void is None else original(post_void)
    if named is None and body is not None:
        named = original(body)
    found |= {"type": "void", "status": "completed", "original": named or original(transaction)}
    found["net"] = -abs(found.get("net") or _ZERO)
    live = [t["amount"] for t in found.get("tenders", []) if t["amount"] is not None]
    if sum(live, _ZERO) > 0:
        found["tenders"] = [{**t, "amount": -t["amount"]} for t in found["tenders"]]
