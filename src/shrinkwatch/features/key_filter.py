"""Says of nearly every key that is not among many that it is not, without looking through them.

A Bloom filter whose bits of one key lie in one word. Keys are hashes (uint64). Source: F. Putze,
P. Sanders, J. Singler, "Cache-, hash- and space-efficient Bloom filters", 2007.
"""

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.kernel import kernel, step
from shrinkwatch.features.prefetch import AHEAD, prefetch

_BITS = 12
"""Bits of the filter for each key: about 2 % of the keys that are not there pass it."""


@step
def word_of(key: np.uint64, marks: NDArray[np.uint64]) -> int:
    """Return which word of the filter is the key's."""
    return int(((key >> np.uint64(32)) * np.uint64(marks.size)) >> np.uint64(32))


@step
def mark_of(key: np.uint64) -> np.uint64:
    """Return the key's three bits within its word."""
    one, six = np.uint64(1), np.uint64(63)
    first, second = one << (key & six), one << ((key >> np.uint64(6)) & six)
    return first | second | (one << ((key >> np.uint64(12)) & six))


@kernel
def marks_of(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the filter of these keys: (words,) uint64, 1.5 bytes a key."""
    marks = np.zeros(keys.size * _BITS // 64 + 1, dtype=np.uint64)
    for key in keys:
        marks[word_of(key, marks)] |= mark_of(key)
    return marks


@kernel
def may_hold(keys: NDArray[np.uint64], marks: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return of each key whether it may be among those of the filter."""
    may = np.empty(keys.size, dtype=np.bool_)
    for i in range(keys.size):
        prefetch(marks, word_of(keys[min(i + AHEAD, keys.size - 1)], marks))
        may[i] = marks[word_of(keys[i], marks)] & mark_of(keys[i]) == mark_of(keys[i])
    return may
