"""What a return or a post-void takes back, looked up among the receipts of the last 45 days.

Each receipt leaves 64 bytes: its key and what a later return is compared with. The newest receipts
of the open day are a hash table in memory; when they are many they become a part: two arrays sorted
by key, in files that are only mapped, and a filter that says of nearly every other key that it is
not among them. A day's parts are merged into one when it closes. How much has been paid back on a
receipt is kept apart, since it changes. Operators and registers are compared by 32 bits of a hash
(two different ones pass for one in 4 billion comparisons).
"""

import mmap
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.index import Index, index_of, mix, place_of
from shrinkwatch.features.kernel import UNKNOWN_64, kernel
from shrinkwatch.features.key_filter import marks_of, may_hold

REMEMBERED_DAYS = 45
"""How long a receipt is remembered. Most chains take goods back within 30 days."""

AT, NET, CASH, CARD_PAID, CARD, HANDS, UNITS = range(7)
"""What is remembered: µs, minor units (3), card key, operator and register, units in 1/1000."""
_WORDS = 7
IN_MEMORY = 1 << 18
"""Receipts of the open day from which on they become a part: 16 MiB of words."""
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


class Sorted(NamedTuple):
    """Receipts sorted by key: (n,) uint64 and (n, 7) int64."""

    keys: NDArray[np.uint64]
    words: NDArray[np.int64]


class Part(NamedTuple):
    """Receipts in files, mapped. marks: of their keys, see `marks_of`."""

    receipts: Sorted
    marks: NDArray[np.uint64]


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
    closed: Sorted,
    words: NDArray[np.int64],
    found: NDArray[np.bool_],
) -> None:
    """Fill what a closed day knows of the originals of the rows asked for."""
    for i in asked:
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
    newest: NDArray[np.int64],
    paid_back: NDArray[np.int64],
    out: Found,
) -> None:
    """Read each original among those that arrived before, then learn; in order of arrival.

    slot, numbered, places: the index of the newest receipts, of which only the `seen` ones have
    arrived yet; newest: (slots, 7). paid_slot, paid_back: the same for what was paid back.
    """
    for i in range(slot.size):
        if receipts.original[i] != 0:
            s = places[place_of(receipts.original[i], numbered, places)]
            if s >= 0 and seen[s]:
                out.found[i] = True
                out.words[i] = newest[s]
            out.refunded[i] = paid_back[paid_slot[i]]
            paid_back[paid_slot[i]] += receipts.refund[i]
        if slot[i] >= 0:
            seen[slot[i]] = True
            newest[slot[i]] = receipts.words[i]


@dataclass(slots=True)
class Originals:
    """The receipts of the last 45 days.

    folder: for the files of days that close from now on; None is one that goes with this object.
    """

    folder: Path | None = None
    days: dict[date, Path] = field(default_factory=dict)
    parts: list[Path] = field(default_factory=list)
    index: Index = field(default_factory=Index)
    newest: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, _WORDS), np.int64))
    paid_index: Index = field(default_factory=Index)
    paid_back: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    paid_on: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    _mapped: dict[Path, Part] = field(default_factory=dict)
    _own: TemporaryDirectory[str] | None = None

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
        self._seek_in_files(receipts, hint, out)
        before = self.index.used
        slot = self.index.slots(np.where(receipts.kept, receipts.key, np.uint64(0)))
        paid_slot = self.paid_index.slots(receipts.original)
        self.newest = _grown(self.newest, self.index.used)
        self.paid_back = _grown(self.paid_back, self.paid_index.used)
        self.paid_on = _grown(self.paid_on, self.paid_index.used)
        self.paid_on[paid_slot[paid_slot >= 0]] = 0
        seen = np.zeros(max(self.index.used, 1), dtype=np.bool_)
        seen[:before] = True
        known = self.index.numbered, self.index.places, seen, self.newest
        look_up(receipts, slot, paid_slot, *known, self.paid_back, out)
        if self.index.used >= IN_MEMORY:
            self._put_aside()
        return out

    def close_day(self, day: date) -> None:
        """Make one file of the open day; forget what is older than 45 days."""
        if self.index.used or self.parts:
            stem = self._files() / str(day)
            write(stem, self._today())
            self._mapped.pop(stem, None)
            self.index.clear()
            self.days[day] = stem
        for part in self.parts:
            self._remove(part)
        self.parts = []
        oldest = day - timedelta(days=REMEMBERED_DAYS)
        for old in [one for one in self.days if one <= oldest]:
            self._remove(self.days.pop(old))
        self._forget_paid()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what must be saved beside the closed days."""
        today = list(self._today())
        return {
            "keys": np.concatenate([one.keys for one in today]),
            "words": np.concatenate([one.words for one in today]),
            "paid_keys": self.paid_index.keys(),
            "paid_back": self.paid_back[: self.paid_index.used],
            "paid_on": self.paid_on[: self.paid_index.used],
        }

    def restore(self, arrays: dict[str, NDArray[Any]], folder: Path) -> None:
        """Take over what `arrays` returned, and the closed days that `keep_days` put there.

        With a folder of its own it has the files there, so that those may go.
        """
        self.index, self.paid_index = index_of(arrays["keys"]), index_of(arrays["paid_keys"])
        self.newest = arrays["words"]
        self.paid_back, self.paid_on = arrays["paid_back"], arrays["paid_on"]
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            for path in folder.iterdir():
                _link(path, self.folder / path.name)
            folder = self.folder
        self.days = {date.fromisoformat(p.stem): p.with_suffix("") for p in folder.glob("*.keys")}

    def keep_days(self, folder: Path) -> None:
        """Have the closed days' files, which never change, in this folder, and no others."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {path.name: path for stem in self.days.values() for path in _files_of(stem)}
        for name, path in kept.items():
            _link(path, folder / name)
        for path in folder.iterdir():
            if path.name not in kept:
                path.unlink()

    def _files(self) -> Path:
        if self.folder is None:
            self._own = TemporaryDirectory(prefix="receipts-", ignore_cleanup_errors=True)
            self.folder = Path(self._own.name)
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder

    def _today(self) -> Iterator[Sorted]:
        """Yield the open day's receipts, sorted, in slices."""
        parts = [self._open(part).receipts for part in self.parts]
        for one in merged([*parts, self._newest_sorted()]):
            yield one
            for part in parts:
                let_go(*part)

    def _newest_sorted(self) -> Sorted:
        keys = self.index.keys()
        order = np.argsort(keys)
        # take, not a subscript: rows of seven words come three times as fast
        return Sorted(keys[order], self.newest.take(order, axis=0))

    def _put_aside(self) -> None:
        """Turn the receipts in memory into a part."""
        self.parts.append(self._files() / f"open-{len(self.parts)}")
        write(self.parts[-1], [self._newest_sorted()])
        self.index.clear()

    def _open(self, stem: Path) -> Part:
        if stem not in self._mapped:
            self._mapped[stem] = mapped(stem)
        return self._mapped[stem]

    def _remove(self, stem: Path) -> None:
        self._mapped.pop(stem, None)
        if stem.parent == self.folder:
            for path in _files_of(stem):
                path.unlink()

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

    def _seek_in_files(self, receipts: Receipts, hint: NDArray[np.int64], out: Found) -> None:
        """Look in the open day's parts, then in the days near the hint, then in all others."""
        asked = np.flatnonzero(receipts.original)
        if asked.size == 0:
            return
        days = sorted(self.days.items(), reverse=True)
        for part in reversed(self.parts):
            self._seek_in(part, asked, receipts, out)
        for day, stem in days:
            near = np.abs(hint[asked] - (day - date(1970, 1, 1)).days) <= 1
            self._seek_in(stem, asked[near], receipts, out)
        for _, stem in days:
            self._seek_in(stem, asked, receipts, out)

    def _seek_in(
        self, stem: Path, asked: NDArray[np.int64], receipts: Receipts, out: Found
    ) -> None:
        """Fill what the files know of those of these rows' originals that are not found yet."""
        asked = asked[~out.found[asked]]
        if asked.size == 0:
            return
        there = self._open(stem)
        asked = asked[may_hold(receipts.original[asked], there.marks)]
        if asked.size:
            seek_all(asked, receipts, there.receipts, out.words, out.found)
            let_go(*there.receipts)


def merged(parts: Sequence[Sorted]) -> Iterator[Sorted]:
    """Yield the receipts of all parts, sorted, in slices; of equal keys the last part's."""
    slices = max(1, sum(part.keys.size for part in parts) // IN_MEMORY)
    bounds = np.array([2**64 * n // slices for n in range(1, slices)], dtype=np.uint64)
    cuts = [[0, *np.searchsorted(part.keys, bounds), part.keys.size] for part in parts]
    for n in range(slices):
        some = [slice(cut[n], cut[n + 1]) for cut in cuts]
        keys = np.concatenate([part.keys[one] for part, one in zip(parts, some, strict=True)])
        words = np.concatenate([part.words[one] for part, one in zip(parts, some, strict=True)])
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        last = np.append(keys[1:] != keys[:-1], np.ones(min(1, keys.size), dtype=np.bool_))
        yield Sorted(keys[last], words.take(order[last], axis=0))


def write(stem: Path, slices: Iterable[Sorted]) -> None:
    """Write sorted receipts to files: their keys, their words, and the keys' filter."""
    drafts = [path.with_name(f"{path.name}.tmp") for path in _files_of(stem)]
    with drafts[0].open("wb") as keys, drafts[1].open("wb") as words:
        for one in slices:
            one.keys.tofile(keys)
            one.words.tofile(words)
    marks_of(np.fromfile(drafts[0], np.uint64)).tofile(drafts[2])
    for draft, path in zip(drafts, _files_of(stem), strict=True):
        draft.replace(path)


def mapped(stem: Path) -> Part:
    """Return the receipts of these files, mapped and not read."""
    keys, words, marks = map(_map, _files_of(stem))
    receipts = Sorted(
        np.frombuffer(keys, np.uint64), np.frombuffer(words, np.int64).reshape(-1, _WORDS)
    )
    return Part(receipts, np.frombuffer(marks, np.uint64))


def _map(path: Path) -> mmap.mmap:
    """Map the file copy-on-write: loops take only writable arrays."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def let_go(*arrays: NDArray[Any]) -> None:
    """Give the pages of mapped arrays back to the system, which reads them again when needed."""
    for array in arrays:
        owner: Any = array
        while isinstance(owner, np.ndarray):
            owner = owner.base
        if isinstance(owner, memoryview):
            owner = owner.obj
        if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            owner.madvise(mmap.MADV_DONTNEED)


def _files_of(stem: Path) -> tuple[Path, Path, Path]:
    return stem.with_suffix(".keys"), stem.with_suffix(".words"), stem.with_suffix(".marks")


def _link(path: Path, to: Path) -> None:
    """Have the file there too, on the disk for good."""
    if not to.exists():
        try:
            os.link(path, to)
        except OSError:  # another disk, or one without links
            shutil.copyfile(path, to)
        with to.open("rb") as file:
            os.fsync(file.fileno())


def _grown(array: Array, used: int) -> Array:
    if array.shape[0] < used:
        array.resize((max(used, array.shape[0] * 5 // 4), *array.shape[1:]), refcheck=False)
    return array
