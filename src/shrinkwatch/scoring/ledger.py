"""Counts how often each subject had which chance, and where: millions of small sums over days.

A *place* is a peer group in a store, a *unit* is a subject at a place. Units of closed days lie
sorted in one table; a day holds the places of its units in that table and small counts. A unit
takes 12 bytes, and 4 bytes and one per chance for each day on which it was seen (4 per chance on a
day on which any count exceeds 255).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.index import Index
from shrinkwatch.features.kernel import kernel

Keys = NDArray[np.uint64]
Units = NDArray[np.int32]
Counts = NDArray[np.int64]

_PARTS = ("factors", "unit", "counts")


@dataclass(slots=True)
class Pairs:
    """Pairs of keys, numbered from 0 in order of first appearance.

    A pair is told apart by a 64-bit mix: a billion of them would hold two that are taken for one
    with a chance of 3 %. first, second: of each number; longer than `used`.
    """

    index: Index = field(default_factory=Index)
    first: Keys = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    second: Keys = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))

    @property
    def used(self) -> int:
        """How many pairs there are."""
        return self.index.used

    def numbers(self, first: Keys, second: Keys) -> NDArray[np.int64]:
        """Return the number of each pair; unknown pairs get the next ones."""
        before = self.used
        mixed = first * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= (second + np.uint64(1)) * np.uint64(0xC2B2AE3D27D4EB4F)
        mixed[mixed == 0] = 1
        found = self.index.slots(mixed)
        new = np.flatnonzero(found >= before)
        if new.size:
            make_room(self.first, self.used)
            make_room(self.second, self.used)
            self.first[found[new]], self.second[found[new]] = first[new], second[new]
        return found


@dataclass(slots=True)
class Seen:
    """A closed day. unit: (n,) its units, ascending. counts: (n, chances), uint8 if all fit.

    factors: (rules,) how much likelier hits were on that day than usual, in 1/1024.
    """

    day: date
    factors: Counts
    unit: Units
    counts: NDArray[Any]


@dataclass(slots=True)
class Ledger:
    """The chances of subjects of one type: the closed days of the window, and the day that is open.

    key, place: of each unit of the closed days, sorted by key and by the order of places.
    today: the open day's units (key, place). counts: (at least today's units, chances) int32.
    """

    chances: int
    key: Keys = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    place: Units = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    days: list[Seen] = field(default_factory=list)
    today: Pairs = field(init=False)
    counts: NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        self._open()

    def _open(self) -> None:
        self.today, self.counts = Pairs(), np.zeros((0, self.chances), dtype=np.int32)

    def count(
        self, key: Keys, place: Counts, at_risk: Mapping[int, NDArray[np.bool_]]
    ) -> NDArray[np.int64]:
        """Count the rows of a batch at risk; return each row's unit of the open day, or -1.

        key, place: (rows,). at_risk: chance -> (rows,).
        """
        unit, masks = np.full(key.size, -1, dtype=np.int64), np.stack(list(at_risk.values()))
        rows = np.flatnonzero(masks.any(axis=0))
        unit[rows] = self.today.numbers(key[rows], place[rows].astype(np.uint64))
        make_room(self.counts, self.today.used)
        count_rows(unit, np.array(list(at_risk)), masks, self.counts)
        return unit

    def counts_in(self, groups: int, of_place: Counts) -> Counts:
        """Return (groups, chances) how often each chance was had in each group on the open day.

        of_place: (places,) the group of each place, from 0.
        """
        sums = np.zeros((groups, self.chances), dtype=np.int64)
        add_units(self.today.second[: self.today.used], of_place, self.counts, sums)
        return sums

    def close(self, day: date, after: date, factors: Counts, order: Counts) -> tuple[Units, Units]:
        """Close the day and forget those up to `after`; return where units went.

        order: (places,) the rank of each place; that of known places among each other never
        changes. Returns (of each unit before, of each unit of the open day) its number now; -1 for
        units of which nothing is left.
        """
        self.days = [one for one in self.days if one.day > after]
        left = np.zeros(self.key.size, dtype=np.bool_)
        for one in self.days:
            left[one.unit] = True
        key = self.today.first[: self.today.used]
        place = self.today.second[: self.today.used].astype(np.int32)
        units = pl.DataFrame({"key": key, "order": order[place]})
        sort = units.select(pl.arg_sort_by("key", "order")).to_series().to_numpy()
        old, new = np.empty(left.size, dtype=np.int32), np.empty(sort.size, dtype=np.int32)
        size = merge(self.key, self.place, left, key[sort], place[sort], order, old, new)
        self.key = _moved(size, (self.key, old), (key[sort], new))
        self.place = _moved(size, (self.place, old), (place[sort], new))
        for one in self.days:
            one.unit = old[one.unit]
        counts = self.counts[: sort.size]
        narrow = counts.astype(np.uint8) if counts.max(initial=0) < 256 else counts
        self.days.append(Seen(day, factors, new, narrow.take(sort, axis=0)))
        self._open()
        came = np.empty_like(new)
        came[sort] = new
        return old, came

    def sums(self, chance: int, *, rule: int | None = None, after: date | None = None) -> Counts:
        """Return (units,) how often each unit had the chance on the closed days after that one.

        rule: days count by this rule's factor, in 1/1024.
        """
        sums = np.zeros(self.key.size, dtype=np.int64)
        for one in self.days:
            if after is None or one.day > after:
                factor = 1 if rule is None else int(one.factors[rule])
                sum_up(one.unit, one.counts, chance, factor, sums)
        return sums

    def subjects(self) -> Keys:
        """Return the keys of everybody who had any chance, ascending."""
        return self.key[_firsts(self.key)]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that `restore` needs."""
        used = self.today.used
        arrays: dict[str, NDArray[Any]] = {
            "key": self.key,
            "place": self.place,
            "days": np.array([one.day.toordinal() for one in self.days], dtype=np.int64),
            "today_key": self.today.first[:used],
            "today_place": self.today.second[:used],
            "today_counts": self.counts[:used],
        }
        for number, one in enumerate(self.days):
            arrays |= {f"{part}_{number}": getattr(one, part) for part in _PARTS}
        return arrays

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Become as `arrays` was called."""
        self.key, self.place = arrays["key"], arrays["place"]
        self.days = [
            Seen(date.fromordinal(day), *(arrays[f"{part}_{n}"] for part in _PARTS))
            for n, day in enumerate(arrays["days"].tolist())
        ]
        self._open()
        self.today.numbers(arrays["today_key"], arrays["today_place"])
        self.counts = arrays["today_counts"].copy()


def found(known: Keys, asked: Keys) -> tuple[Units, NDArray[np.bool_]]:
    """Return where in `known` each key of `asked` lies, 0 if nowhere, and whether it does.

    Both ascend, without repetition.
    """
    at = np.zeros(asked.size, dtype=np.int32)
    here = np.zeros(asked.size, dtype=np.bool_)
    find(known, asked, at, here)
    return at, here


def starts_of(key: Keys) -> Counts:
    """Return where each run of equal keys starts, and at last how many keys there are."""
    return np.append(_firsts(key), key.size)


def make_room(array: NDArray, used: int) -> None:  # type: ignore[type-arg]
    """Give the array room for so many, a quarter more than it had at least; new ones are 0.

    It grows where it lies, so nobody may hold a view of it: a copy would take as much memory again.
    """
    if array.shape[0] < used:
        room = max(used, array.shape[0] * 5 // 4)
        array.resize((room, *array.shape[1:]), refcheck=False)


def _firsts(key: Keys) -> Counts:
    return np.flatnonzero(np.append(key.size > 0, key[1:] != key[:-1]))


def _moved(size: int, *parts: tuple[NDArray, Units]) -> NDArray:  # type: ignore[type-arg]
    """Return an array of that size with each value at its new place; -1 is left out."""
    moved = np.empty(size, dtype=parts[0][0].dtype)
    for values, to in parts:
        move(values, to, moved)
    return moved


@kernel
def count_rows(
    unit: Counts, chance: Counts, at_risk: NDArray[np.bool_], counts: NDArray[np.int32]
) -> None:
    """Add 1 to the unit of each row under each chance at risk. at_risk: (chances, rows)."""
    for i in range(unit.size):
        if unit[i] >= 0:
            for n in range(chance.size):
                counts[unit[i], chance[n]] += at_risk[n, i]


@kernel
def add_units(place: Keys, of_place: Counts, counts: NDArray[np.int32], sums: Counts) -> None:
    """Add the counts of each unit to the sums of its place's group."""
    for i in range(place.size):
        group = of_place[place[i]]
        for chance in range(sums.shape[1]):
            sums[group, chance] += counts[i, chance]


@kernel
def sum_up(unit: Units, counts: NDArray[Any], chance: int, factor: int, sums: Counts) -> None:
    """Add a day's counts times the factor to each unit's sum."""
    for i in range(unit.size):
        sums[unit[i]] += counts[i, chance] * factor


@kernel
def merge(
    key: Keys,
    place: Units,
    left: NDArray[np.bool_],
    new_key: Keys,
    new_place: Units,
    order: Counts,
    old: Units,
    new: Units,
) -> int:
    """Fill where two sorted tables of units go in one; return how many units that has.

    A unit of the first of which nothing is left, and that is not in the second, goes to -1.
    """
    i, j, size = 0, 0, 0
    while i < key.size or j < new_key.size:
        first = j == new_key.size
        both = False
        if i < key.size and j < new_key.size:
            here, there = order[place[i]], order[new_place[j]]
            first = key[i] < new_key[j] or (key[i] == new_key[j] and here < there)
            both = key[i] == new_key[j] and here == there
        if first and not left[i]:
            old[i] = -1
            i += 1
            continue
        if first or both:
            old[i] = size
            i += 1
        if not first:
            new[j] = size
            j += 1
        size += 1
    return size


@kernel
def move(values: Keys, to: Units, moved: Keys) -> None:
    """Write each value to its new place."""
    for i in range(to.size):
        if to[i] >= 0:
            moved[to[i]] = values[i]


@kernel
def find(known: Keys, asked: Keys, at: Units, here: NDArray[np.bool_]) -> None:
    """Fill where each key lies among the known ones, and whether it does."""
    i = 0
    for j in range(asked.size):
        while i < known.size and known[i] < asked[j]:
            i += 1
        if i < known.size and known[i] == asked[j]:
            at[j], here[j] = i, True
