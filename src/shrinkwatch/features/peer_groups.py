"""Whom a cashier may fairly be compared with: same format, lane, part of day, role, experience."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import xxhash
from numpy.typing import NDArray

from shrinkwatch.features.arrays import Coded
from shrinkwatch.features.index import Index
from shrinkwatch.features.kernel import UNKNOWN_32

TENURE_BANDS = ("new", "settling", "settled", "unknown")
NEW_BELOW_DAYS = 28
SETTLED_FROM_DAYS = 90
"""Bands of experience; new starters make more voids in their first weeks (SCHEMES: look-alikes)."""


def tenure_band(tenure_days: NDArray[np.int32]) -> Coded:
    """Return the band for days since hiring; unknown for UNKNOWN_32 or a date in the future."""
    band = np.searchsorted((NEW_BELOW_DAYS, SETTLED_FROM_DAYS), tenure_days, side="right")
    known = (tenure_days != UNKNOWN_32) & (tenure_days >= 0)
    return Coded(TENURE_BANDS, np.where(known, band, TENURE_BANDS.index("unknown")))


def group_code(name: str) -> int:
    """Return the code of a peer group: a 32-bit hash of its name, never 0.

    The same name has the same code in every stream and on every machine; a thousand groups share
    a code somewhere with a probability of 1 in 10,000.
    """
    return xxhash.xxh32_intdigest(name.encode()) or 1


@dataclass(slots=True)
class PeerGroups:
    """The peer groups met so far, by code."""

    names: dict[int, str] = field(default_factory=dict)

    def codes(self, dimensions: Sequence[Coded]) -> NDArray[np.uint32]:
        """Return the peer group of each row.

        dimensions: format, lane type, part of day, role and tenure band; None counts as "unknown".
        """
        number = np.ones(dimensions[0].code.size, dtype=np.uint64)
        for one in dimensions:
            number = number * np.uint64(len(one.names)) + one.code.astype(np.uint64)
        slots = Index().slots(number)
        first = np.zeros(int(slots.max(initial=-1)) + 1, dtype=np.int64)
        first[slots[::-1]] = np.arange(slots.size - 1, -1, -1)
        made = np.zeros(first.size, dtype=np.uint32)
        for group, row in enumerate(first):
            name = " · ".join(one.names[one.code[row]] or "unknown" for one in dimensions)
            made[group] = group_code(name)
            self.names.setdefault(int(made[group]), name)
        return made[slots]

    def name(self, code: int) -> str:
        """Return the group's name, e.g. "supermarket · staffed · evening · cashier · settled"."""
        return self.names[code]
