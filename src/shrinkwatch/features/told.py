"""What each feed has ever told us, so that its silence is not taken for an all-clear.

A count of drawer openings is 0 only where the feed is known to send drawer openings; before its
first one, nobody knows. What a feed has told is learned in arrival order, the own record included.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.kernel import kernel
from shrinkwatch.records.transaction import EVENT_TYPES, PRICE_CHANGE_TYPES

CHANGES_FROM = len(EVENT_TYPES)
APPROVER = CHANGES_FROM + len(PRICE_CHANGE_TYPES)
VOIDED_LINE = APPROVER + 1
ORIGINAL = VOIDED_LINE + 1
ORIGINAL_OF_VOID = ORIGINAL + 1
ORIGINAL_OF_RESUMED = ORIGINAL_OF_VOID + 1


@kernel
def collect(
    first: NDArray[np.int64], code: NDArray[np.uint8], shift: int, bits: NDArray[np.int64]
) -> None:
    """Set bit (shift + code) of each transaction for each of its children."""
    for i in range(first.size - 1):
        for j in range(first[i], first[i + 1]):
            bits[i] |= 1 << (shift + code[j])


@kernel
def count_events(
    first: NDArray[np.int64], code: NDArray[np.uint8], counts: NDArray[np.int32]
) -> None:
    """Count the events of each transaction by code; counts: (codes, rows) of zeros."""
    for i in range(first.size - 1):
        for j in range(first[i], first[i + 1]):
            counts[code[j], i] += 1


@kernel
def hear(source: NDArray[np.int64], bits: NDArray[np.int64], heard: NDArray[np.int64]) -> None:
    """Turn what each record shows into all that its feed has shown so far, in place."""
    for i in range(bits.size):
        heard[source[i]] |= bits[i]
        bits[i] = heard[source[i]]


@dataclass(slots=True)
class Told:
    """What each feed has shown so far: names in order of appearance, a bit set for each."""

    sources: list[str] = field(default_factory=list)
    heard: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def places(self, source: pl.Series) -> NDArray[np.int64]:
        """Return each transaction's feed as its place in `sources`, which learns new names."""
        if source.null_count() == 0 and (source == source[0]).all():
            return np.full(source.len(), self._place(source[0]), dtype=np.int64)
        names = source.unique(maintain_order=True)
        places = [self._place(name) for name in names]
        return source.replace_strict(names, places, return_dtype=pl.Int64).to_numpy(writable=True)

    def listen(self, place: NDArray[np.int64], bits: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return per transaction the bits its feed has shown up to it; `bits` is overwritten.

        place: see `places`. bits: (rows,) int64, what each record shows.
        """
        hear(place, bits, self.heard)
        return bits

    def _place(self, name: str) -> int:
        if name not in self.sources:
            self.sources.append(name)
            self.heard = np.append(self.heard, 0)
        return self.sources.index(name)


def has_told(bits: NDArray[np.int64], what: int | NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether bit `what` is set, per transaction; one bit for all, or each its own."""
    told: NDArray[np.bool_] = (bits >> what) & 1 == 1
    return told
