"""Remembers which subject has which key, so that a text is only hashed when it is new.

A hash table over arrays: what is looked up is the hash that Polars makes of a row of texts within
this process (it is never stored), what is found is the subject's stable key.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_SMALLEST = 1 << 12


class KnownKeys:
    """Keys (uint64) by hash (uint64, any but 0); open addressing, at most half full."""

    def __init__(self) -> None:
        self._forget()

    def __len__(self) -> int:
        return self._count

    def of(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return the key of each hash (0 where it is not known) and the rows of those."""
        found = np.zeros(hashes.size, dtype=np.uint64)
        missing = np.zeros(hashes.size, dtype=np.bool_)
        _look_up(hashes, self._hashes, self._keys, found, missing)
        return found, np.flatnonzero(missing)

    def add(self, hashes: NDArray[np.uint64], keys: NDArray[np.uint64], most: int) -> None:
        """Remember these, none of which is known; forgets all others when there are over `most`."""
        if self._count + hashes.size > most:
            self._forget()
        self._count += hashes.size
        size = self._hashes.size
        while size < 2 * self._count:
            size *= 2
        if size > self._hashes.size:
            self._grow(size)
        _put(hashes, keys, self._hashes, self._keys)

    def _forget(self) -> None:
        self._count = 0
        self._hashes = np.zeros(_SMALLEST, dtype=np.uint64)
        self._keys = np.zeros(_SMALLEST, dtype=np.uint64)

    def _grow(self, size: int) -> None:
        old, keys = self._hashes, self._keys
        self._hashes, self._keys = np.zeros(size, np.uint64), np.zeros(size, np.uint64)
        _put(old[old != 0], keys[old != 0], self._hashes, self._keys)


@njit(cache=True, nogil=True, inline="always")
def _slot(wanted, hashes):  # type: ignore[no-untyped-def]
    """Return where this hash stands, or the empty place where it would."""
    last = np.uint64(hashes.size - 1)
    slot = (wanted ^ (wanted >> np.uint64(32))) & last
    while hashes[slot] != np.uint64(0) and hashes[slot] != wanted:
        slot = (slot + np.uint64(1)) & last
    return slot


@njit(cache=True, nogil=True)
def _look_up(wanted, hashes, keys, found, missing):  # type: ignore[no-untyped-def]
    for row in range(wanted.size):
        slot = _slot(wanted[row], hashes)
        if hashes[slot] == wanted[row]:
            found[row] = keys[slot]
        else:
            missing[row] = True


@njit(cache=True, nogil=True)
def _put(new, new_keys, hashes, keys):  # type: ignore[no-untyped-def]
    for row in range(new.size):
        slot = _slot(new[row], hashes)
        hashes[slot] = new[row]
        keys[slot] = new_keys[row]
