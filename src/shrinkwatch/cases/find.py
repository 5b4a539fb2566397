"""Finding whom or what a person means by what he typed."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import get_args

import polars as pl
from msgspec import Struct

from shrinkwatch.cases.names import Names
from shrinkwatch.ports import Journal
from shrinkwatch.records.alert import Alert, Subject, SubjectType
from shrinkwatch.records.trouble import Refused

_OF_A_STORE = {"operator", "approver", "register"}
_KEY_COLUMNS: dict[str, Sequence[str]] = {
    "transactions": (
        *("tx_key", "store_id", "transaction_id", "register_id", "business_date", "sequence"),
    ),
    "lines": ("tx",),
    "price_changes": ("tx",),
    "tenders": ("tx",),
    "events": ("tx",),
}
_MIN_ID = 4


class ReceiptKey(Struct, frozen=True):
    """A receipt as typed: a number, perhaps with its store, or the till's own numbering."""

    store_id: str | None = None
    transaction_id: str | None = None
    register_id: str | None = None
    business_date: date | None = None
    sequence: int | None = None


def subject(text: str, alerts: Iterable[Alert], names: Names) -> Subject:
    """Return whom `text` means.

    text: TYPE:ID or TYPE:STORE/ID (`operator:S07/104`, `sku:22423`), the beginning of an alert's
        id, or a pseudonym of an alert's subject (`7K2M`).
    Raises: Refused, saying how a subject is written.
    """
    if text.partition(":")[0] in get_args(SubjectType):
        return written(text)
    meant = {alert.subject for alert in alerts if _means(text.strip(), alert, names)}
    if len(meant) == 1:
        return meant.pop()
    if meant:
        raise Refused(f"{text} could be {len(meant)} subjects; write more of the alert's id")
    raise Refused(
        f"nobody is known as {text}; write TYPE:STORE/ID like operator:S07/104, TYPE:ID like "
        "customer:12346 or sku:22423, or an alert's id from: shrinkwatch alerts"
    )


def receipt_key(text: str) -> ReceiptKey:
    """Return the receipt that `text` names: NUMBER, STORE/NUMBER or STORE/TILL/DATE/NUMBER.

    Raises: Refused, saying how a receipt is written.

    >>> receipt_key("S07/A-1").transaction_id
    'A-1'
    >>> receipt_key("S07/3/2026-03-02/4213").sequence
    4213
    """
    parts = text.split("/")
    if len(parts) == 4:
        try:
            day, number = date.fromisoformat(parts[2]), int(parts[3])
        except ValueError as error:
            raise Refused(f"{text}: {error}; write STORE/TILL/2026-03-02/4213") from error
        return ReceiptKey(parts[0], None, parts[1], day, number)
    if len(parts) == 1 and text:
        return ReceiptKey(transaction_id=text)
    if len(parts) == 2 and all(parts):
        return ReceiptKey(parts[0], parts[1])
    raise Refused(f"{text} names no receipt; write NUMBER, STORE/NUMBER or STORE/TILL/DATE/NUMBER")


def receipt_tx_keys(journal: Journal, key: ReceiptKey) -> Sequence[int]:
    """Return the transaction keys of the receipts that `key` fits, oldest first; often just one."""
    wanted = [
        pl.col(name) == value
        for name in ReceiptKey.__struct_fields__
        if (value := getattr(key, name)) is not None
    ]
    return [
        tx_key
        for day in journal.days()
        for tx_key in journal.arrivals(day, _KEY_COLUMNS)
        .transactions.filter(*wanted)["tx_key"]
        .to_list()
    ]


def written(text: str) -> Subject:
    """Return the subject that `text` writes out: TYPE:ID, or TYPE:STORE/ID for a member of staff.

    Raises: Refused for an unknown type, and where the store is missing.

    >>> written("operator:S07/104")
    Subject(type='operator', id='104', store_id='S07')
    """
    kind, _, rest = text.partition(":")
    if kind not in get_args(SubjectType):
        raise Refused(f"{kind} is no type of subject; known are {', '.join(get_args(SubjectType))}")
    store, slash, id_ = rest.partition("/")
    if kind in _OF_A_STORE:
        if not (store and slash and id_):
            raise Refused(f"which store's {kind}? Write {kind}:STORE/ID, like {kind}:S07/104")
        return Subject(kind, id_, store)  # type: ignore[arg-type]
    return Subject(kind, rest)  # type: ignore[arg-type]


def _means(text: str, alert: Alert, names: Names) -> bool:
    about = alert.subject
    called = names.of(about.type, about.id, about.store_id).casefold()
    typed = text.casefold()
    by_id = len(text) >= _MIN_ID and alert.alert_id.startswith(typed)
    return by_id or typed in {called, called.rpartition(" ")[2]}
