"""The contract's fields as a walk over plainly written lines needs them: slots, columns and bits.

A column is a field of a part, or of the original that a transaction or a line of it names. Each row
of a part has bits that say which of its fields were given.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import product
from typing import Any, Final, Literal, get_args, get_origin

import msgspec
import numpy as np
from msgspec.structs import FieldInfo
from numpy.typing import NDArray

from shrinkwatch.intake import plain_values
from shrinkwatch.intake.json_fields import SLOTS, name_hash
from shrinkwatch.intake.plain_walk import ORIGINAL, ORIGINAL_OF_TRANSACTION, PARTS, VALUE
from shrinkwatch.records import transaction as till

PART_NAMES: Final = ("transactions", "lines", "tenders", "events", "price_changes")
_STRUCTS: Final = (till.Transaction, till.Line, till.Tender, till.Event, till.PriceChange)
_KEY_NAMES: Final = ("source", "store_id", "register_id", "transaction_id")
_SHAPE_OF_PARTS: Final = {"lines": 1, "tenders": 2, "events": 3, "price_changes": 4}


class Kind(Enum):
    """What a field says; PARTS are other records, ORIGINAL the transaction that one names."""

    TEXT = str
    NUMBER = Decimal
    COUNT = int
    FLAG = bool
    TIME = datetime
    DATE = date
    ORIGINAL = till.Original
    PARTS = tuple


_CODES: Final = {
    Kind.TEXT: plain_values.TEXT,
    Kind.NUMBER: plain_values.NUMBER,
    Kind.COUNT: plain_values.COUNT,
    Kind.FLAG: plain_values.FLAG,
    Kind.TIME: plain_values.TIME,
    Kind.DATE: plain_values.DATE,
}


@dataclass(frozen=True, slots=True)
class PlainField:
    """One field of a part, or of the original that it names.

    bit: of the row's bits. words: what it may say, where that is fixed. is_key: whether it is part
    of a transaction's key.
    """

    name: str
    of_original: bool
    kind: Kind
    column: int
    bit: int
    nullable: bool
    required: bool
    default: object
    words: tuple[str, ...]

    @property
    def is_key(self) -> bool:
        """Whether a transaction is known by it: its text must then be short and plain."""
        return self.name in _KEY_NAMES


@dataclass(frozen=True, slots=True)
class Layout:
    """All fields, and the tables of `plain_walk.walk` and `plain_values.read_columns`.

    part_of: the part of each column. owner: the first column of each part, its transaction's row.
    smallest: so many bytes at least has an object of each part. columns: those with values.
    of_kind: fields by part, whether they are of the original that it names, and kind. texts: all
    fields with texts. original_bit: by part, of the field that names an original.
    """

    hashes: NDArray[np.uint64]
    table: NDArray[np.int64]
    shapes: NDArray[np.int64]
    owner: NDArray[np.int64]
    part_of: NDArray[np.int64]
    smallest: tuple[int, ...]
    columns: NDArray[np.int64]
    of_kind: dict[tuple[int, bool, Kind], list[PlainField]]
    texts: tuple[PlainField, ...]
    original_bit: dict[int, int]


@cache
def layout() -> Layout:
    """Return the layout of the contract's fields."""
    fields: list[tuple[PlainField, ...]] = []
    owner, column = [], 0
    for struct in _STRUCTS:
        owner.append(column)
        column += 1 + (struct is till.PriceChange)
        fields.append(tuple(_fields_of_part(struct, column)))
        column += len(fields[-1])
    part_of = np.repeat(np.arange(len(owner)), np.diff([*owner, column]))
    hashes, table, shapes = _tables(fields)
    smallest = tuple(2 + sum(len(one.name) + 4 for one in own if one.required) for own in fields)
    every = [(part, one) for part, own in enumerate(fields) for one in own]
    of_kind: dict[tuple[int, bool, Kind], list[PlainField]] = {
        key: [] for key in product(range(len(fields)), (False, True), Kind)
    }
    for part, one in every:
        of_kind[part, one.of_original, one.kind].append(one)
    return Layout(
        hashes,
        table,
        shapes,
        np.array(owner),
        part_of,
        smallest,
        columns=np.array([_known(part, one) for part, one in every if one.kind in _CODES]),
        of_kind=of_kind,
        texts=tuple(one for _, one in every if one.kind is Kind.TEXT),
        original_bit={part: one.bit for part, one in every if one.kind is Kind.ORIGINAL},
    )


def _known(part: int, one: PlainField) -> list[int]:
    """Return what `plain_values` must know of a field's column."""
    flag = one.default is True
    return [part, one.column, one.bit, _CODES[one.kind], flag, one.default is not None]


def _fields_of_part(struct: type[msgspec.Struct], column: int) -> Iterator[PlainField]:
    own = [(field, False) for field in msgspec.structs.fields(struct)]
    if any(field.name == "original" for field, _ in own):
        own += [(field, True) for field in msgspec.structs.fields(till.Original)]
    for bit, (field, of_original) in enumerate(own):
        yield PlainField(
            name=field.name,
            of_original=of_original,
            kind=_kind(field),
            column=column + bit,
            bit=bit,
            nullable=type(None) in get_args(field.type),
            required=field.required,
            default=None if field.default is msgspec.NODEFAULT else field.default,
            words=_words(field.type),
        )


def _kind(field: FieldInfo) -> Kind:
    if _words(field.type):
        return Kind.TEXT
    kinds = {kind.value: kind for kind in Kind}
    said: tuple[Any, ...] = (get_origin(field.type), field.type, *get_args(field.type))
    return next(kinds[kind] for kind in said if kind in kinds)


def _words(kind: Any) -> tuple[str, ...]:
    """Return the words that a field may say, none where it may say any."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    return next((words for one in get_args(kind) if (words := _words(one))), ())


def _tables(
    fields: list[tuple[PlainField, ...]],
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the hashes of names and what is known of their fields, by slot, and the shapes.

    Shapes are those of the parts, in their order, then originals of transactions and of lines.
    """
    hashes = np.zeros(SLOTS, np.uint64)
    table = np.zeros((SLOTS, 5), np.int64)
    shapes = [[part, 0, part] for part in range(len(fields))]
    shapes += [[0, 0, ORIGINAL_OF_TRANSACTION], [1, 0, ORIGINAL_OF_TRANSACTION]]
    for part, own in enumerate(fields):
        for field in own:
            original = ORIGINAL_OF_TRANSACTION + part
            shape = original if field.of_original else part
            value = name_hash(shape, field.name.encode())
            slot = value % SLOTS
            while hashes[slot]:
                slot = (slot + 1) % SLOTS
            hashes[slot] = value
            holds = {Kind.PARTS: PARTS, Kind.ORIGINAL: ORIGINAL}.get(field.kind, VALUE)
            child = _SHAPE_OF_PARTS.get(field.name, original)
            table[slot] = holds, field.column, field.bit, field.nullable, child
            if field.required:
                shapes[shape][1] |= 1 << field.bit
    return hashes, table, np.array(shapes)
