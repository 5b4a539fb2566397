"""Who meets whom at the till: has this cashier served this card before, and how often lately.

Pairs live in a table of fixed width, eight places to a bucket; when a bucket is full, the pair not
seen for longest makes room, and a pair not seen for eight weeks counts as new. A place is 8 bytes:
40 bits of the pair's hash, the week (mod 256), four weekly counts up to 15. With 2^b buckets two
pairs are taken for one with a probability of 8 / 2^(40 − b) per look: 2 in 100,000 at 17 million
places. The table doubles as soon as a quarter of it is taken, up to its limit: until then under
1 pair in 1,000 loses its place to a full bucket (Poisson, 8 places at a mean of 2); beyond the
limit, the pairs not seen for longest are forgotten and read as first meetings.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.declared import DAY_S, WEEK_S
from shrinkwatch.features.index import mix
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, UNKNOWN_FLAG, kernel, step
from shrinkwatch.features.prefetch import AHEAD, prefetch
from shrinkwatch.features.small_sets import Room, count, see

WAYS = 8
EXPIRES_WEEKS = 8
WINDOW_WEEKS = 4
_WINDOW_DAYS = 28
_HASH_BITS = 40
_PAYLOAD = np.uint64(24)
_MASK_40 = np.uint64((1 << _HASH_BITS) - 1)
_TOP = 1 << (_HASH_BITS - 1)
_ROTATE = np.uint64(23)
_ROTATE_BACK = np.uint64(41)


class Asked(NamedTuple):
    """Meetings in order of arrival, (rows,) each.

    one, other: keys, 0 nobody. at_s: seconds, UNKNOWN_64 unknown. counted: learn it. third: who
    else was there (for a table with sets), 0 nobody.
    """

    one: NDArray[np.uint64]
    other: NDArray[np.uint64]
    at_s: NDArray[np.int64]
    counted: NDArray[np.bool_]
    third: NDArray[np.uint64]


class Meetings(NamedTuple):
    """What was known, (rows,) each: first 1/0/unknown, count in four weeks, how many others were
    there in 28 days (0 where the pair is new, unknown without sets)."""

    first: NDArray[np.int8]
    tx_28d: NDArray[np.int32]
    others_28d: NDArray[np.int32]


@step
def pair_hash(one: np.uint64, other: np.uint64) -> int:
    """Return 40 bits that stand for an ordered pair of keys, never 0 (the top bit is set)."""
    turned = (other << _ROTATE) | (other >> _ROTATE_BACK)
    return int(np.int64(mix(one ^ mix(turned)) & _MASK_40)) | _TOP


@step
def bucket_of(asked: Asked, i: int, table: NDArray[np.uint64]) -> int:
    """Return the bucket in which a pair is kept."""
    return pair_hash(asked.one[i], asked.other[i]) & (int(table.shape[0]) - 1)


@step
def find_place(table: NDArray[np.uint64], bucket: int, hashed: int, week: int) -> tuple[int, bool]:
    """Return the pair's place in its bucket and whether it is there; else the place to take."""
    start = (hashed >> 32) % WAYS
    best, oldest = 0, -1
    for k in range(WAYS):
        way = (start + k) % WAYS
        entry = int(np.int64(table[bucket, way] >> _PAYLOAD))
        if entry == hashed:
            return way, True
        idle = 256 if entry == 0 else weeks_idle(table[bucket, way], week)
        if idle > oldest:
            best, oldest = way, idle
    return best, False


@step
def last_week(entry: np.uint64) -> int:
    """Return the week (mod 256) in which the pair last met."""
    return int(np.int64((entry >> np.uint64(16)) & np.uint64(255)))


@step
def weeks_idle(entry: np.uint64, week: int) -> int:
    """Return the weeks since the pair met; 0 when it met later than this late event."""
    idle = (week - last_week(entry)) % 256
    return idle if idle < 252 else 0


@step
def shifted(counts: int, weeks: int) -> int:
    """Return the four weekly counts after that many weeks have begun."""
    return (counts << (4 * weeks)) & 0xFFFF if weeks < WINDOW_WEEKS else 0


@kernel
def meet(
    asked: Asked,
    start: int,
    room: int,
    table: NDArray[np.uint64],
    sets: NDArray[np.uint32],
    out: Meetings,
) -> tuple[int, int]:
    """Read what is known of each pair from row `start` on, then learn the counted meetings.

    Returns the row to go on with and the places taken: it stops when no `room` is left.
    table: (buckets, WAYS) uint64, buckets a power of two. sets: (places, members) uint32, who else
    was there; (0, 0) where nobody asks.
    """
    taken, members = 0, Room(np.uint64(0), np.uint64(sets.shape[1]), _WINDOW_DAYS)
    for i in range(start, asked.one.size):
        ahead = min(i + AHEAD, asked.one.size - 1)
        prefetch(table, bucket_of(asked, ahead, table) * WAYS)
        out.first[i], out.tx_28d[i], out.others_28d[i] = UNKNOWN_FLAG, UNKNOWN_32, UNKNOWN_32
        if asked.one[i] == 0 or asked.other[i] == 0 or asked.at_s[i] == UNKNOWN_64:
            continue
        week = asked.at_s[i] // WEEK_S
        hashed = pair_hash(asked.one[i], asked.other[i])
        bucket = hashed & (table.shape[0] - 1)
        way, known = find_place(table, bucket, hashed, week)
        if not known and taken >= room and asked.counted[i]:
            return i, taken
        idle = weeks_idle(table[bucket, way], week)
        known = known and idle < EXPIRES_WEEKS
        counts = 0
        if known:
            counts = shifted(int(np.int64(table[bucket, way] & np.uint64(0xFFFF))), idle)
        out.first[i] = np.int8(not known)
        out.tx_28d[i] = (counts & 15) + ((counts >> 4) & 15) + ((counts >> 8) & 15) + (counts >> 12)
        if sets.size > 0:
            place, day = bucket * WAYS + way, asked.at_s[i] // DAY_S
            others = count(sets, place, members, day)
            out.others_28d[i] = others if known else 0
            if asked.counted[i]:
                if not known:
                    sets[place] = 0
                see(sets, place, members, day, asked.third[i])
        if asked.counted[i]:
            taken += table[bucket, way] == 0
            counts += int(counts & 15 < 15)
            newest = last_week(table[bucket, way]) if known and idle == 0 else week % 256
            payload = (newest << 16) | counts
            table[bucket, way] = (np.uint64(hashed) << _PAYLOAD) | np.uint64(payload)
    return asked.one.size, taken


@dataclass(slots=True)
class Pairs:
    """A table of pairs, and for each place optionally a small set of who else was there.

    most: the largest number of places that it may grow to. members: size of the sets, 0 for none.
    """

    most: int = 1 << 24
    members: int = 0
    table: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((1 << 10, WAYS), np.uint64))
    sets: NDArray[np.uint32] = field(default_factory=lambda: np.zeros((0, 0), np.uint32))
    taken: int = 0

    def __post_init__(self) -> None:
        if self.members and self.sets.size == 0:
            self.sets = np.zeros((self.table.size, self.members), dtype=np.uint32)

    def meet(self, asked: Asked) -> Meetings:
        """Return what was known of each pair, (rows,); learn the counted meetings."""
        rows, start = asked.one.size, 0
        out = Meetings(
            np.empty(rows, dtype=np.int8),
            np.empty(rows, dtype=np.int32),
            np.empty(rows, dtype=np.int32),
        )
        while start < rows:
            limit = self.table.size // 4 if self.table.size * 2 <= self.most else self.table.size
            room = limit - self.taken if limit < self.table.size else rows
            start, taken = meet(asked, start, room, self.table, self.sets, out)
            self.taken += taken
            if start < rows:
                self._double()
        return out

    def _double(self) -> None:
        """Double the table; what is known stays known."""
        next_bit = np.uint64(int(_PAYLOAD) + self.table.shape[0].bit_length() - 1)
        upper = (self.table >> next_bit) & np.uint64(1) == 1
        zero, none = np.uint64(0), np.uint32(0)
        halves = [np.where(upper, zero, self.table), np.where(upper, self.table, zero)]
        self.table = np.concatenate(halves)
        if self.members:
            moves = upper.reshape(-1, 1)
            kept = [np.where(moves, none, self.sets), np.where(moves, self.sets, none)]
            self.sets = np.concatenate(kept)

    def nbytes(self) -> int:
        """Return the bytes that it holds."""
        return self.table.nbytes + self.sets.nbytes

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that must be saved."""
        return {"table": self.table, "sets": self.sets}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned."""
        self.table, self.sets = arrays["table"], arrays["sets"]
        self.taken = int(np.count_nonzero(self.table))
