"""Keeps people from clearing themselves: whose answer does not count on which alert, and why.

An answer of somebody whom the settings do not name cannot be checked; it counts.
Source: RELIABILITY, "Insider poisoning (the investigator is the thief)".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from msgspec import Struct

from shrinkwatch.records.alert import Alert, NaturalKey
from shrinkwatch.records.labeller import Labeller

StoreId = tuple[str, str]
"""A store and an id in it, of an operator or a till."""

_STAFF = ("operator", "approver")
_TX_STORE = "transaction_store_id"


class Barred(Struct, frozen=True):
    """An answer that is kept and does not count.

    row_id: of the label. about: what it answered, in words. alert_id: None where no alert.
    """

    row_id: str
    by: str
    about: str
    why: str
    alert_id: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who answers: his ids at the till, his tills, and the stores in which he works."""

    ids: frozenset[StoreId]
    tills: frozenset[StoreId]
    stores: frozenset[str]


@dataclass(frozen=True, slots=True)
class Touched:
    """Whom and what an alert or a receipt is about.

    subjects: members of staff who are its subject or took part in it. hands: who rang up its
    receipts. tills, stores: where.
    """

    subjects: frozenset[StoreId] = frozenset()
    hands: frozenset[StoreId] = frozenset()
    tills: frozenset[StoreId] = frozenset()
    stores: frozenset[str] = frozenset()


def called(name: str) -> str:
    """Return the name as it is compared: without case and outer spaces."""
    return name.strip().casefold()


def people(labellers: Sequence[Labeller], operators: pl.DataFrame) -> dict[str, Person]:
    """Return who the people of the settings are, by `called` name.

    operators: the operators table; an employee has all ids that it links to him.
    """
    listed = operators.select("store_id", "operator_id", "employee_id").rows()
    employee = {(store, id_): who for store, id_, who in listed if who is not None}
    known = {}
    for one in labellers:
        own = {(one.store_id, one.operator_id)} if one.store_id and one.operator_id else set()
        whos = {one.employee_id, *(employee.get(id_) for id_ in own)} - {None}
        ids = own | {id_ for id_, who in employee.items() if who in whos}
        tills = {(one.store_id, one.register_id)} if one.store_id and one.register_id else set()
        stores = {one.store_id} if one.store_id else {store for store, _ in ids}
        known[called(one.name)] = Person(frozenset(ids), frozenset(tills), frozenset(stores))
    return known


def of_alert(alert: Alert, hands: Mapping[NaturalKey, str]) -> Touched:
    """Return whom and what the alert is about. hands: receipt -> who rang it up, where known."""
    keys = alert.transactions
    stores = {key.store_id for key in keys}
    if alert.subject.store_id is not None:
        stores.add(alert.subject.store_id)
    staff = {(store, one.id) for one in alert.related if one.type in _STAFF for store in stores}
    tills = {(key.store_id, key.register_id) for key in keys if key.register_id is not None}
    if alert.subject.store_id is not None:
        whom = (alert.subject.store_id, alert.subject.id)
        staff |= {whom} if alert.subject.type in _STAFF else set()
        tills |= {whom} if alert.subject.type == "register" else set()
    rung = {(key.store_id, hands[key]) for key in keys if key in hands}
    return Touched(frozenset(staff), frozenset(rung), frozenset(tills), frozenset(stores))


def of_label(label: Mapping[str, Any], hands: Mapping[NaturalKey, str]) -> Touched:
    """Return whom and what a label without an alert is about: a subject, or a receipt."""
    store, id_ = label["store_id"], label["subject_id"]
    if id_ is not None:
        stores = frozenset() if store is None else frozenset({store})
        whom = frozenset() if store is None else frozenset({(store, id_)})
        nobody: frozenset[StoreId] = frozenset()
        is_till = label["subject_type"] == "register"
        is_staff = label["subject_type"] in _STAFF
        return Touched(
            whom if is_staff else nobody, tills=whom if is_till else nobody, stores=stores
        )
    store, till, key = label[_TX_STORE], label["register_id"], receipt_of(label)
    rung = {(store, hands[key])} if key is not None and key in hands else set()
    tills = {(store, till)} if till is not None else set()
    return Touched(frozenset(), frozenset(rung), frozenset(tills), frozenset({store}))


def receipt_of(label: Mapping[str, Any]) -> NaturalKey | None:
    """Return the receipt that the label names, None where it names none or not its source."""
    if label["source"] is None or label[_TX_STORE] is None:
        return None
    if label["transaction_id"] is not None:
        return NaturalKey(label["source"], label[_TX_STORE], label["transaction_id"])
    till = {name: label[name] for name in ("register_id", "business_date", "sequence")}
    return None if None in till.values() else NaturalKey(label["source"], label[_TX_STORE], **till)


def conflict(person: Person, touched: Touched, *, own_store: bool) -> str | None:
    """Return why this person's answer does not count, None where it does.

    own_store: whether people may answer alerts of the store in which they work.
    """
    if person.ids & touched.subjects:
        return "it is about this person"
    if person.ids & touched.hands:
        return "this person rang up some of the receipts"
    if person.tills & touched.tills:
        return "it is about this person's till"
    if not own_store and person.stores & touched.stores:
        return "it is about this person's own store"
    return None


def barred(
    labels: pl.DataFrame,
    alerts: Iterable[Alert],
    known: Mapping[str, Person],
    hands: Mapping[NaturalKey, str],
    *,
    own_store: bool,
) -> list[Barred]:
    """Return the labels that do not count.

    labels: the labels table. known: of `people`. hands: receipt -> operator who rang it up.
    """
    by_id = {alert.alert_id: alert for alert in alerts}
    found = []
    for label in labels.filter(pl.col("by").is_not_null()).iter_rows(named=True):
        person = known.get(called(label["by"]))
        if person is None:
            continue
        alert = by_id.get(label["alert_id"])
        if alert is None and label["alert_id"] is not None:
            continue
        touched = of_label(label, hands) if alert is None else of_alert(alert, hands)
        why = conflict(person, touched, own_store=own_store)
        if why is not None:
            whom = (label["row_id"], label["by"], _about(label), why, label["alert_id"])
            found.append(Barred(*whom))
    return found


def _about(label: Mapping[str, Any]) -> str:
    if label["alert_id"] is not None:
        return f"alert {label['alert_id'][:6]}"
    if label["subject_id"] is not None:
        where = "" if label["store_id"] is None else f" of store {label['store_id']}"
        return f"a {label['subject_type']}{where}"
    return f"a receipt of store {label[_TX_STORE]}"
