"""How the columns of a foreign table are to be read as receipts: a TOML file, not a program.

See docs/guide/mapping.md. A value of a receipt comes from a column, is a constant, or is a SQL
expression over the columns; a line of text says which rows are no receipts.
"""

import tomllib
from pathlib import Path

import msgspec
from msgspec import Struct, field

from shrinkwatch.records.trouble import Misconfigured


class BadMapping(Misconfigured):
    """The mapping cannot be used; the message names the entry and what to write instead."""


class Origin(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a value comes from: exactly one of the four.

    column: a column's name. value: the same constant for every row. sql: an expression over
    the columns. sum: a column added up over the rows of a receipt.
    formats: for dates and times, the `strptime` patterns to try, in this order.
    """

    column: str | None = None
    value: str | int | float | bool | None = None
    sql: str | None = None
    sum: str | None = None
    formats: tuple[str, ...] = ()


class Skip(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows that are no receipt line: `when` (SQL) picks them, `reason` is counted and shown."""

    when: str
    reason: str


class Layout(Struct, frozen=True, forbid_unknown_fields=True):
    """How the file writes things down.

    separator, encoding: of a CSV; guessed and UTF-8 where absent. decimal: `.` or `,`.
    empty: texts that mean "not known", beside the empty cell.
    """

    separator: str | None = None
    encoding: str = "utf8"
    decimal: str = "."
    empty: tuple[str, ...] = ()


class Moves(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of the same file that are stock movements: which, and where their values come from."""

    when: str
    fields: dict[str, Origin]


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping as its file says it.

    receipt: the columns whose values together tell one receipt from another.
    time_zone: the zone of times without one, where the store table does not say.
    transaction, line, tender: contract field -> where it comes from.
    """

    receipt: tuple[str, ...]
    transaction: dict[str, Origin]
    line: dict[str, Origin]
    about: str = ""
    tender: dict[str, Origin] = field(default_factory=dict)
    file: Layout = Layout()
    time_zone: str | None = None
    skip: tuple[Skip, ...] = ()
    stock_moves: Moves | None = None


def load_mapping(path: Path) -> Mapping:
    """Return the mapping that a TOML file describes.

    Raises: BadMapping when the file is no TOML or has an entry that mappings do not have.
    """
    return parse_mapping(path.read_text(encoding="utf-8"), path.name)


def parse_mapping(text: str, name: str) -> Mapping:
    """Return the mapping that this TOML text describes; `name` is for messages.

    Raises: BadMapping as `load_mapping`.
    """
    try:
        return msgspec.convert(tomllib.loads(text), Mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadMapping(f"{name}: {error}") from error
