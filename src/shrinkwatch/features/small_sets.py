"""How many different people, stores or cards were involved lately, counted in very small memory.

A set keeps a few members, 4 bytes each: 20 bits of the member's hash and the hop (mod 4,096) in
which it was last seen. When it is full, the member not seen for longest makes room. The count is
exact up to the set's size, which then means "that many or more"; two members share their 20 bits
with a probability of about one in a million.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.index import mix
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, kernel, step

_STAMP_BITS = 12
_STAMPS = 1 << _STAMP_BITS
_LAST_STAMP = _STAMPS - 1
_AHEAD = 64
"""Hops by which a member may have been seen after a late event and still count in its window."""


class Room(NamedTuple):
    """Where a set lies in a subject's row, and the hops that count.

    The set is `size` elements from `first` on, 0 where empty; it is asked about `span` hops.
    Places are unsigned: a compiled loop need not look for negative ones, and takes many at once.
    """

    first: np.uint64
    size: np.uint64
    span: int


def room_of(first: int, size: int, span: int) -> Room:
    """Return the room of a set in a row."""
    return Room(np.uint64(first), np.uint64(size), span)


@step
def count(sets: NDArray[np.uint32], s: int, room: Room, hop: int) -> int:
    """Return how many members of a subject's set were seen in the last hops.

    sets: (subjects, elements of a row).
    """
    members = 0
    for k in range(room.first, room.first + room.size):
        entry = np.int64(sets[s, k])
        members += (entry != 0) & (((hop + _AHEAD - entry) & _LAST_STAMP) < room.span + _AHEAD)
    return members


@step
def see(sets: NDArray[np.uint32], s: int, room: Room, hop: int, key: np.uint64) -> None:
    """Put a member into the set, unless it is nobody (0)."""
    if key != 0:
        who = member(key)
        k = room.first + np.uint64(place_of(sets, s, room, hop, who))
        sets[s, k] = np.uint32((who << _STAMP_BITS) | stamp(sets[s, k], who, hop))


@kernel
def place_of(sets: NDArray[np.uint32], s: int, room: Room, hop: int, who: int) -> np.int64:
    """Return which element is the member's, else an empty one, else the one seen longest ago."""
    place, oldest = np.int64(0), np.int64(-1)
    for k in range(room.size):
        entry = np.int64(sets[s, room.first + k])
        if entry >> _STAMP_BITS == who:
            return np.int64(k)
        age = np.int64((hop - entry) & _LAST_STAMP)
        if entry == 0:
            age = np.int64(_STAMPS)
        elif age >= _STAMPS - _AHEAD:
            age = np.int64(0)
        if age > oldest:
            place, oldest = np.int64(k), age
    return place


@step
def member(key: np.uint64) -> int:
    """Return the 20 bits that stand for a member, never 0."""
    return max(int(np.int64(mix(key) >> np.uint64(44))), 1)


@step
def stamp(entry: int, who: int, hop: int) -> int:
    """Return the newer of the member's stamp so far and this hop's."""
    before = int(np.int64(entry))
    if before >> _STAMP_BITS == who and (before - hop) & _LAST_STAMP < _AHEAD:
        return before & _LAST_STAMP
    return hop & _LAST_STAMP


@kernel
def count_distinct(
    slot: NDArray[np.int64],
    who: NDArray[np.uint64],
    at_s: NDArray[np.int64],
    hop_s: int,
    room: Room,
    sets: NDArray[np.uint32],
    counts: NDArray[np.int32],
) -> None:
    """Read how many members each set has, then learn the one seen now.

    slot: (n,) int64 the set, −1 none. who: (n,) uint64 the member seen, 0 nobody. at_s: (n,) int64
    seconds. sets: (subjects, elements of a row) uint32. counts: (n,) int32 output.
    """
    for i in range(slot.size):
        if slot[i] < 0 or at_s[i] == UNKNOWN_64:
            counts[i] = UNKNOWN_32
            continue
        hop = at_s[i] // hop_s
        counts[i] = count(sets, slot[i], room, hop)
        see(sets, slot[i], room, hop, who[i])


@kernel
def forget_old(hop: int, span: int, sets: NDArray[np.uint32], room: Room) -> None:
    """Empty the places of members not seen for `span` hops, before their stamps come round."""
    for s in range(sets.shape[0]):
        for k in range(room.first, room.first + room.size):
            age = (hop - np.int64(sets[s, k])) & _LAST_STAMP
            if span <= age < _STAMPS - _AHEAD:
                sets[s, k] = 0
