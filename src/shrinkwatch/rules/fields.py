"""The fields that a feed may or may not carry, and how to tell whether this one does."""

import tomllib
from functools import cache
from importlib import resources

from msgspec import Struct, convert


class Field(Struct, frozen=True, forbid_unknown_fields=True):
    """One field of the contract, as `needs` and `helps` name it (fields.toml).

    part: the frame of a batch or the table that has it; "stores_named" is the number of stores
        that receipts name; "outside" is what no till feed has.
    of: SQL over that part, the rows that could carry it; None: one row is enough.
    given: SQL over that part, the rows that carry it; None: never seen in a till feed.
    shown: SQL over the feature frame, the receipts that prove it; None: not visible there.
    ask: what it would take to have it.
    """

    name: str
    part: str
    ask: str
    of: str | None = None
    given: str | None = None
    shown: str | None = None


@cache
def fields() -> dict[str, Field]:
    """Return every field by name."""
    text = resources.files("shrinkwatch.rules").joinpath("fields.toml").read_text("utf-8")
    return {field.name: field for field in convert(tomllib.loads(text)["field"], list[Field])}


@cache
def field_names() -> frozenset[str]:
    """Return the names of all fields, to check a name against."""
    return frozenset(fields())


def alternatives(need: str) -> tuple[str, ...]:
    """Return the names of the fields any of which satisfies this need.

    >>> alternatives("type.no_sale | events.drawer_open")
    ('type.no_sale', 'events.drawer_open')
    """
    return tuple(need.split(" | "))
