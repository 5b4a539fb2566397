"""Reads receipts whose numbers are plainly written in half the time: as floats, not as decimals.

A float holds a number of up to 15 digits exactly, and its shortest text gives the same digits back.
`journal.amounts` makes columns of either; whoever wants the receipts themselves wants decimals.
"""

from decimal import Decimal
from functools import cache
from typing import Any, cast, get_args

import msgspec

from shrinkwatch.records.transaction import Line, PriceChange, Tender, Transaction

Twins = dict[Any, type[msgspec.Struct]]


@cache
def plain_decoder() -> "msgspec.json.Decoder[Transaction]":
    """Return a decoder of transactions whose numbers come as they are written, float or text.

    Only for records whose numbers have at most 9 digits before the point and 6 after it, and no
    exponent (`intake.json_fields` tells); any other number would lose digits.
    """
    twins: Twins = {}
    for kind in (PriceChange, Line, Tender, Transaction):
        twins[kind] = msgspec.defstruct(kind.__name__, _fields(kind, twins), bases=(kind,))
    return msgspec.json.Decoder(cast("type[Transaction]", twins[Transaction]))


def _fields(kind: type[msgspec.Struct], twins: Twins) -> list[tuple[str, Any, Any]]:
    """Return the fields of this record that its twin redefines: numbers, and parts with them."""
    changed: list[tuple[str, Any, Any]] = []
    for field in msgspec.structs.fields(kind):
        if field.type is Decimal:
            changed.append((field.name, float | str, msgspec.field()))
        elif field.type == Decimal | None:
            changed.append((field.name, float | str | None, msgspec.field(default=None)))
        twin = twins.get(next(iter(get_args(field.type)), None))
        if twin is not None:
            parts = tuple.__class_getitem__((twin, ...))
            changed.append((field.name, parts, msgspec.field(default=())))
    return changed
