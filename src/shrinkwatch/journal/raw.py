"""What many records say, side by side, just as the feed gave it."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, Self, TypeVar

import numpy as np
import polars as pl
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo
from msgspec.structs import fields as fields_of
from numpy.typing import NDArray

from shrinkwatch.intake.plain_lines import PlainLines
from shrinkwatch.journal.amounts import Numbers, numbers
from shrinkwatch.journal.days import day_number
from shrinkwatch.journal.moments import NEVER, Readings, readings
from shrinkwatch.journal.texts import Coded, Listed, Texts
from shrinkwatch.records.batch import PARTS
from shrinkwatch.records.transaction import (
    Event,
    Line,
    Original,
    PriceChange,
    Tender,
    Transaction,
)

TIMES = {
    "transactions": ("began_at", "ended_at", "totaled_at", "arrived_at", "updated_at"),
    "lines": ("at", "void_at"),
    "events": ("at",),
}
NUMBERS = {
    "transactions": ("net", "gross", "discount", "tax"),
    "lines": ("quantity", "weight", "list_price", "unit_cost", "extended"),
    "price_changes": ("amount",),
    "tenders": ("amount",),
}
INTEGERS = {
    "transactions": ("sequence", "revision", "receipt_reprints"),
    "lines": ("line",),
}
FIELDS: dict[str, type[Struct]] = {
    "transactions": Transaction,
    "lines": Line,
    "price_changes": PriceChange,
    "tenders": Tender,
    "events": Event,
}

_NO_INTEGER = pl.Series([None], dtype=pl.Int64)

Column = tuple[str, str]
"""Part of a record and name of the field in it, e.g. ("lines", "at")."""

Fields = dict[str, list[Any]]
"""One list per field of a record, a value per record; None where the feed said nothing."""

_Record = TypeVar("_Record", bound=Struct)


def fields(
    records: Sequence[_Record], kind: type[_Record], given: Collection[str] | None = None
) -> Fields:
    """Return the fields of the records, by name, each a list in the records' order.

    given: the fields that some record has; what is not named has its default everywhere.
    """
    found: Fields = {}
    for field in _fields_of(kind):
        if given is None or field.name in given:
            found[field.name] = list(map(attrgetter(field.name), records))
        else:
            found[field.name] = [_default(field)] * len(records)
    return found


@cache
def _fields_of(kind: type[Struct]) -> tuple[FieldInfo, ...]:
    return fields_of(kind)


def _default(field: FieldInfo) -> object:
    """Return what the field is where nobody gives it; an empty sequence has one, () for []."""
    return () if field.default is NODEFAULT else field.default


class RawParts:
    """What transactions and everything in them say, by column, and the row each belongs to.

    A column is a part of a record and the name of a field in it; one that no record gives may be
    lacking. said: per part, the names of the fields that any record gives or that have a default.
    times, numbers, whole (Int64), flags (Boolean), texts: by column. oversized: True where a whole
    number is too large to be one. dates: int64 days since 1970, NEVER where there is none.
    originals: per part, what its rows name as their original; empty where none does. tx: per part,
    the row of each record's transaction, sorted. change_line: the row of the line that a price
    change is on, -1 for the whole receipt.
    """

    __slots__ = (
        "change_line",
        "dates",
        "flags",
        "numbers",
        "originals",
        "oversized",
        "said",
        "texts",
        "times",
        "tx",
        "whole",
    )

    def __init__(self, tx: dict[str, NDArray[np.int64]], change_line: NDArray[np.int64]) -> None:
        self.tx = tx
        self.change_line = change_line
        self.said: dict[str, set[str]] = {part: set() for part in PARTS}
        self.times: dict[Column, Readings] = {}
        self.numbers: dict[Column, Numbers] = {}
        self.whole: dict[Column, pl.Series] = {}
        self.oversized: dict[Column, NDArray[np.bool_]] = {}
        self.flags: dict[Column, pl.Series] = {}
        self.texts: dict[Column, Texts] = {}
        self.dates: dict[Column, NDArray[np.int64]] = {}
        self.originals: dict[str, Sequence[Original | None]] = dict.fromkeys(PARTS, ())

    @classmethod
    def of_records(
        cls, transactions: Sequence[Transaction], given: Collection[str] | None = None
    ) -> Self:
        """Return what these transactions say.

        given: the names of the fields that any record has; None: look at all.
        """
        top = fields(transactions, Transaction, given)
        line = fields(list(chain.from_iterable(top["lines"])), Line, given)
        of_line = _owners(top["lines"])
        changes, change_tx, change_line = _price_changes(top, line, of_line)
        tx = {
            "transactions": np.arange(len(transactions)),
            "lines": of_line,
            "price_changes": change_tx,
            "tenders": _owners(top["tenders"]),
            "events": _owners(top["events"]),
        }
        found = cls(tx, change_line)
        found._take("transactions", top)
        found._take("lines", line)
        found._take("price_changes", fields(changes, PriceChange, given))
        for part, kind in (("tenders", Tender), ("events", Event)):
            found._take(part, fields(list(chain.from_iterable(top[part])), kind, given))
        return found

    @classmethod
    def of_lines(cls, lines: PlainLines) -> Self:
        """Return what these lines say."""
        tx = {part: found.tx for part, found in lines.parts.items()}
        found = cls(tx, lines.change_line)
        for part, of in lines.parts.items():
            for name, (texts, codes) in of.texts.items():
                found.texts[part, name] = Coded(texts, codes)
            for name, value in of.numbers.items():
                nowhere = np.zeros(value.size, dtype=np.bool_)
                found.numbers[part, name] = Numbers(value, nowhere, value)
            for name, (count, present) in of.counts.items():
                found.whole[part, name] = nullable(count, present)
            for name, flags in of.flags.items():
                found.flags[part, name] = pl.Series(flags)
            for name, reading in of.times.items():
                found.times[part, name] = Readings(*reading)
            for name, days in of.dates.items():
                found.dates[part, name] = days
            found.originals[part] = of.originals
            said = (of.texts, of.numbers, of.counts, of.flags, of.times, of.dates)
            found.said[part] = {name for kind in said for name in kind}
            if of.originals:
                found.said[part].add("original")
        return found

    def _take(self, part: str, given: Fields) -> None:
        """Add the fields of a part that any record gives."""
        for name, values in given.items():
            if is_missing(values):
                continue
            column = part, name
            self.said[part].add(name)
            if name in TIMES.get(part, ()):
                self.times[column] = readings(values)
            elif name in NUMBERS.get(part, ()):
                self.numbers[column] = numbers(values)
            elif name in INTEGERS.get(part, ()):
                self.whole[column], self.oversized[column] = whole_numbers(values)
            elif name == "original":
                self.originals[part] = values
            elif name == "business_date":
                self.dates[column] = days_of(values)
            elif PARTS[part].get(name) is pl.Boolean:
                self.flags[column] = pl.Series(values, dtype=pl.Boolean)
            elif name not in PARTS:
                self.texts[column] = Listed(values)


def days_of(values: Sequence[date | None]) -> NDArray[np.int64]:
    """Return dates as days since 1970, NEVER where there is none."""
    days = [NEVER if value is None else day_number(value) for value in values]
    return np.array(days, dtype=np.int64)


def _owners(children: Sequence[Sequence[object]]) -> NDArray[np.int64]:
    """Return the row number of the parent of each child."""
    return np.repeat(np.arange(len(children)), np.fromiter(map(len, children), np.int64))


def _price_changes(
    top: Fields, line: Fields, of_line: NDArray[np.int64]
) -> tuple[list[PriceChange], NDArray[np.int64], NDArray[np.int64]]:
    """Return all price changes sorted by transaction, their transactions and the rows of lines.

    Within a transaction the changes of its lines come first; those on the whole have line -1.
    """
    changes: list[PriceChange] = list(chain.from_iterable(line["price_changes"]))
    rows = _owners(line["price_changes"])
    on_whole = list(chain.from_iterable(top["price_changes"]))
    if not on_whole:
        return changes, of_line[rows], rows
    changes += on_whole
    tx = np.concatenate((of_line[rows], _owners(top["price_changes"])))
    rows = np.concatenate((rows, np.full(len(on_whole), -1)))
    order = np.argsort(tx, kind="stable")
    return [changes[place] for place in order.tolist()], tx[order], rows[order]


def is_missing(values: Sequence[object]) -> bool:
    """Tell whether the feed left this field out everywhere; quick where it did not."""
    return len(values) == 0 or (values[0] is None and values.count(None) == len(values))


def whole_numbers(values: list[Any]) -> tuple[pl.Series, NDArray[np.bool_]]:
    """Return an Int64 series, and True where a number is too large to be one."""
    nothing = np.zeros(len(values), dtype=np.bool_)
    try:
        return pl.Series(values, dtype=pl.Int64), nothing
    except (OverflowError, TypeError):
        huge = np.array([value is not None and abs(value) >= 2**53 for value in values])
        kept = [None if bad else value for bad, value in zip(huge, values, strict=True)]
        return pl.Series(kept, dtype=pl.Int64), huge


def nullable(values: NDArray[np.int64], present: NDArray[np.bool_]) -> pl.Series:
    """Return the values with null where nothing is present."""
    series = pl.Series(values)
    if present.all():
        return series
    return pl.Series(np.where(present, values, 0)).zip_with(pl.Series(present), _NO_INTEGER)
