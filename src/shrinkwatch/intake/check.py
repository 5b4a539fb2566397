"""Says what is impossible about a record: a reject has a reason that a person can act on.

A broken sum is not impossible (that is a finding); a price of NaN, a year 0201 or a record without
a key is.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shrinkwatch.records.money import is_currency
from shrinkwatch.records.transaction import Original, PriceChange, Transaction

LARGEST_AMOUNT = Decimal(10) ** 12
"""An amount, quantity or price this large is a fault of the feed, not a sale."""
FINEST = -30
"""The smallest exponent that a number may carry; 0.30000000000000004 is a till's arithmetic."""
LARGEST_INTEGER = 2**53
LARGEST_COUNT = 2**31 - 1
FIRST_YEAR, LAST_YEAR = 1970, 2199
LONGEST_KEY = 200

Complaint = tuple[str, str]
"""A reason code and its sentence."""


def complaint(transaction: Transaction) -> Complaint | None:
    """Return why this record cannot be taken, or None when it can.

    Reason codes: `missing_field` (no key, no time, an empty id) and `impossible_value` (a number
    that is not finite or absurdly large, a count below zero, a year outside 1970 to 2199, a
    currency that ISO 4217 does not know).
    """
    return (
        missing(transaction)
        or _first(_bad_numbers(transaction))
        or _first(_bad_counts(transaction))
        or _first(_bad_times(transaction))
        or _bad_text(transaction)
    )


def missing(transaction: Transaction) -> Complaint | None:
    """Return which part of the key or the time is lacking, or None."""
    if transaction.ended_at is None and transaction.began_at is None:
        return _lacks("ended_at or began_at", "give at least one of the two times")
    if not transaction.source or not transaction.store_id:
        return _lacks("source or store_id", "it is an empty text; every record names both")
    if transaction.transaction_id:
        return None
    if not transaction.register_id or transaction.sequence is None:
        return _lacks(
            "transaction_id, or register_id and sequence",
            "without a key a record cannot be told from another",
        )
    return None


def _lacks(what: str, so: str) -> Complaint:
    return "missing_field", f"{what} is missing: {so}"


def _first(bad: Iterator[tuple[str, object]]) -> Complaint | None:
    for field, value in bad:
        return "impossible_value", f"{field} is {str(value)[:60]}, which cannot be"
    return None


def _bad_numbers(t: Transaction) -> Iterator[tuple[str, object]]:
    numbers: list[tuple[str, Decimal | None]] = [
        ("net", t.net),
        ("gross", t.gross),
        ("discount", t.discount),
        ("tax", t.tax),
        *_amounts("price_changes", t.price_changes),
    ]
    for line in t.lines:
        numbers += (
            ("lines.quantity", line.quantity),
            ("lines.weight", line.weight),
            ("lines.list_price", line.list_price),
            ("lines.unit_cost", line.unit_cost),
            ("lines.extended", line.extended),
        )
        numbers += _amounts("lines.price_changes", line.price_changes)
    numbers += [("tenders.amount", tender.amount) for tender in t.tenders]
    for field, number in numbers:
        if number is not None and not is_plausible(number):
            yield field, number


def is_plausible(number: Decimal) -> bool:
    """Tell whether a number is finite, below a million million and not absurdly fine."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= FINEST and number.adjusted() < 12


def _amounts(field: str, changes: Iterable[PriceChange]) -> list[tuple[str, Decimal | None]]:
    return [(f"{field}.amount", change.amount) for change in changes]


def _bad_counts(t: Transaction) -> Iterator[tuple[str, object]]:
    originals: list[Original | None] = [t.original, *(line.original for line in t.lines)]
    counts = [("sequence", t.sequence), ("revision", t.revision)]
    counts += [("original.sequence", o.sequence) for o in originals if o is not None]
    for field, count in counts:
        if count is not None and not 0 <= count <= LARGEST_INTEGER:
            yield field, count
    small = [("receipt_reprints", t.receipt_reprints), *(("lines.line", ln.line) for ln in t.lines)]
    for field, count in small:
        if count is not None and not 0 <= count <= LARGEST_COUNT:
            yield field, count


def _bad_times(t: Transaction) -> Iterator[tuple[str, object]]:
    times: list[tuple[str, date | datetime | None]] = [
        ("began_at", t.began_at),
        ("ended_at", t.ended_at),
        ("totaled_at", t.totaled_at),
        ("arrived_at", t.arrived_at),
        ("updated_at", t.updated_at),
        ("business_date", t.business_date),
        ("original.business_date", None if t.original is None else t.original.business_date),
    ]
    for line in t.lines:
        times += (("lines.at", line.at), ("lines.void_at", line.void_at))
        if line.original is not None:
            times.append(("lines.original.business_date", line.original.business_date))
    times += [("events.at", event.at) for event in t.events]
    for field, time in times:
        if time is not None and not FIRST_YEAR <= time.year <= LAST_YEAR:
            yield field, time


def _bad_text(t: Transaction) -> Complaint | None:
    keys = (t.source, t.store_id, t.register_id, t.transaction_id)
    if any(key and (len(key) > LONGEST_KEY or min(key) < " ") for key in keys):
        sentence = f"a key is longer than {LONGEST_KEY} characters or holds a control character"
        return "impossible_value", sentence
    if t.currency is not None and not is_currency(t.currency):
        return "impossible_value", f"currency is {t.currency[:20]!r}; write an ISO 4217 code: EUR"
    return None


@cache
def is_zone(name: str) -> bool:
    """Tell whether the IANA database knows a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
