"""Walks over lines of JSON once: which fields are unknown, which lines hold unusual values.

The decoder passes over a field that the contract does not know, without a word; a renamed field
would vanish so. This walk counts them by name, at every level, at about a nanosecond a byte.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import msgspec
import numpy as np
from numba import njit
from numpy.typing import NDArray

from shrinkwatch.records import transaction as till

_LEVELS: Final = (
    ("", till.Transaction),
    ("lines", till.Line),
    ("tenders", till.Tender),
    ("events", till.Event),
    ("price_changes", till.PriceChange),
    ("original", till.Original),
)
_FOREIGN: Final = len(_LEVELS)
"""The level of whatever stands inside an unknown field."""

_TEXT, _NUMBER, _TIME, _KEY = 0, 1, 2, 3
"""What a value must look like to need no second look."""

_DEEPEST: Final = 64
_SLOTS: Final = 512


@dataclass(frozen=True, slots=True)
class Survey:
    """What a block of lines holds beside the contract.

    unknown: how often each unknown field occurs, by dotted name.
    odd_lines: the lines (from 0) with a value that needs a closer look.
    """

    unknown: dict[str, int]
    odd_lines: frozenset[int]


def survey(raw: bytes) -> Survey:
    """Return which fields of these lines the contract does not know, and which lines are odd.

    raw: one JSON object a line; broken lines are walked as far as they make sense.

    >>> survey(b'{"source": "x", "lines": [{"line": 1, "colour": "red"}], "mood": {"a": 1}}')
    Survey(unknown={'lines.colour': 1, 'mood': 1}, odd_lines=frozenset())
    """
    names, odd = _walk(np.frombuffer(raw, dtype=np.uint8), *_known())
    unknown: dict[str, int] = {}
    for level, start, end, count in names.tolist():
        name = raw[start:end].decode("utf-8", "replace")
        dotted = f"{_LEVELS[level][0]}.{name}" if level else name
        unknown[dotted] = unknown.get(dotted, 0) + count
    return Survey(dict(sorted(unknown.items())), frozenset(odd.tolist()))


@cache
def _known() -> tuple[NDArray[np.uint64], NDArray[np.int8], NDArray[np.int8]]:
    """Return the known names as a hash table: hash of level and name, level within, look."""
    hashes = np.zeros(_SLOTS, np.uint64)
    within = np.full(_SLOTS, _FOREIGN, np.int8)
    look = np.zeros(_SLOTS, np.int8)
    levels = {name: number for number, (name, _) in enumerate(_LEVELS)}
    for level, (_, struct) in enumerate(_LEVELS):
        for field in msgspec.structs.fields(struct):
            name_hash = _hash(level, field.encode_name.encode())
            slot = name_hash % _SLOTS
            while hashes[slot]:
                slot = (slot + 1) % _SLOTS
            hashes[slot] = name_hash
            within[slot] = levels.get(field.name, _FOREIGN)
            look[slot] = _look(field.name, str(field.type))
    return hashes, within, look


def _look(name: str, kind: str) -> int:
    if name in ("source", "store_id", "register_id", "transaction_id"):
        return _KEY
    if "Decimal" in kind or "int" in kind:
        return _NUMBER
    return _TIME if "date" in kind else _TEXT


def _hash(level: int, name: Iterable[int]) -> int:
    """Return the FNV-1a hash of a name, begun with its level; the walk computes the same."""
    value = (0xCBF29CE484222325 + level) & 0xFFFFFFFFFFFFFFFF
    for byte in name:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value or 1


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _walk(data, hashes, within, look):  # type: ignore[no-untyped-def]
    unknown = np.empty((64, 4), np.int64)
    unknown_hashes = np.empty(64, np.uint64)
    odd = np.empty(64, np.int64)
    names = odds = line = depth = 0
    levels = np.zeros(_DEEPEST, np.int8)
    is_object = np.zeros(_DEEPEST, np.bool_)
    child, wanted = 0, _TEXT
    expects_name = False
    at, size = 0, data.size
    while at < size:
        byte = data[at]
        at += 1
        if byte == 34:
            start = at
            if expects_name and depth < _DEEPEST:
                level = levels[depth]
                name_hash = np.uint64(0xCBF29CE484222325) + np.uint64(level)
                while at < size and data[at] != 34 and data[at] != 10:
                    if data[at] == 92:
                        at += 1
                        if at == size:
                            break
                    name_hash = (name_hash ^ np.uint64(data[at])) * np.uint64(0x100000001B3)
                    at += 1
                child, wanted, expects_name = _FOREIGN, _TEXT, False
                if level != _FOREIGN:
                    slot = _slot(hashes, name_hash)
                    if slot >= 0:
                        child, wanted = within[slot], look[slot]
                    else:
                        names = _count(unknown, unknown_hashes, names, name_hash, level, start, at)
                        if names == unknown.shape[0]:
                            unknown = _grown(unknown)
                            unknown_hashes = _grown(unknown_hashes)
            else:
                while at < size and data[at] != 34 and data[at] != 10:
                    at += 2 if data[at] == 92 else 1
                if wanted != _TEXT and _is_odd(data, start, min(at, size), wanted):
                    odds, odd = _mark(odd, odds, line)
            if at < size and data[at] == 34:
                at += 1
        elif byte == 123 or byte == 91:
            depth += 1
            if depth < _DEEPEST:
                levels[depth] = child
                is_object[depth] = byte == 123
            expects_name = byte == 123
            wanted = _TEXT
        elif byte == 125 or byte == 93:
            depth = max(depth - 1, 0)
            expects_name = False
        elif byte == 44:
            if depth < _DEEPEST and is_object[depth]:
                expects_name = True
            elif depth < _DEEPEST:
                child = levels[depth]
        elif byte == 10:
            line += 1
            depth, child, wanted, expects_name = 0, 0, _TEXT, False
        elif byte == 45 or (byte >= 48 and byte <= 57):
            start = at - 1
            while at < size and _is_number_part(data[at]):
                at += 1
            if wanted != _TEXT and _is_odd(data, start, at, wanted):
                odds, odd = _mark(odd, odds, line)
    return unknown[:names], odd[:odds]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _slot(hashes, name_hash):  # type: ignore[no-untyped-def]
    """Return where a known name stands in the table, or -1."""
    slot = name_hash % np.uint64(_SLOTS)
    while hashes[slot] != 0:
        if hashes[slot] == name_hash:
            return np.int64(slot)
        slot = (slot + np.uint64(1)) % np.uint64(_SLOTS)
    return np.int64(-1)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _count(unknown, seen, names, name_hash, level, start, end):  # type: ignore[no-untyped-def]
    """Count one more occurrence of an unknown name; return how many names there are."""
    for known in range(names):
        if seen[known] == name_hash:
            unknown[known, 3] += 1
            return names
    seen[names] = name_hash
    unknown[names, 0], unknown[names, 1], unknown[names, 2] = level, start, end
    unknown[names, 3] = 1
    return names + 1


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _grown(values):  # type: ignore[no-untyped-def]
    grown = np.empty((2 * values.shape[0], *values.shape[1:]), values.dtype)
    grown[: values.shape[0]] = values
    return grown


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _mark(odd, odds, line):  # type: ignore[no-untyped-def]
    if odds and odd[odds - 1] == line:
        return odds, odd
    if odds == odd.size:
        odd = _grown(odd)
    odd[odds] = line
    return odds + 1, odd


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _is_number_part(byte):  # type: ignore[no-untyped-def]
    return (
        (byte >= 48 and byte <= 57) or byte == 46 or byte == 45 or byte == 43 or (byte | 32) == 101
    )


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _is_odd(data, start, end, wanted):  # type: ignore[no-untyped-def]
    """Tell whether a value needs a second look: it is not plainly what its field should hold."""
    if wanted == _KEY:
        return end == start or end - start > 60 or data[start] == 32
    if wanted == _TIME:
        return end - start < 8 or data[start] != 50 or data[start + 1] != 48
    if start < end and data[start] == 45:
        start += 1
    whole, fine, seen_point = 0, 0, False
    for at in range(start, end):
        if data[at] == 46 and not seen_point:
            seen_point = True
        elif data[at] < 48 or data[at] > 57:
            return True
        elif seen_point:
            fine += 1
        else:
            whole += 1
    return whole == 0 or whole > 9 or fine > 6
