"""A piece of a till file small enough to be read at one go, and what became of it.

The main process cuts files into blocks (cheap); any process reads them (dear). Both shapes are
plain data and can be pickled.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from shrinkwatch.intake.claim import Claim
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.transaction import Transaction

BLOCK_BYTES = 16 << 20
"""How much of a file goes into one block, about 15,000 receipts of eight lines."""
LONGEST_RECORD = 8 << 20
"""A record longer than this (8 MiB) is no receipt; only its beginning is kept."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records of one file, not yet read: whatever the format, one JSON object a line.

    raw: the lines; card numbers are still in them: never store this.
    file: the name of the file, for rejects.
    place: what the first line is in the file (line, row or element number, from 1).
    places: the same per line, where they do not simply count up.
    originals: what each line was made of (rows, an XML element), where it came in another form.
    damage: reason code and sentence where these bytes are no records at all.
    """

    raw: bytes = field(repr=False)
    file: str
    place: int = 1
    places: tuple[int, ...] | None = field(default=None, repr=False)
    originals: tuple[bytes, ...] | None = field(default=None, repr=False)
    damage: tuple[str, str] | None = None
    skipped: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class ReadBlock:
    """What a block said: every record of it is a transaction or a reject.

    lines: the line of the block (from 0) that each transaction stands on.
    claims: which transaction each reject says it is, as far as it can be told.
    unknown_fields: how often each field occurred that the contract does not know, by its dotted
    name (`lines.colour`).
    skipped: rows that a mapping says are no transactions, counted by its own word for them.
    given: the names of all fields that occur, at whatever level; None where nobody looked.
    """

    transactions: list[Transaction] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rejects: list[Rejected] = field(default_factory=list)
    claims: list[Claim | None] = field(default_factory=list)
    unknown_fields: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    given: Collection[str] | None = None


def has_long_line(raw: bytes) -> bool:
    """Tell whether any of these lines is longer than a record may be."""
    at = 0
    while len(raw) - at > LONGEST_RECORD:
        newline = raw.rfind(b"\n", at, at + LONGEST_RECORD + 1)
        if newline < 0:
            return True
        at = newline + 1
    return False
