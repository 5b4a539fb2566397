"""How the columns of a foreign table are to be read as receipts: a TOML file, not a program.

See docs/guide/mapping.md. A value of a receipt comes from a column, is a constant, or is a SQL
expression over the columns; a line of text says which rows are no receipts.
"""

import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field

from shrinkwatch.intake.check import is_zone
from shrinkwatch.records.tables import TABLE_COLUMNS
from shrinkwatch.records.transaction import Line, PriceChangeType, Tender, Transaction
from shrinkwatch.records.trouble import Misconfigured


class BadMapping(Misconfigured):
    """The mapping cannot be used; the message names the entry and what to write instead."""


class Origin(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a value comes from: exactly one of column, value, sql and sum.

    column: a column's name. value: the same constant for every row. sql: an expression over
    the columns. sum: a column of numbers added up over the rows of a receipt.
    formats: for dates and times, the `strptime` patterns to try, in this order; ISO 8601 if none.
    empty: texts that mean "not known" here. whole: `12.0` is the text 12.
    """

    column: str | None = None
    value: str | int | float | bool | None = None
    sql: str | None = None
    sum: str | None = None
    formats: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    whole: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError unless exactly one of the four is given."""
        given = [self.column, self.value, self.sql, self.sum]
        if sum(one is not None for one in given) != 1:
            raise ValueError("give exactly one of column, value, sql and sum")


class Skip(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows that are no receipt line: `when` (SQL) picks them, `reason` is counted and shown."""

    when: str
    reason: str


class Layout(Struct, frozen=True, forbid_unknown_fields=True):
    """How the file writes things down.

    separator, encoding: of a CSV; guessed and UTF-8 where absent. decimal: `.` or `,`.
    numbers: columns that hold numbers; in SQL they are numbers, all others are texts.
    empty: texts that mean "not known" in any column, beside the empty cell.
    """

    separator: str | None = None
    encoding: str = "utf8"
    decimal: Literal[".", ","] = "."
    numbers: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """A price change on every line whose amount is neither 0 nor empty; negative lowers."""

    type: PriceChangeType
    amount: Origin
    code: Origin | None = None


class Moves(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of the same file that are stock movements: which, and where their values come from."""

    when: str
    fields: dict[str, Origin]


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping as its file says it.

    receipt: the columns whose values together tell one receipt from another.
    time_zone: the zone of times without one, where the store table does not say.
    transaction, line, tender: contract field -> where it comes from. price_change: on lines.
    """

    receipt: tuple[str, ...]
    transaction: dict[str, Origin]
    line: dict[str, Origin]
    about: str = ""
    tender: dict[str, Origin] = field(default_factory=dict)
    price_change: tuple[Change, ...] = ()
    file: Layout = Layout()
    time_zone: str | None = None
    skip: tuple[Skip, ...] = ()
    stock_moves: Moves | None = None

    @property
    def currency(self) -> str | None:
        """The currency, where it is the same for every row."""
        origin = self.transaction.get("currency")
        return str(origin.value) if origin is not None and origin.value is not None else None

    @property
    def columns(self) -> set[str]:
        """The columns of the file that are named outside of SQL."""
        origins = [*self.transaction.values(), *self.line.values(), *self.tender.values()]
        named = {origin.column or origin.sum for origin in origins}
        return {*self.receipt, *self.file.numbers, *(name for name in named if name is not None)}


def load_mapping(path: Path) -> Mapping:
    """Return the mapping that a TOML file describes.

    path: a file; where there is none, the name of a mapping that is shipped (`online_retail`).
    Raises: BadMapping when there is neither, or it cannot be used.
    """
    if path.is_file():
        return parse_mapping(path.read_text(encoding="utf-8"), path.name)
    name = path.name.removesuffix(".toml")
    if name not in shipped():
        raise BadMapping(f"{path} is no file; shipped mappings are: {', '.join(shipped())}")
    return shipped_mapping(name)


def shipped_mapping(name: str) -> Mapping:
    """Return one of the mappings that `shipped` names."""
    return parse_mapping(_shipped_folder().joinpath(f"{name}.toml").read_text("utf-8"), name)


def shipped() -> list[str]:
    """Return the names of the mappings that come with Shrinkwatch."""
    names = [entry.name for entry in _shipped_folder().iterdir()]
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def _shipped_folder() -> Traversable:
    return resources.files("shrinkwatch.intake") / "mappings"


def parse_mapping(text: str, name: str) -> Mapping:
    """Return the mapping that this TOML text describes; `name` is for messages.

    Raises: BadMapping when it is no TOML, or has an entry that mappings do not have.
    """
    try:
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadMapping(f"{name}: {error}") from error
    _check(mapping, name)
    return mapping


def _check(mapping: Mapping, name: str) -> None:
    sections: dict[str, tuple[dict[str, Origin], set[str]]] = {
        "transaction": (mapping.transaction, _fields(Transaction)),
        "line": (mapping.line, _fields(Line)),
        "tender": (mapping.tender, _fields(Tender)),
    }
    if mapping.stock_moves is not None:
        columns = set(TABLE_COLUMNS["stock_moves"])
        sections["stock_moves.fields"] = (mapping.stock_moves.fields, columns)
    for section, (origins, known) in sections.items():
        for unknown in sorted(set(origins) - known):
            raise BadMapping(f"{name}: [{section}] {unknown} is no field of the contract")
    if mapping.time_zone is not None and not is_zone(mapping.time_zone):
        raise BadMapping(f"{name}: time_zone {mapping.time_zone} is no zone; write Europe/London")
    if "sku" not in mapping.line or not {"extended", "list_price"} & set(mapping.line):
        raise BadMapping(f"{name}: [line] needs sku, and extended or list_price")
    if not mapping.receipt:
        raise BadMapping(f"{name}: receipt names no column: what tells one receipt from another?")


def _fields(struct: type[Struct]) -> set[str]:
    return {field.name for field in msgspec.structs.fields(struct)} - _LISTS


_LISTS = {"lines", "tenders", "events", "price_changes", "original"}
