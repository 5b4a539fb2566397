"""What one transaction adds to the memories of those who took part in it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.arrays import Columns, among, unknown_of
from shrinkwatch.features.catalogue import SINCE
from shrinkwatch.features.declared import Rings
from shrinkwatch.features.facts import STATUS, TYPE
from shrinkwatch.features.recents import Spending
from shrinkwatch.features.rings import packed

_CUSTOMERS = [TYPE[name] for name in ("sale", "return", "exchange", "gift_card")]


class Who(NamedTuple):
    """The subjects of each transaction, (rows,) uint64 keys, 0 nobody."""

    operator: NDArray[np.uint64]
    register: NDArray[np.uint64]
    store: NDArray[np.uint64]
    card: NDArray[np.uint64]
    loyalty: NDArray[np.uint64]
    customer: NDArray[np.uint64]


class Head(NamedTuple):
    """The head of each transaction, (rows,) each: type and status codes, flags, net, time in µs."""

    type: NDArray[np.uint8]
    status: NDArray[np.uint8]
    training: NDArray[np.bool_]
    net: NDArray[np.int64]
    at: NDArray[np.int64]


def known_or_zero(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the values with 0 where unknown: what is not known adds nothing."""
    return np.where(values == unknown_of(values.dtype), 0, values).astype(np.int64)


def measures_of(head: Head, facts: Columns) -> dict[str, NDArray[np.int64]]:
    """Return every measure by name, (rows,) int64; training adds only to `trainings`."""
    real = ~head.training
    effective = real & ((head.status == STATUS["completed"]) | (head.status == STATUS["resumed"]))
    customer = effective & among(head.type, _CUSTOMERS)
    returned = known_or_zero(facts["returned_minor"])
    paid_back = np.where(head.type == TYPE["return"], np.maximum(-known_or_zero(head.net), 0), 0)
    refund = customer & ((head.type == TYPE["return"]) | (returned > 0))
    voids = effective & (head.type == TYPE["void"])
    overrides = known_or_zero(facts["override_lines"])
    discounts = known_or_zero(facts["manual_discount_lines"])
    return {
        "tx": customer.astype(np.int64),
        "refunds": refund.astype(np.int64),
        "voids": voids.astype(np.int64),
        "cancels": (real & (head.status == STATUS["cancelled"])).astype(np.int64),
        "no_sales": (effective & (head.type == TYPE["no_sale"])).astype(np.int64),
        "suspends": (real & (head.status == STATUS["suspended"])).astype(np.int64),
        "trainings": (head.training & (head.type == TYPE["sale"])).astype(np.int64),
        "sales": (customer & (head.type == TYPE["sale"])).astype(np.int64),
        "overrides": np.where(customer, overrides, 0),
        "manual_discounts": np.where(customer, discounts, 0),
        "line_voids": np.where(customer, known_or_zero(facts["voided_lines"]), 0),
        "refund_minor": np.where(refund, np.where(returned > 0, returned, paid_back), 0),
        "override_minor": np.where(customer, known_or_zero(facts["override_minor"]), 0),
        "manual_discount_minor": np.where(
            customer, known_or_zero(facts["manual_discount_minor"]), 0
        ),
        "cash_minor": np.where(effective, known_or_zero(facts["cash_minor"]), 0),
        "net_effect": np.where(customer | voids, known_or_zero(head.net), 0),
    }


def words_of(declared: Rings, measures: dict[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return (rows, words) int64: the declared measures as the rings take them."""
    counts = [measures[measure.what] for measure in declared.counts]
    return packed(counts, [measures[measure.what] for measure in declared.amounts])


def kinds(subject: str, measures: dict[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return (rows,) int64 bits: which of the kinds in SINCE each transaction is."""
    names = {"void": "voids", "cancel": "cancels", "refund": "refunds", "no_sale": "no_sales"}
    names |= {"sale": "sales", "suspend": "suspends", "tx": "tx", "training": "trainings"}
    bits = np.zeros(measures["tx"].size, dtype=np.int64)
    for k, kind in enumerate(SINCE[subject]):
        bits |= (measures[names[kind]] != 0).astype(np.int64) << k
    return bits


def spending_of(who: Who, head: Head, measures: dict[str, NDArray[np.int64]]) -> Spending:
    """Return what a loyalty id or a customer spent and was paid back: all tenders together."""
    tx, refunds, refunded = measures["tx"], measures["refunds"], measures["refund_minor"]
    spent = measures["net_effect"] + refunded
    return Spending(head.at, tx, refunds, spent, refunded, who.store, who.operator)


def card_spending_of(
    who: Who, head: Head, facts: Columns, measures: dict[str, NDArray[np.int64]]
) -> Spending:
    """Return what went over a card and back to it: the card tenders only."""
    tx = measures["tx"]
    counts = (tx + measures["voids"]) > 0
    net = np.where(counts, known_or_zero(facts["card_minor"]), 0)
    back = np.where(tx > 0, known_or_zero(facts["card_refund_minor"]), 0)
    refunds = (back > 0).astype(np.int64)
    return Spending(head.at, tx, refunds, net + back, back, who.store, who.operator)
