"""The fields of many records side by side, just as the feed gave them."""

from collections.abc import Collection, Sequence
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
import polars as pl
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo
from msgspec.structs import fields as fields_of
from numpy.typing import NDArray

from shrinkwatch.records.transaction import Event, Line, PriceChange, Tender, Transaction

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
    """Transactions and everything in them as lists of fields, with the row each belongs to.

    fields: per part of a record, its fields. said: per part, the names of those that any record
    gives. tx: per part, the row of each record's transaction, sorted. change_line: the row of the
    line that a price change is on, -1 for the whole receipt.
    """

    __slots__ = ("change_line", "fields", "said", "tx")

    def __init__(
        self, transactions: Sequence[Transaction], given: Collection[str] | None = None
    ) -> None:
        top = fields(transactions, Transaction, given)
        line = fields(list(chain.from_iterable(top["lines"])), Line, given)
        of_line = _owners(top["lines"])
        changes, change_tx, self.change_line = _price_changes(top, line, of_line)
        self.fields: dict[str, Fields] = {
            "transactions": top,
            "lines": line,
            "price_changes": fields(changes, PriceChange, given),
            "tenders": fields(list(chain.from_iterable(top["tenders"])), Tender, given),
            "events": fields(list(chain.from_iterable(top["events"])), Event, given),
        }
        self.said: dict[str, frozenset[str]] = {
            part: frozenset(name for name, values in found.items() if not is_missing(values))
            for part, found in self.fields.items()
        }
        self.tx: dict[str, NDArray[np.int64]] = {
            "transactions": np.arange(len(transactions)),
            "lines": of_line,
            "price_changes": change_tx,
            "tenders": _owners(top["tenders"]),
            "events": _owners(top["events"]),
        }


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
