"""One odd thing about a feed: what, where, since when, how much of it, and what it hides."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

Level = Literal["note", "wrong"]
About = Literal["days", "numbers", "clocks", "cards", "fields", "records"]

MUCH = 0.01
"""From this share of its rows on an oddity is wrong, not only worth a note. Our own choice."""

_NAMED = 5


class FeedFinding(Struct, frozen=True, kw_only=True):
    """Something odd about one source.

    stores: every store that has it, by id. first, last: business dates between which it was seen.
    count, of: how many rows have it, of how many that could. lost: ids of the schemes that cannot
    be seen, or less well, because of it. says: all of it in a sentence; do: what to do about it.
    """

    about: About
    level: Level
    source: str
    stores: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    count: int
    of: int
    lost: tuple[str, ...] = ()
    says: str
    do: str


def level_of(count: int, of: int) -> Level:
    """Return whether so many of so many rows are wrong or only worth a note."""
    return "wrong" if count > MUCH * of else "note"


def named(texts: Sequence[str]) -> str:
    """Return the first few of these texts, and how many more there are.

    >>> named(["S1", "S2", "S3", "S4", "S5", "S6"]), named(["S1"])
    ('S1, S2, S3, S4, S5 and 1 more', 'S1')
    """
    more = len(texts) - _NAMED
    return ", ".join(texts[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def where(stores: Sequence[str], of: int) -> str:
    """Return at which stores, of so many that the source has.

    >>> where(["S1"], 2), where(["S1", "S2"], 2), where(["S1"], 1)
    ('at S1', 'at all 2 stores', 'at S1')
    """
    return f"at all {of:,} stores" if len(stores) == of > 1 else f"at {named(stores)}"


def when(first: date, last: date) -> str:
    """Return on which day, or between which days.

    >>> when(date(2026, 3, 2), date(2026, 3, 2)), when(date(2026, 3, 2), date(2026, 3, 9))
    ('on 2026-03-02', 'from 2026-03-02 to 2026-03-09')
    """
    return f"on {first}" if first == last else f"from {first} to {last}"
