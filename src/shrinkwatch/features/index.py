"""Finds a card among millions: from a subject's key to the place where its numbers are kept."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.kernel import kernel

_FULL = 0.7
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_32 = np.uint64(32)


@kernel
def mix(key: np.uint64) -> np.uint64:
    """Return the key with its bits stirred, so that any of them may serve as a place.

    Source: the rrmxmx-style finaliser of P. Evensen, "Stronger, better, morer" (2018).
    """
    key ^= key >> _32
    key *= _MIX
    key ^= key >> _32
    key *= _GOLDEN
    return key ^ (key >> _32)


@kernel
def find_or_add(
    keys: NDArray[np.uint64],
    table: NDArray[np.uint64],
    places: NDArray[np.int32],
    used: int,
    slots: NDArray[np.int64],
) -> int:
    """Fill the slot of each key (−1 for key 0), numbering new keys onwards; return how many now.

    Open addressing with linear probing; the table's size is a power of two.
    """
    mask = np.uint64(table.size - 1)
    one = np.uint64(1)
    for i in range(keys.size):
        key = keys[i]
        if key == 0:
            slots[i] = -1
            continue
        place = mix(key) & mask
        while table[place] != key and table[place] != 0:
            place = (place + one) & mask
        if table[place] == 0:
            table[place] = key
            places[place] = used
            used += 1
        slots[i] = places[place]
    return used


@kernel
def find(
    keys: NDArray[np.uint64],
    table: NDArray[np.uint64],
    places: NDArray[np.int32],
    slots: NDArray[np.int64],
) -> None:
    """Fill the slot of each key, −1 for key 0 and for those that were never added."""
    mask = np.uint64(table.size - 1)
    one = np.uint64(1)
    for i in range(keys.size):
        place = mix(keys[i]) & mask
        while table[place] != keys[i] and table[place] != 0:
            place = (place + one) & mask
        slots[i] = places[place] if table[place] != 0 else -1


def _table(size: int) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    return np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int32)


@dataclass(slots=True)
class Index:
    """Keys numbered in order of first appearance; about 20 bytes a key."""

    used: int = 0
    table: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(1024, dtype=np.uint64))
    places: NDArray[np.int32] = field(default_factory=lambda: np.zeros(1024, dtype=np.int32))

    def slots(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return (n,) int64 slots of these keys, −1 for key 0; unknown keys get the next ones."""
        self._make_room(keys.size)
        slots = np.empty(keys.size, dtype=np.int64)
        self.used = find_or_add(keys, self.table, self.places, self.used, slots)
        return slots

    def find(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return (n,) int64 slots of these keys, −1 for key 0 and for unknown keys."""
        slots = np.empty(keys.size, dtype=np.int64)
        find(keys, self.table, self.places, slots)
        return slots

    def keys(self) -> NDArray[np.uint64]:
        """Return (used,) uint64: the key of each slot."""
        keys = np.zeros(self.used, dtype=np.uint64)
        taken = self.table != 0
        keys[self.places[taken]] = self.table[taken]
        return keys

    def _make_room(self, more: int) -> None:
        size = self.table.size
        while self.used + more > size * _FULL:
            size *= 2
        if size != self.table.size:
            keys = self.keys()
            self.used, (self.table, self.places) = 0, _table(size)
            self.used = find_or_add(keys, self.table, self.places, 0, np.empty_like(keys, np.int64))


def index_of(keys: NDArray[np.uint64]) -> Index:
    """Return the index that numbers these distinct keys 0, 1, 2, …"""
    index = Index()
    index.slots(keys)
    return index
