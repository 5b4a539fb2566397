"""What a return or a post-void takes back, looked up among the receipts of the last 45 days.

Each receipt leaves 64 bytes: its key and what a later return is compared with. The open day is a
hash table; a closed day is two arrays sorted by key, kept in memory or, with a folder given, in
files that are only mapped. How much has been paid back on a receipt is kept apart, since it
changes. Operators and registers are compared by 32 bits of a hash (two different ones pass for
one in 4 billion comparisons).
"""

import mmap
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from shrinkwatch.features.index import Index, index_of, mix, place_of
from shrinkwatch.features.kernel import UNKNOWN_64, kernel

REMEMBERED_DAYS = 45
"""How long a receipt is remembered. Most chains take goods back within 30 days."""

AT, NET, CASH, CARD_PAID, CARD, HANDS, UNITS = range(7)
"""What is remembered: µs, minor units (3), card key, operator and register, units in 1/1000."""
_WORDS = 7
_LET_GO_AFTER = 4_000
"""Look-ups after which mapped pages are given back: each touches two or three of 4 KiB."""
Array = TypeVar("Array", bound=NDArray[Any])


class Receipts(NamedTuple):
    """Transactions in order of arrival, as this memory sees them, (rows,) each.

    kept: a later one may refer to it. original: key of what it refers to, 0 nothing. refund: what
    it pays back, minor units. words: (rows, 7) int64, what is remembered of it.
    """

    key: NDArray[np.uint64]
    kept: NDArray[np.bool_]
    original: NDArray[np.uint64]
    refund: NDArray[np.int64]
    words: NDArray[np.int64]


class Closed(NamedTuple):
    """The receipts of a closed day, sorted by key: (n,) uint64 and (n, 7) int64."""

    keys: NDArray[np.uint64]
    words: NDArray[np.int64]


class Found(NamedTuple):
    """What is known of each transaction's original: words (rows, 7), found (rows,), refunded
    (rows,) int64, paid back on it before (unknown where none is named)."""

    words: NDArray[np.int64]
    found: NDArray[np.bool_]
    refunded: NDArray[np.int64]


@kernel
def hands(operator: NDArray[np.uint64], register: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return 32 bits of each operator above 32 bits of each register, 0 where nobody."""
    both = np.zeros(operator.size, dtype=np.int64)
    for i in range(operator.size):
        if operator[i] != 0:
            both[i] = np.int64(mix(operator[i]) >> np.uint64(33)) << 32
        if register[i] != 0:
            both[i] |= np.int64(mix(register[i]) >> np.uint64(32))
    return both


@kernel
def seek(keys: NDArray[np.uint64], key: np.uint64) -> int:
    """Return the place of the key in a sorted array, or −1.

    Keys are hashes, so the place is guessed from the key, then from the key that stands there, and
    found by doubling steps from the second guess.
    """
    density, most = keys.size / 2.0**64, keys.size - 1
    guess = min(int(np.float64(key) * density), most)
    nearer = (np.float64(key) - np.float64(keys[guess])) * density
    guess = min(max(guess + int(nearer), 0), most)
    step, low, high = 16, guess, guess
    while low > 0 and keys[low] > key:
        low, step = max(low - step, 0), step * 2
    while high < keys.size - 1 and keys[high] < key:
        high, step = min(high + step, keys.size - 1), step * 2
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return int(low) if keys[low] == key else -1


@kernel
def seek_all(
    asked: NDArray[np.int64],
    receipts: Receipts,
    closed: Closed,
    words: NDArray[np.int64],
    found: NDArray[np.bool_],
) -> None:
    """Fill what a closed day knows of the originals of the rows asked for and not yet found."""
    for i in asked:
        if not found[i]:
            place = seek(closed.keys, receipts.original[i])
            if place >= 0:
                found[i] = True
                words[i] = closed.words[place]


@kernel
def look_up(
    receipts: Receipts,
    slot: NDArray[np.int64],
    paid_slot: NDArray[np.int64],
    numbered: NDArray[np.uint64],
    places: NDArray[np.int32],
    seen: NDArray[np.bool_],
    today: NDArray[np.int64],
    paid_back: NDArray[np.int64],
    out: Found,
) -> None:
    """Read each original among those that arrived before, then learn; in order of arrival.

    slot, numbered, places: the index of the open day's receipts, of which only the `seen` ones have
    arrived yet; today: (slots, 7). paid_slot, paid_back: the same for what was paid back.
    """
    for i in range(slot.size):
        if receipts.original[i] != 0:
            s = places[place_of(receipts.original[i], numbered, places)]
            if s >= 0 and seen[s]:
                out.found[i] = True
                out.words[i] = today[s]
            out.refunded[i] = paid_back[paid_slot[i]]
            paid_back[paid_slot[i]] += receipts.refund[i]
        if slot[i] >= 0:
            seen[slot[i]] = True
            today[slot[i]] = receipts.words[i]


@dataclass(slots=True)
class Originals:
    """The receipts of the last 45 days.

    folder: where closed days are kept as files; None keeps them in memory.
    """

    folder: Path | None = None
    days: dict[date, Closed] = field(default_factory=dict)
    index: Index = field(default_factory=Index)
    today: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, _WORDS), np.int64))
    paid_index: Index = field(default_factory=Index)
    paid_back: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    paid_on: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    asked: int = 0  # look-ups since mapped pages were last given back

    def advance(self, receipts: Receipts, hint: NDArray[np.int64]) -> Found:
        """Return what is known of each original, (rows,); then the receipts are learned.

        hint: (rows,) int64 business date of the original in days since 1970, UNKNOWN_64 unknown.
        """
        rows = receipts.key.size
        out = Found(
            np.zeros((rows, _WORDS), dtype=np.int64),
            np.zeros(rows, dtype=np.bool_),
            np.full(rows, UNKNOWN_64, dtype=np.int64),
        )
        self._seek_closed(receipts, hint, out)
        before = self.index.used
        slot = self.index.slots(np.where(receipts.kept, receipts.key, np.uint64(0)))
        paid_slot = self.paid_index.slots(receipts.original)
        self.today = _grown(self.today, self.index.used)
        self.paid_back = _grown(self.paid_back, self.paid_index.used)
        self.paid_on = _grown(self.paid_on, self.paid_index.used)
        self.paid_on[paid_slot[paid_slot >= 0]] = 0
        seen = np.zeros(max(self.index.used, 1), dtype=np.bool_)
        seen[:before] = True
        numbered, places = self.index.numbered, self.index.places
        look_up(receipts, slot, paid_slot, numbered, places, seen, self.today, self.paid_back, out)
        return out

    def close_day(self, day: date) -> None:
        """Turn the open day into a closed one; forget what is older than 45 days."""
        keys = self.index.keys()
        order = np.argsort(keys, kind="stable")
        if keys.size:
            self._put(day, Closed(keys[order], self.today[: keys.size][order]))
        self.index, self.today = Index(), np.zeros((0, _WORDS), np.int64)
        oldest = day - timedelta(days=REMEMBERED_DAYS)
        for old in [one for one in self.days if one <= oldest]:
            del self.days[old]
            if self.folder is not None:
                for path in _files(self.folder, old):
                    path.unlink(missing_ok=True)
        self._forget_paid()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what must be saved beside the closed days."""
        return {
            "keys": self.index.keys(),
            "today": self.today[: self.index.used],
            "paid_keys": self.paid_index.keys(),
            "paid_back": self.paid_back[: self.paid_index.used],
            "paid_on": self.paid_on[: self.paid_index.used],
        }

    def restore(self, arrays: dict[str, NDArray[Any]], folder: Path) -> None:
        """Take over what `arrays` returned, and the closed days that are files of the folder."""
        self.index, self.paid_index = index_of(arrays["keys"]), index_of(arrays["paid_keys"])
        self.today = arrays["today"]
        self.paid_back, self.paid_on = arrays["paid_back"], arrays["paid_on"]
        self.days = {day: map_day(folder, day) for day in days_in(folder)}

    def keep_days(self, folder: Path) -> None:
        """Write the closed days into the folder, and nothing twice; remove those forgotten."""
        for day, closed in self.days.items():
            keep_day(folder, day, closed)
        for day in days_in(folder):
            if day not in self.days:
                for path in _files(folder, day):
                    path.unlink()

    def _put(self, day: date, closed: Closed) -> None:
        if self.folder is not None:
            closed = keep_day(self.folder, day, closed)
        self.days[day] = closed

    def _forget_paid(self) -> None:
        """Count a day without a refund on each receipt; after 45 of them it is forgotten."""
        used = self.paid_index.used
        self.paid_on[:used] += 1
        kept = self.paid_on[:used] <= REMEMBERED_DAYS
        if not kept.all():
            keys = self.paid_index.keys()[kept]
            self.paid_index = Index()
            self.paid_index.slots(keys)
            self.paid_back = self.paid_back[:used][kept].copy()
            self.paid_on = self.paid_on[:used][kept].copy()

    def _seek_closed(self, receipts: Receipts, hint: NDArray[np.int64], out: Found) -> None:
        asked = np.flatnonzero(receipts.original)
        if asked.size == 0:
            return
        wanted = asked.size
        for day, closed in sorted(self.days.items(), reverse=True):
            near = np.abs(hint[asked] - (day - date(1970, 1, 1)).days) <= 1
            if near.any():
                seek_all(asked[near], receipts, closed, out.words, out.found)
        for _, closed in sorted(self.days.items(), reverse=True):
            asked = asked[~out.found[asked]]
            seek_all(asked, receipts, closed, out.words, out.found)
        self.asked += wanted
        if self.asked >= _LET_GO_AFTER:
            self.asked = 0
            for closed in self.days.values():
                for array in closed:
                    let_go(array)


def keep_day(folder: Path, day: date, closed: Closed) -> Closed:
    """Write a closed day into the folder, unless it is there, and return it mapped."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, array in zip(_files(folder, day), closed, strict=True):
        if not path.exists():
            draft = path.with_suffix(".tmp")
            with draft.open("wb") as file:
                np.save(file, array, allow_pickle=False)
            draft.replace(path)
    return map_day(folder, day)


def map_day(folder: Path, day: date) -> Closed:
    """Return a closed day of the folder, mapped and not read."""
    return Closed(*(_mapped(path) for path in _files(folder, day)))


def _mapped(path: Path) -> NDArray[Any]:
    """Return the array of a .npy file, mapped copy-on-write: loops take only writable arrays."""
    with path.open("rb") as file:
        npy.read_magic(file)
        shape, _, dtype = npy.read_array_header_1_0(file)
        pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        return np.frombuffer(pages, dtype=dtype, offset=file.tell()).reshape(shape)


def let_go(array: NDArray[Any]) -> None:
    """Give the pages of a mapped array back to the system, which reads them again when needed."""
    owner: Any = array
    while isinstance(owner, np.ndarray):
        owner = owner.base
    if isinstance(owner, memoryview):
        owner = owner.obj
    if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        owner.madvise(mmap.MADV_DONTNEED)


def days_in(folder: Path) -> list[date]:
    """Return the closed days that the folder holds, oldest first."""
    return sorted(date.fromisoformat(path.name[:10]) for path in folder.glob("*.keys.npy"))


def _files(folder: Path, day: date) -> tuple[Path, Path]:
    return folder / f"{day}.keys.npy", folder / f"{day}.words.npy"


def _grown(array: Array, used: int) -> Array:
    if array.shape[0] < used:
        array.resize((max(used, array.shape[0] * 5 // 4), *array.shape[1:]), refcheck=False)
    return array
