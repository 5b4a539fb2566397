"""How much of something a person, a till, a store or a product did in the hours and days before.

A ring holds sums per hop of time (10 minutes, an hour, a day) for each subject. The event's own
time chooses the hop; the order of arrival decides what is already known. An event that comes late
is counted in its own hop as long as the ring still holds it, and reads the window that ends in its
own hop; where the ring no longer holds all of that window, the answer is unknown. Sums are whole
numbers, exact in any order; counts lie two to a 64-bit word, which halves the memory to go through.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, zip_longest
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.arrays import Block
from shrinkwatch.features.declared import WINDOWS_S, Rings
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, kernel, step
from shrinkwatch.features.prefetch import AHEAD, LINE_BYTES, prefetch
from shrinkwatch.features.subjects import Part, Subjects

PART = "rings"
_HALF = 32
_LOW = (1 << _HALF) - 1
_SLACK = 4
"""Hops by which an event may be late and still read every window exactly, at least."""
BLOCK = 64
"""Rows read before they are written out column by column: few enough to stay in the cache."""


class Plan(NamedTuple):
    """Where a subject's row of words holds what: whole numbers that a loop is compiled with.

    First the newest hop seen of each ring (0 for none), then the sum of each window, then each
    ring's cells. A hop's cell is its number modulo the ring's hops, a power of two.
    hop_s, hops: of each ring. cells: where each begins. windows: (rings + 1) number of the ring's
    first window. spans: of each window, in hops. row: words of a subject.
    """

    words: int  # of a sum or a cell
    hop_s: tuple[int, ...]
    hops: tuple[int, ...]
    cells: tuple[int, ...]
    windows: tuple[int, ...]
    spans: tuple[int, ...]
    row: int


class Events(NamedTuple):
    """What happens to the subjects of one kind, in order of arrival.

    slot: (events,) int64, −1 nobody. hops: (events, rings) int64, see `hops_of`. words: (events,
    words) int64, see `packed`.
    """

    slot: NDArray[np.int64]
    hops: NDArray[np.int64]
    words: NDArray[np.int64]


Advance = Callable[[Events, NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]], None]


@step
def ask_for(memory: NDArray[np.int64], slot: int, hop: NDArray[np.int64], plan: Plan) -> None:
    """Ask for the memory that an event to come will need. hop: (rings,)."""
    if slot >= 0 and hop[0] != UNKNOWN_64:
        first = slot * plan.row
        for word in range(0, plan.cells[0], LINE_BYTES // 8):
            prefetch(memory, first + word)
        for r in range(len(plan.hops)):
            prefetch(memory, first + cell_of(hop[r], r, plan))


@step
def cell_of(hop: int, r: int, plan: Plan) -> int:
    """Return where the cell of a ring's hop begins."""
    return plan.cells[r] + (hop & (plan.hops[r] - 1)) * plan.words


@step
def roll(row: NDArray[np.int64], r: int, hop: int, plan: Plan) -> None:
    """Move a ring's newest hop forward: what leaves a window is subtracted from its sum."""
    now = row[r]
    row[r] = hop
    if now == 0:
        return
    for w in range(plan.windows[r], plan.windows[r + 1]):
        total = len(plan.hops) + w * plan.words
        for leaving in range(now - plan.spans[w] + 1, min(hop - plan.spans[w], now) + 1):
            cell = cell_of(leaving, r, plan)
            for m in range(plan.words):
                row[total + m] -= row[cell + m]
    for entering in range(max(now, hop - plan.hops[r]) + 1, hop + 1):
        cell = cell_of(entering, r, plan)
        for m in range(plan.words):
            row[cell + m] = 0


@step
def turn(row: NDArray[np.int64], hop: NDArray[np.int64], plan: Plan) -> bool:
    """Move a subject's rings on to an event's hops; return whether the event is late for any."""
    late = False
    for r in range(len(plan.hops)):
        if hop[r] > row[r]:
            roll(row, r, hop[r], plan)
        elif hop[r] < row[r]:
            late = True
    return late


@step
def learn(
    row: NDArray[np.int64], hop: NDArray[np.int64], plan: Plan, words: NDArray[np.int64]
) -> None:
    """Add an event's words to its hops and to the windows that hold them, after `turn`."""
    for word in range(plan.words):
        more = words[word]
        if more == 0:
            continue
        for r in range(len(plan.hops)):
            late = row[r] - hop[r]
            if late < plan.hops[r]:
                row[cell_of(hop[r], r, plan) + word] += more
            for w in range(plan.windows[r], plan.windows[r + 1]):
                if late < plan.spans[w]:
                    row[len(plan.hops) + w * plan.words + word] += more


@step
def read(
    memory: NDArray[np.int64],
    s: int,
    hop: NDArray[np.int64],
    plan: Plan,
    sums: NDArray[np.int64],
    k: int,
) -> None:
    """Set column k of sums (windows × words, …) to what a subject's windows hold for an event.

    Nobody (−1) and an event without a time read UNKNOWN_64.
    """
    if s < 0 or hop[0] == UNKNOWN_64:
        for word in range(len(plan.spans) * plan.words):
            sums[word, k] = UNKNOWN_64
        return
    row = memory[s]
    if turn(row, hop, plan):
        read_late(row, hop, plan, sums, k)
    else:
        for word in range(len(plan.spans) * plan.words):
            sums[word, k] = row[len(plan.hops) + word]


@kernel
def read_late(
    row: NDArray[np.int64],
    hop: NDArray[np.int64],
    plan: Plan,
    sums: NDArray[np.int64],
    k: int,
) -> None:
    """Add up windows that end before the newest hop, UNKNOWN_64 where a cell is taken again."""
    words = plan.words
    for r in range(len(plan.hops)):
        for w in range(plan.windows[r], plan.windows[r + 1]):
            first = hop[r] - plan.spans[w] + 1
            held = first > row[r] - plan.hops[r]
            for m in range(words):
                sums[w * words + m, k] = 0 if held else UNKNOWN_64
            for one in range(first, hop[r] + 1 if held else first):
                cell = cell_of(one, r, plan)
                for m in range(words):
                    sums[w * words + m, k] += row[cell + m]


@step
def write_out(
    sums: NDArray[np.int64],
    first: int,
    rows: int,
    plan: Plan,
    counts: NDArray[np.int32],
    amounts: NDArray[np.int64],
) -> None:
    """Unpack the sums that were read, `rows` of them, into the columns from row `first` on."""
    windows = len(plan.spans)
    n_counts, n_amounts = counts.shape[0] // windows, amounts.shape[0] // windows
    for w in range(windows):
        for c in range(n_counts):
            unpack(sums[w * plan.words + (c >> 1)], c & 1, first, rows, counts[w * n_counts + c])
        for c in range(n_amounts):
            read = sums[(w + 1) * plan.words - n_amounts + c, :rows]
            amounts[w * n_amounts + c, first : first + rows] = read


@kernel
def unpack(
    words: NDArray[np.int64], half: int, first: int, rows: int, counts: NDArray[np.int32]
) -> None:
    """Write one half of each word into a column from row `first` on."""
    out = counts[first : first + rows]
    for i in range(out.size):
        known = np.int32((words[i] >> (half * _HALF)) & _LOW)
        out[i] = UNKNOWN_32 if words[i] == UNKNOWN_64 else known


@lru_cache
def advance_of(plan: Plan) -> Advance:
    """Return the loop that reads each event's windows, then learns it.

    It takes the events; memory (subjects, words of a row); counts (windows × counts, events) int32
    and amounts (windows × amounts, events) int64 to fill. It is compiled for one plan: with the
    plan's numbers as arguments it took two to five times as long.
    """

    @kernel
    def advance(
        events: Events,
        memory: NDArray[np.int64],
        counts: NDArray[np.int32],
        amounts: NDArray[np.int64],
    ) -> None:
        sums = np.empty((len(plan.spans) * plan.words, BLOCK), dtype=np.int64)
        for first in range(0, events.slot.size, BLOCK):
            rows = min(BLOCK, events.slot.size - first)
            for k in range(rows):
                s, hop = events.slot[first + k], events.hops[first + k]
                ahead = min(first + k + AHEAD, events.slot.size - 1)
                ask_for(memory, events.slot[ahead], events.hops[ahead], plan)
                read(memory, s, hop, plan, sums, k)
                if s >= 0 and hop[0] != UNKNOWN_64:
                    learn(memory[s], hop, plan, events.words[first + k])
            write_out(sums, first, rows, plan, counts, amounts)

    return advance


def hops_of(at_s: NDArray[np.int64], plan: Plan) -> NDArray[np.int64]:
    """Return (events, rings) int64: the hop of each time in each ring, UNKNOWN_64 where unknown.

    at_s: (events,) int64 seconds since 1970 UTC, UNKNOWN_64 where unknown.
    """
    hops = np.empty((at_s.size, len(plan.hop_s)), dtype=np.int64)
    for r, hop_s in enumerate(plan.hop_s):
        hops[:, r] = at_s // hop_s
    hops[at_s == UNKNOWN_64] = UNKNOWN_64
    return hops


def packed(counts: list[NDArray[np.int64]], amounts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return (events, words) int64: the counts two to a word, then the amounts.

    Counts are not negative and no window's count reaches 2^31, so that words add up as counts do.
    """
    pairs = [
        low if high is None else low | (high << _HALF)
        for low, high in zip_longest(counts[::2], counts[1::2])
    ]
    return np.stack([*pairs, *amounts], axis=1)


@dataclass(frozen=True, slots=True)
class Windows:
    """The columns of a declaration's windows while a batch is read.

    counts: (windows × counts, rows) int32. amounts: (windows × amounts, rows) int64.
    """

    declared: Rings
    counts: NDArray[np.int32]
    amounts: NDArray[np.int64]

    @classmethod
    def of(cls, declared: Rings, rows: int) -> Self:
        """Return columns to be filled."""
        windows = len(declared.windows)
        return cls(
            declared,
            np.empty((windows * len(declared.counts), rows), dtype=np.int32),
            np.empty((windows * len(declared.amounts), rows), dtype=np.int64),
        )

    def blocks(self) -> list[Block]:
        """Return the columns with their names."""
        subject, windows = self.declared.subject, list(_by_hop(self.declared))
        counted = [f"{subject}_{m.what}_{w}" for w in windows for m in self.declared.counts]
        summed = [f"{subject}_{m.what}_{w}" for w in windows for m in self.declared.amounts]
        blocks = [Block(counted, self.counts), Block(summed, self.amounts)]
        return [block for block in blocks if block.names]


def plan_of(declared: Rings) -> Plan:
    """Return the layout of a row: a ring for each hop, the finest first."""
    hop_s = tuple(sorted(set(declared.windows.values())))
    words = len(declared.amounts) + (len(declared.counts) + 1) // 2
    of_hop = [[w for w, hop in _by_hop(declared).items() if hop == one] for one in hop_s]
    spans = [[WINDOWS_S[w] // one for w in names] for one, names in zip(hop_s, of_hop, strict=True)]
    hops = tuple(_power_of_two(max(of_ring) + _SLACK) for of_ring in spans)
    windows = (0, *accumulate(len(of_ring) for of_ring in spans))
    sums = len(hop_s) + windows[-1] * words
    *cells, row = accumulate((size * words for size in hops), initial=sums)
    flat = tuple(span for of_ring in spans for span in of_ring)
    return Plan(words, hop_s, hops, tuple(cells), windows, flat, row)


def part(declared: Rings) -> Part:
    """Return the array that a subject's memory needs: a row for all rings."""
    return Part(PART, (plan_of(declared).row,), np.int64)


def advance_all(declared: Rings, plan: Plan, subjects: Subjects, events: Events) -> list[Block]:
    """Return the window columns, (events,) each, and learn the events."""
    windows = Windows.of(declared, events.slot.size)
    advance_of(plan)(events, subjects[PART], windows.counts, windows.amounts)
    return windows.blocks()


def _by_hop(declared: Rings) -> dict[str, int]:
    """Return the windows and their hops, those of the finest hop first."""
    return dict(sorted(declared.windows.items(), key=lambda window: window[1]))


def _power_of_two(least: int) -> int:
    hops = 8
    while hops < least:
        hops *= 2
    return hops
