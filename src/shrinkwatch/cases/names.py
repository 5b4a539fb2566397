"""What people are called on screen and paper: a pseudonym, unless the settings allow ids.

A pseudonym is the same on every page and run of one workspace, cannot be turned back into the id
without the workspace's key, and is short enough to say over the telephone.
"""

import hmac
from hashlib import sha256

from msgspec import Struct

PEOPLE = frozenset({"operator", "approver", "customer", "loyalty", "card", "salesperson", "user"})
"""Kinds of subject behind which a person stands."""

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U to misread
_STAFF = frozenset({"operator", "approver", "salesperson", "user"})
_WORDS = {"approver": "operator", "salesperson": "operator", "loyalty": "loyalty card"}


class Names(Struct, frozen=True):
    """Says what somebody is called. key: the workspace's secret; show_ids: whether ids may show."""

    key: bytes
    show_ids: bool = False

    def of(self, kind: str, id_: str, store_id: str | None = None) -> str:
        """Return what to call this subject, e.g. "operator 7K2M" or "item 4711".

        store_id: the store of a member of staff; the same number in two stores is two people.
        """
        word = _WORDS.get(kind, kind).replace("sku", "item")
        if kind in PEOPLE and not self.show_ids:
            return f"{word} {self.pseudonym(kind, id_, store_id)}"
        return f"{word} {id_}"

    def pseudonym(self, kind: str, id_: str, store_id: str | None = None) -> str:
        """Return four letters or digits that stand for this person: one of about a million.

        >>> names = Names(b"a key")
        >>> names.pseudonym("operator", "101", "S1") == names.pseudonym("approver", "101", "S1")
        True
        >>> names.pseudonym("operator", "101", "S1") == names.pseudonym("operator", "101", "S2")
        False
        """
        staff = kind in _STAFF
        text = "\x1f".join(("staff", store_id or "", id_) if staff else (kind, id_))
        number = int.from_bytes(hmac.digest(self.key, text.encode(), sha256)[:8])
        return "".join(_LETTERS[number >> shift & 31] for shift in (15, 10, 5, 0))
