"""Who meets whom at the till: has this cashier served this card before, and how often lately.

Pairs live in a table of fixed width, eight places to a bucket; when a bucket is full, the pair not
seen for longest makes room, and a pair not seen for eight weeks counts as new. A place is 8 bytes:
40 bits of the pair's hash, the week (mod 256), four weekly counts up to 15. With 2^b buckets two
pairs are taken for one with a probability of 8 / 2^(40 − b) per look: 3 in 100,000 at 33 million
places. The table doubles at a day's close while it is more than half full, up to its limit; beyond
that, forgotten pairs read as first meetings.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.index import mix
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, UNKNOWN_FLAG, kernel

WAYS = 8
EXPIRES_WEEKS = 8
WINDOW_WEEKS = 4
_HASH_BITS = 40
_PAYLOAD = np.uint64(24)
_MASK_40 = np.uint64((1 << _HASH_BITS) - 1)
_TOP = 1 << (_HASH_BITS - 1)
_ROTATE = np.uint64(23)
_ROTATE_BACK = np.uint64(41)


class Meetings(NamedTuple):
    """Outputs, (rows,) each: first 1/0/unknown, count in four weeks, the pair's place (−1 none)
    and whether the place was just taken."""

    first: NDArray[np.int8]
    tx_28d: NDArray[np.int32]
    place: NDArray[np.int64]
    fresh: NDArray[np.bool_]


@kernel
def pair_hash(one: np.uint64, other: np.uint64) -> int:
    """Return 40 bits that stand for an ordered pair of keys, never 0 (the top bit is set)."""
    turned = (other << _ROTATE) | (other >> _ROTATE_BACK)
    return int(np.int64(mix(one ^ mix(turned)) & _MASK_40)) | _TOP


@kernel
def find_place(bucket: NDArray[np.uint64], hashed: int, week: int) -> tuple[int, bool]:
    """Return the pair's place in its bucket and whether it is there; else the place to take."""
    start = (hashed >> 32) % WAYS
    best, oldest = 0, -1
    for k in range(WAYS):
        way = (start + k) % WAYS
        entry = int(np.int64(bucket[way] >> _PAYLOAD))
        if entry == hashed:
            return way, True
        idle = 256 if entry == 0 else weeks_idle(bucket[way], week)
        if idle > oldest:
            best, oldest = way, idle
    return best, False


@kernel
def last_week(entry: np.uint64) -> int:
    """Return the week (mod 256) in which the pair last met."""
    return int(np.int64((entry >> np.uint64(16)) & np.uint64(255)))


@kernel
def weeks_idle(entry: np.uint64, week: int) -> int:
    """Return the weeks since the pair met; 0 when it met later than this late event."""
    idle = (week - last_week(entry)) % 256
    return idle if idle < 252 else 0


@kernel
def shifted(counts: int, weeks: int) -> int:
    """Return the four weekly counts after that many weeks have begun."""
    return (counts << (4 * weeks)) & 0xFFFF if weeks < WINDOW_WEEKS else 0


@kernel
def meet(
    one: NDArray[np.uint64],
    other: NDArray[np.uint64],
    week: NDArray[np.int64],
    counted: NDArray[np.bool_],
    table: NDArray[np.uint64],
    out: Meetings,
) -> None:
    """Read what is known of each pair, then learn the meeting where it is `counted`.

    table: (buckets, WAYS) uint64, buckets a power of two.
    """
    for i in range(one.size):
        if one[i] == 0 or other[i] == 0 or week[i] == UNKNOWN_64:
            continue
        hashed = pair_hash(one[i], other[i])
        bucket = hashed & (table.shape[0] - 1)
        way, known = find_place(table[bucket], hashed, week[i])
        idle = weeks_idle(table[bucket, way], week[i])
        known = known and idle < EXPIRES_WEEKS
        counts = 0
        if known:
            counts = shifted(int(np.int64(table[bucket, way] & np.uint64(0xFFFF))), idle)
        out.first[i] = np.int8(not known)
        out.tx_28d[i] = (counts & 15) + ((counts >> 4) & 15) + ((counts >> 8) & 15) + (counts >> 12)
        if not counted[i] and not known:
            continue
        out.place[i] = bucket * WAYS + way
        out.fresh[i] = not known
        if counted[i]:
            counts += int(counts & 15 < 15)
            newest = week[i] % 256
            if known and idle == 0:
                newest = last_week(table[bucket, way])
            payload = (newest << 16) | counts
            table[bucket, way] = (np.uint64(hashed) << _PAYLOAD) | np.uint64(payload)


@dataclass(slots=True)
class Pairs:
    """A table of pairs, and for each place optionally a small set of who else was there.

    most: the largest number of places that it may grow to. members: size of the sets, 0 for none.
    """

    most: int = 1 << 25
    members: int = 0
    table: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((1 << 13, WAYS), np.uint64))
    sets: NDArray[np.uint32] = field(default_factory=lambda: np.zeros((0, 0), np.uint32))

    def __post_init__(self) -> None:
        if self.members and self.sets.size == 0:
            self.sets = np.zeros((self.table.size, self.members), dtype=np.uint32)

    def meet(
        self,
        one: NDArray[np.uint64],
        other: NDArray[np.uint64],
        week: NDArray[np.int64],
        counted: NDArray[np.bool_],
    ) -> Meetings:
        """Return what was known of each pair, (rows,); learn the counted meetings."""
        rows = one.size
        out = Meetings(
            np.full(rows, UNKNOWN_FLAG, dtype=np.int8),
            np.full(rows, UNKNOWN_32, dtype=np.int32),
            np.full(rows, -1, dtype=np.int64),
            np.zeros(rows, dtype=np.bool_),
        )
        meet(one, other, week, counted, self.table, out)
        return out

    def grow(self) -> None:
        """Double the table while it is more than half full; what is known stays known."""
        while (
            self.table.size * 2 <= self.most and np.count_nonzero(self.table) * 2 > self.table.size
        ):
            next_bit = np.uint64(int(_PAYLOAD) + self.table.shape[0].bit_length() - 1)
            upper = (self.table >> next_bit) & np.uint64(1) == 1
            zero = np.uint64(0)
            self.table = np.concatenate(
                [np.where(upper, zero, self.table), np.where(upper, self.table, zero)]
            )
            if self.members:
                goes_up, none = upper.reshape(-1, 1), np.uint32(0)
                self.sets = np.concatenate(
                    [np.where(goes_up, none, self.sets), np.where(goes_up, self.sets, none)]
                )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that must be saved."""
        return {"table": self.table, "sets": self.sets}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned."""
        self.table, self.sets = arrays["table"], arrays["sets"]
