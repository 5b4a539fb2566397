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
from shrinkwatch.features.kernel import UNKNOWN_64, kernel

_STAMP_BITS = 12
_STAMPS = 1 << _STAMP_BITS
_LAST_STAMP = _STAMPS - 1
_AHEAD = 64
"""Hops by which a member may have been seen after a late event and still count in its window."""


class Members(NamedTuple):
    """Sightings in order of arrival.

    slot: (n,) int64 the set, −1 none. who: (n,) uint64 the member seen, 0 nobody. at_s: (n,) int64
    seconds. read_to: (n,) int64 row that reads before learning, −1 none. fresh: (n,) bool, the set
    is emptied first.
    """

    slot: NDArray[np.int64]
    who: NDArray[np.uint64]
    at_s: NDArray[np.int64]
    read_to: NDArray[np.int64]
    fresh: NDArray[np.bool_]


@kernel
def count_distinct(
    seen: Members,
    hop_s: int,
    span: int,
    sets: NDArray[np.uint32],
    counts: NDArray[np.int32],
) -> None:
    """Read how many members were seen in the last `span` hops, then learn the one seen now.

    sets: (subjects, size) uint32, 0 for an empty place. counts: (rows,) int32 prefilled unknown.
    """
    size = sets.shape[1]
    for i in range(seen.slot.size):
        s = seen.slot[i]
        if s < 0 or seen.at_s[i] == UNKNOWN_64:
            continue
        if seen.fresh[i]:
            sets[s] = 0
        hop = seen.at_s[i] // hop_s
        who = member(seen.who[i])
        count, place, oldest = 0, 0, -1
        for k in range(size):
            entry = np.int64(sets[s, k])
            age = (hop - entry) & _LAST_STAMP
            if age >= _STAMPS - _AHEAD:
                age = 0
            if entry != 0 and age < span:
                count += 1
            if entry == 0:
                age = _STAMPS
            if entry >> _STAMP_BITS == who and who != 0:
                age = _STAMPS + 1
            if age > oldest:
                place, oldest = k, age
        if seen.read_to[i] >= 0:
            counts[seen.read_to[i]] = count
        if who != 0:
            sets[s, place] = np.uint32((who << _STAMP_BITS) | stamp(sets[s, place], who, hop))


@kernel
def member(key: np.uint64) -> int:
    """Return the 20 bits that stand for a member, 0 for nobody."""
    return max(int(np.int64(mix(key) >> np.uint64(44))), 1) if key != 0 else 0


@kernel
def stamp(entry: int, who: int, hop: int) -> int:
    """Return the newer of the member's stamp so far and this hop's."""
    before = int(np.int64(entry))
    if before >> _STAMP_BITS == who and (before - hop) & _LAST_STAMP < _AHEAD:
        return before & _LAST_STAMP
    return hop & _LAST_STAMP


@kernel
def forget_old(hop: int, span: int, sets: NDArray[np.uint32]) -> None:
    """Empty the places of members not seen for `span` hops, before their stamps come round."""
    for s in range(sets.shape[0]):
        for k in range(sets.shape[1]):
            age = (hop - np.int64(sets[s, k])) & _LAST_STAMP
            if span <= age < _STAMPS - _AHEAD:
                sets[s, k] = 0
