"""Walks over lines of JSON once: which fields are unknown, which lines hold unusual values.

The decoder passes over a field that the contract does not know, without a word; a renamed field
would vanish so. This walk counts them by name, at every level, in a fifth of the decoder's time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as with_default
from functools import cache
from typing import Final

import msgspec
import numpy as np
from numba import njit
from numpy.typing import NDArray

from shrinkwatch.records import transaction as till

LEVELS: Final[tuple[tuple[str, type[msgspec.Struct]], ...]] = (
    ("", till.Transaction),
    ("lines", till.Line),
    ("tenders", till.Tender),
    ("events", till.Event),
    ("price_changes", till.PriceChange),
    ("original", till.Original),
)
_FOREIGN: Final = len(LEVELS)
"""The level of whatever stands inside an unknown field."""

_TEXT, _NUMBER, _TIME, _KEY, _COUNT = 0, 1, 2, 3, 4
"""What a value must look like to need no second look."""

_DEEPEST: Final = 64
SLOTS: Final = 512
MOST_NAMES: Final = 1024
"""Different unknown names that are told apart in one block; more are counted as the last."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a block of lines holds beside the contract.

    unknown: how often each unknown field occurs, by dotted name.
    odd_lines: the lines (from 0) with a value that needs a closer look.
    given: the names of the contract that occur, at whatever level; None where a name is written
    with escapes, so that it may be any.
    """

    unknown: dict[str, int]
    odd_lines: frozenset[int]
    given: frozenset[str] | None = with_default(default=None, repr=False)


def survey(raw: bytes) -> Survey:
    """Return which fields of these lines the contract does not know, and which lines are odd.

    raw: one JSON object a line; broken lines are walked as far as they make sense.

    >>> survey(b'{"source": "x", "lines": [{"line": 1, "colour": "red"}], "mood": {"a": 1}}')
    Survey(unknown={'lines.colour': 1, 'mood': 1}, odd_lines=frozenset())
    """
    names = np.zeros((MOST_NAMES, 4), np.int64)
    odd = np.zeros(raw.count(b"\n") + 1, np.bool_)
    seen = np.zeros(SLOTS, np.bool_)
    _walk(np.frombuffer(raw, dtype=np.uint8), *_known(), names, odd, seen)
    unknown = unknown_names(raw, names)
    escaped = any("\\" in name for name in unknown)
    spelled = _spelled()
    given = None if escaped else frozenset(spelled[slot] for slot in np.flatnonzero(seen).tolist())
    return Survey(unknown, frozenset(np.flatnonzero(odd).tolist()), given)


def unknown_names(raw: bytes, names: NDArray[np.int64]) -> dict[str, int]:
    """Return how often each name occurs that `count_unknown` counted, by dotted name, sorted."""
    unknown: dict[str, int] = {}
    for level, start, end, count in names[names[:, 3] > 0].tolist():
        name = raw[start:end].decode("utf-8", "replace")
        dotted = f"{LEVELS[level][0]}.{name}" if level else name
        unknown[dotted] = unknown.get(dotted, 0) + count
    return dict(sorted(unknown.items()))


@cache
def _known() -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the known names as a hash table: hash of level and name, level within, look."""
    hashes = np.zeros(SLOTS, np.uint64)
    within = np.full(SLOTS, _FOREIGN, np.int64)
    look = np.zeros(SLOTS, np.int64)
    levels = {name: number for number, (name, _) in enumerate(LEVELS)}
    for level, (_, struct) in enumerate(LEVELS):
        for field in msgspec.structs.fields(struct):
            value = name_hash(level, field.encode_name.encode())
            slot = value % SLOTS
            while hashes[slot]:
                slot = (slot + 1) % SLOTS
            hashes[slot] = value
            within[slot] = levels.get(field.name, _FOREIGN)
            look[slot] = _look(field.name, str(field.type))
    return hashes, within, look


@cache
def _spelled() -> dict[int, str]:
    """Return the names of the contract by their slot in the hash table."""
    places = {int(value): slot for slot, value in enumerate(_known()[0]) if value}
    return {
        places[name_hash(level, field.encode_name.encode())]: field.name
        for level, (_, struct) in enumerate(LEVELS)
        for field in msgspec.structs.fields(struct)
    }


def _look(name: str, kind: str) -> int:
    if name in ("source", "store_id", "register_id", "transaction_id"):
        return _KEY
    if "int" in kind:
        return _COUNT
    if "Decimal" in kind:
        return _NUMBER
    return _TIME if "date" in kind else _TEXT


def name_hash(level: int, name: Iterable[int]) -> int:
    """Return the FNV-1a hash of a name, begun with its level; the walk computes the same."""
    value = (0xCBF29CE484222325 + level) & 0xFFFFFFFFFFFFFFFF
    for byte in name:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value or 1


@njit(cache=True, nogil=True)
def _walk(data, hashes, within, look, names, odd, seen):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912
    """Count unknown names into `names` (level, start, end, count), mark `odd` lines, `seen` slots.

    Inside an object, `child` is the level of what the last name's value holds and `wanted` what
    that value must look like; a line's end starts everything anew, however broken the line was.
    """
    levels, in_object = np.zeros(_DEEPEST, np.int64), np.zeros(_DEEPEST, np.int64)
    at = line = depth = child = wanted = expects_name = 0
    while at < data.size:
        byte = data[at]
        at += 1
        top = min(depth, _DEEPEST - 1)
        if byte == 34:
            end = _text_end(data, at)
            if expects_name:
                child, wanted, expects_name = _FOREIGN, _TEXT, 0
                if levels[top] != _FOREIGN and end < data.size and data[end] == 34:
                    slot = slot_of(data, at, end, levels[top], hashes)
                    if slot >= 0:
                        child, wanted, seen[slot] = within[slot], look[slot], True
                    else:
                        count_unknown(data, at, end, levels[top], names)
            elif wanted != _TEXT and _is_odd(data, at, end, wanted):
                odd[line] = True
            at = end + (end < data.size and data[end] == 34)
        elif byte == 123 or byte == 91:  # noqa: PLR1714 (a set is slow here)
            depth += 1
            top = min(depth, _DEEPEST - 1)
            levels[top] = child if depth < _DEEPEST else _FOREIGN
            expects_name = in_object[top] = byte == 123
            wanted = _TEXT
        elif byte == 125 or byte == 93:  # noqa: PLR1714
            depth = max(depth - 1, 0)
            expects_name = 0
        elif byte == 44:
            expects_name = in_object[top]
            if not expects_name:
                child = levels[top]
        elif byte == 10:
            line += 1
            depth = child = wanted = expects_name = 0
        elif wanted != _TEXT and (byte == 45 or 48 <= byte <= 57):
            end = _number_end(data, at)
            odd[line] |= _is_odd(data, at - 1, end, wanted)
            at = end


@njit(cache=True, nogil=True, inline="always")
def _text_end(data, at):  # type: ignore[no-untyped-def]
    """Return where the quote stands that ends this string, or the line's or the data's end."""
    while at < data.size and data[at] != 34 and data[at] != 10:
        at += 1
        if data[at - 1] == 92 and at < data.size and data[at] != 10:
            at += 1
    return at


@njit(cache=True, nogil=True, inline="always")
def _number_end(data, at):  # type: ignore[no-untyped-def]
    """Return where this number ends: at a comma, a bracket or any blank."""
    while at < data.size and data[at] > 32 and data[at] != 44 and data[at] & 0xDF != 93:
        at += 1
    return at


@njit(cache=True, nogil=True, inline="always")
def slot_of(data, start, end, level, hashes):  # type: ignore[no-untyped-def]
    """Return where the name stands in the table of known names, or -1."""
    value = np.uint64(0xCBF29CE484222325) + np.uint64(level)
    for at in range(start, end):
        value = (value ^ np.uint64(data[at])) * np.uint64(0x100000001B3)
    slot = value & np.uint64(SLOTS - 1)
    while hashes[slot] != 0:
        if hashes[slot] == value:
            return np.int64(slot)
        slot = (slot + np.uint64(1)) & np.uint64(SLOTS - 1)
    return np.int64(-1)


@njit(cache=True, nogil=True)
def count_unknown(data, start, end, level, names):  # type: ignore[no-untyped-def]
    """Count one more occurrence of an unknown name at this level."""
    row = 0
    while row < MOST_NAMES - 1 and names[row, 3] > 0:
        begun = names[row, 1]
        same = names[row, 0] == level and names[row, 2] - begun == end - start
        i = 0
        while same and i < end - start:
            same = data[begun + i] == data[start + i]
            i += 1
        if same:
            break
        row += 1
    if names[row, 3] == 0:
        names[row, 0], names[row, 1], names[row, 2] = level, start, end
    names[row, 3] += 1


@njit(cache=True, nogil=True, inline="always")
def _has_escape(data, at, end):  # type: ignore[no-untyped-def]
    """Tell whether a text is written with escapes, so that it may hold any character."""
    while at < end and data[at] != 92:
        at += 1
    return at < end


@njit(cache=True, nogil=True, inline="always")
def _is_odd(data, start, end, wanted):  # type: ignore[no-untyped-def]
    """Tell whether a value needs a second look: it is not plainly what its field should hold."""
    if wanted == _KEY:
        return (
            end == start or end - start > 60 or data[start] == 32 or _has_escape(data, start, end)
        )
    if wanted == _TIME:
        return end - start < 8 or data[start] != 50 or data[start + 1] != 48
    if wanted == _COUNT and start < end and data[start] == 45:
        return True
    whole = fine = points = 0
    for at in range(start + (start < end and data[start] == 45), end):
        if data[at] == 46:
            points += 1
        elif data[at] < 48 or data[at] > 57:
            return True
        elif points:
            fine += 1
        else:
            whole += 1
    return whole == 0 or whole > 9 or fine > 6 or points > 1
