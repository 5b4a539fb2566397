"""Finds a card among millions: from a subject's key to the place where its numbers are kept."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.kernel import kernel, step
from shrinkwatch.features.prefetch import AHEAD, prefetch

_FULL = 0.7
_GROWTH = 1.125
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_32 = np.uint64(32)


@step
def mix(key: np.uint64) -> np.uint64:
    """Return the key with its bits stirred, so that any of them may serve as a place.

    Source: the rrmxmx-style finaliser of P. Evensen, "Stronger, better, morer" (2018).
    """
    key ^= key >> _32
    key *= _MIX
    key ^= key >> _32
    key *= _GOLDEN
    return key ^ (key >> _32)


@step
def place_of(key: np.uint64, numbered: NDArray[np.uint64], places: NDArray[np.int32]) -> np.uint64:
    """Return the place of the key's slot, or the empty place where it belongs."""
    mask = np.uint64(places.size - 1)
    place = mix(key) & mask
    while places[place] >= 0 and numbered[places[place]] != key:
        place = (place + np.uint64(1)) & mask
    return place


@kernel
def find_or_add(
    keys: NDArray[np.uint64],
    numbered: NDArray[np.uint64],
    places: NDArray[np.int32],
    used: int,
    slots: NDArray[np.int64],
) -> int:
    """Fill the slot of each key (−1 for key 0), numbering new keys onwards; return how many now.

    numbered: the key of each slot, with room for all that may be new. places: slots, −1 where
    empty: open addressing with linear probing, the size is a power of two.
    """
    for i in range(keys.size):
        ahead = mix(keys[min(i + AHEAD, keys.size - 1)]) & np.uint64(places.size - 1)
        prefetch(places, int(ahead))
        if keys[i] == 0:
            slots[i] = -1
            continue
        place = place_of(keys[i], numbered, places)
        if places[place] < 0:
            places[place] = used
            numbered[used] = keys[i]
            used += 1
        slots[i] = places[place]
    return used


@kernel
def find(
    keys: NDArray[np.uint64],
    numbered: NDArray[np.uint64],
    places: NDArray[np.int32],
    slots: NDArray[np.int64],
) -> None:
    """Fill the slot of each key, −1 for key 0 and for those that were never added."""
    for i in range(keys.size):
        slots[i] = places[place_of(keys[i], numbered, places)] if keys[i] != 0 else -1


def _empty(size: int) -> NDArray[np.int32]:
    return np.full(size, -1, dtype=np.int32)


@dataclass(slots=True)
class Index:
    """Keys numbered in order of first appearance; about 15 bytes a key."""

    used: int = 0
    numbered: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    places: NDArray[np.int32] = field(default_factory=lambda: _empty(1024))

    def slots(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return (n,) int64 slots of these keys, −1 for key 0; unknown keys get the next ones."""
        self._make_room(keys.size)
        slots = np.empty(keys.size, dtype=np.int64)
        self.used = find_or_add(keys, self.numbered, self.places, self.used, slots)
        return slots

    def find(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return (n,) int64 slots of these keys, −1 for key 0 and for unknown keys."""
        slots = np.empty(keys.size, dtype=np.int64)
        find(keys, self.numbered, self.places, slots)
        return slots

    def keys(self) -> NDArray[np.uint64]:
        """Return (used,) uint64: the key of each slot."""
        return self.numbered[: self.used].copy()

    def clear(self) -> None:
        """Forget all keys, and keep the room that they had."""
        self.used = 0
        self.places.fill(-1)

    def nbytes(self) -> int:
        """Return the bytes that it holds."""
        return self.numbered.nbytes + self.places.nbytes

    def _make_room(self, more: int) -> None:
        if self.used + more > self.numbered.size:
            room = max(self.used + more, int(self.numbered.size * _GROWTH))
            self.numbered.resize(room, refcheck=False)
        size = self.places.size
        while self.used + more > size * _FULL:
            size *= 2
        if size != self.places.size:
            self.places, keys = _empty(size), self.keys()
            find_or_add(keys, self.numbered, self.places, 0, np.empty_like(keys, np.int64))


def index_of(keys: NDArray[np.uint64]) -> Index:
    """Return the index that numbers these distinct keys 0, 1, 2, …"""
    index = Index()
    index.slots(keys)
    return index
