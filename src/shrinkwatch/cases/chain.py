"""The chain of the audit log: every row holds the one before it fast, so that none can be changed.

A row's hash covers its content, its number and the hash before it. Its seal, and the seal of every
anchor outside the database, need the workspace's key, so that whoever can write the database alone
can neither rewrite the chain nor add to it.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import msgspec
from msgspec import Struct

from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.journal.days import moment_of

START = "0" * 64
"""What stands for the hash before the first row."""

_PURPOSE = "shrinkwatch seals its audit log, 1"


class Row(Struct, frozen=True, kw_only=True):
    """A row of the log, as it is kept.

    number: from 1, without a gap. at_us: microseconds since 1970, UTC. who: a pseudonym of a
    person, or a key or program. detail: JSON. hash: SHA-256 (64 hex digits) of all of these and
    the hash before. seal: HMAC of the hash.
    """

    number: int
    at_us: int
    who: str
    what: str
    about: str
    detail: str
    hash: str = ""
    seal: str = ""

    @property
    def at(self) -> datetime:
        """When it was done, UTC."""
        return moment_of(self.at_us)


class Anchor(Struct, frozen=True):
    """What is kept outside the database: how many rows there were and the hash of the last."""

    rows: int
    head: str
    seal: str

    @property
    def line(self) -> str:
        """The anchor as a line of text, to be kept or sent."""
        return f"{self.rows} {self.head} {self.seal}"


class Verified(Struct, frozen=True):
    """What became of a check.

    rows: how many were looked at. head: hash of the last good one. anchored: the last row that an
    anchor vouches for. bad_row: number of the first bad row, None when all are good. says: what is
    wrong with it.
    """

    rows: int
    head: str
    anchored: int
    bad_row: int | None = None
    says: str = ""


@dataclass(frozen=True, slots=True)
class ChainSeal:
    """Seals rows and anchors with a secret derived from the workspace's key."""

    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, key: TokenKey) -> Self:
        """Return the seal of the workspace that has this key."""
        return cls(key.derived(_PURPOSE))

    def pseudonym(self, name: str) -> str:
        """Return what the log calls a person of this name: the same however it is spelled.

        >>> seal = ChainSeal(bytes(32))
        >>> seal.pseudonym(" Kim ") == seal.pseudonym("kim")
        True
        """
        return "person " + self._mark("person", name.strip().casefold())[:12]

    def link(self, row: Row, before: str) -> Row:
        """Return the row bound to the hash of the row before it, and sealed."""
        hashed = hash_of(row, before)
        return msgspec.structs.replace(row, hash=hashed, seal=self._mark("row", hashed))

    def anchor(self, rows: int, head: str) -> Anchor:
        """Return the anchor that vouches for this many rows, the last with this hash."""
        return Anchor(rows, head, self._mark("anchor", f"{rows} {head}"))

    def read(self, line: str) -> Anchor | None:
        """Return the anchor that a line holds, None when it is none of this workspace."""
        parts = line.split()
        if len(parts) != 3 or not parts[0].isdecimal():
            return None
        found = Anchor(int(parts[0]), parts[1], parts[2])
        true = self.anchor(found.rows, found.head)
        return found if hmac.compare_digest(true.seal.encode(), found.seal.encode()) else None

    def made(self, row: Row) -> bool:
        """Tell whether the row's seal is this workspace's."""
        return hmac.compare_digest(self._mark("row", row.hash).encode(), str(row.seal).encode())

    def _mark(self, kind: str, text: str) -> str:
        return hmac.digest(self.secret, f"{kind}\x1f{text}".encode(), hashlib.sha256).hex()


def hash_of(row: Row, before: str) -> str:
    """Return SHA-256 (64 hex digits) of the row's canonical bytes and the hash before it."""
    said = [row.number, row.at_us, row.who, row.what, row.about, row.detail, before]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def verify(rows: Iterable[Row], anchors: Iterable[str], seal: ChainSeal) -> Verified:
    """Return whether the log is what was written, and if not, the first bad row.

    rows: in the order of their numbers. anchors: the lines kept outside, in any order; empty ones
    are passed over. A line that is no anchor of this workspace is itself a finding.
    """
    promised, forged = _promised(anchors, seal)
    head, count, bad = START, 0, None
    for row in rows:
        says = _wrong(row, count + 1, head, promised.get(count + 1, ()), seal)
        if says is not None:
            bad = (count + 1, says)
            break
        head, count = row.hash, count + 1
    known = max(promised, default=0)
    if bad is None and known > count:
        bad = (count + 1, f"it is missing: an anchor vouches for {known:,} rows")
    anchored = max((rows for rows in promised if rows <= count), default=0)
    if bad is None and forged:
        return Verified(count, head, anchored, None, f"anchor line {forged[0]} is not ours")
    number, says = (None, "") if bad is None else bad
    return Verified(count, head, anchored, number, says)


def _wrong(
    row: Row, number: int, before: str, promised: Iterable[str], seal: ChainSeal
) -> str | None:
    """Return what is wrong with a row that should be this one, or None."""
    if row.number != number:
        return f"it is missing: row {row.number:,} stands in its place"
    if row.hash != hash_of(row, before):
        return "it is not what was written, or not after the row that was before it"
    if not seal.made(row):
        return "its seal is not this workspace's"
    if any(head != row.hash for head in promised):
        return "an anchor vouches for another row in its place"
    return None


def _promised(lines: Iterable[str], seal: ChainSeal) -> tuple[Mapping[int, set[str]], list[int]]:
    """Return the heads that anchors vouch for by number of rows, and the lines that are forged."""
    found: dict[int, set[str]] = {}
    forged = []
    for place, line in enumerate(lines, 1):
        if not line.strip():
            continue
        anchor = seal.read(line)
        if anchor is None:
            forged.append(place)
        else:
            found.setdefault(anchor.rows, set()).add(anchor.head)
    return found, forged
