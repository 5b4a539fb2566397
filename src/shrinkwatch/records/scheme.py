"""The schemes: the known ways in which goods and money leave a store.

A scheme is described here; rules hunt it and the simulated chain plays it. What a feed must carry
to show it (`needs`) is what the detectability report is made of.
"""

import tomllib
from functools import cache
from importlib import resources

from msgspec import Struct, convert

from shrinkwatch.records.alert import SubjectType

ACTOR_FIELDS: dict[SubjectType, str | None] = {
    "operator": "operator_id",
    "approver": "approver_id | price_changes.approver_id",
    "card": "tenders.card_token",
    "customer": "customer_id",
    "loyalty": "loyalty_id",
    "register": "register_id",
    "sku": "lines",
    "vendor": "purchase_documents",
    "receipt": None,
    "store": None,
}
"""The contract field that names such a subject; None where every transaction names one."""


class Scheme(Struct, frozen=True, forbid_unknown_fields=True):
    """One scheme of `schemes.toml`.

    actors: the subject types that it can point at, the likeliest first (CONTRACT §4).
    needs: contract fields without all of which it cannot be seen; "a | b" is satisfied by either.
    helps: contract fields that sharpen the picture.
    """

    number: int
    id: str
    title: str
    actors: tuple[SubjectType, ...]
    needs: tuple[str, ...]
    helps: tuple[str, ...]
    description: str


@cache
def schemes() -> tuple[Scheme, ...]:
    """Return all 41 schemes by number.

    Source: the trade's literature on till fraud and shrink, numbered as the project numbers it.

    >>> [scheme.id for scheme in schemes()[:3]]
    ['post_void', 'cancel_after_total', 'late_line_void']
    """
    text = resources.files("shrinkwatch.records").joinpath("schemes.toml").read_text("utf-8")
    return tuple(convert(tomllib.loads(text)["scheme"], list[Scheme]))


@cache
def scheme_ids() -> frozenset[str]:
    """Return the ids of all schemes, to check a name against."""
    return frozenset(scheme.id for scheme in schemes())


def scheme(id_: str) -> Scheme:
    """Return the scheme of this id.

    Raises: KeyError, if there is none.
    """
    for known in schemes():
        if known.id == id_:
            return known
    raise KeyError(id_)
