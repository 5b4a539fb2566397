"""How much of something a person, a till, a store or a product did in the hours and days before.

A ring holds sums per hop of time (10 minutes, an hour, a day) for each subject. The event's own
time chooses the hop; the order of arrival decides what is already known. An event that comes late
is counted in its own hop as long as the ring still holds it, and reads the window that ends in its
own hop; where the ring no longer holds all of that window, the answer is unknown. Sums are whole
numbers, exact in any order; counts lie two to a 64-bit word, which halves the memory to go through.
"""

from dataclasses import dataclass
from itertools import zip_longest
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
    """Where a subject's row of words holds what.

    First the newest hop seen of each ring (0 for none), then the sum of each window, then each
    ring's cells. A hop's cell is its number modulo the ring's hops, a power of two.
    """

    words: int  # of a sum or a cell
    hop_s: NDArray[np.int64]  # (rings,)
    hops: NDArray[np.int64]  # (rings,)
    cells: NDArray[np.int64]  # (rings,) where they begin
    windows: NDArray[np.int64]  # (rings + 1,) number of the ring's first window
    spans: NDArray[np.int64]  # (windows,) in hops


class Events(NamedTuple):
    """What happens to the subjects of one kind, in order of arrival.

    slot: (events,) int64, −1 nobody. hops: (events, rings) int64, see `hops_of`. words: (events,
    words) int64, see `packed`.
    """

    slot: NDArray[np.int64]
    hops: NDArray[np.int64]
    words: NDArray[np.int64]


@step
def ask_for(
    memory: NDArray[np.int64],
    slot: NDArray[np.int64],
    hops: NDArray[np.int64],
    i: int,
    plan: Plan,
) -> None:
    """Ask for the memory that an event to come will need."""
    if slot[i] >= 0 and hops[i, 0] != UNKNOWN_64:
        row = slot[i] * memory.shape[1]
        for word in range(0, plan.cells[0], LINE_BYTES // 8):
            prefetch(memory, row + word)
        for r in range(hops.shape[1]):
            cell = plan.cells[r] + (hops[i, r] & (plan.hops[r] - 1)) * plan.words
            prefetch(memory, row + cell)


@step
def roll(memory: NDArray[np.int64], s: int, r: int, hop: int, plan: Plan) -> None:
    """Move a ring's newest hop forward: what leaves a window is subtracted from its sum."""
    words, size, now = plan.words, plan.hops[r], memory[s, r]
    memory[s, r] = hop
    if now == 0:
        return
    for w in range(plan.windows[r], plan.windows[r + 1]):
        total = plan.hop_s.size + w * words
        for leaving in range(now - plan.spans[w] + 1, min(hop - plan.spans[w], now) + 1):
            cell = plan.cells[r] + (leaving & (size - 1)) * words
            for m in range(words):
                memory[s, total + m] -= memory[s, cell + m]
    for entering in range(max(now, hop - size) + 1, hop + 1):
        cell = plan.cells[r] + (entering & (size - 1)) * words
        for m in range(words):
            memory[s, cell + m] = 0


@step
def turn(memory: NDArray[np.int64], s: int, hops: NDArray[np.int64], i: int, plan: Plan) -> bool:
    """Move a subject's rings on to an event's hops; return whether the event is late for any."""
    late = False
    for r in range(hops.shape[1]):
        if hops[i, r] > memory[s, r]:
            roll(memory, s, r, hops[i, r], plan)
        elif hops[i, r] < memory[s, r]:
            late = True
    return late


@kernel
def read_late(
    memory: NDArray[np.int64],
    s: int,
    hops: NDArray[np.int64],
    i: int,
    plan: Plan,
    sums: NDArray[np.int64],
    k: int,
) -> None:
    """Add up windows that end before the newest hop, UNKNOWN_64 where a cell is taken again."""
    words = plan.words
    for r in range(hops.shape[1]):
        for w in range(plan.windows[r], plan.windows[r + 1]):
            first = hops[i, r] - plan.spans[w] + 1
            held = first > memory[s, r] - plan.hops[r]
            for m in range(words):
                sums[k, w * words + m] = 0 if held else UNKNOWN_64
            for hop in range(first, hops[i, r] + 1 if held else first):
                cell = plan.cells[r] + (hop & (plan.hops[r] - 1)) * words
                for m in range(words):
                    sums[k, w * words + m] += memory[s, cell + m]


@step
def learn(
    memory: NDArray[np.int64],
    s: int,
    hops: NDArray[np.int64],
    i: int,
    plan: Plan,
    words: NDArray[np.int64],
    k: int,
) -> None:
    """Add row k of words to an event's hops and to the windows that hold them, after `turn`."""
    rings = hops.shape[1]
    for word in range(plan.words):
        more = words[k, word]
        if more == 0:
            continue
        for r in range(rings):
            late = memory[s, r] - hops[i, r]
            if late < plan.hops[r]:
                cell = plan.cells[r] + (hops[i, r] & (plan.hops[r] - 1)) * plan.words
                memory[s, cell + word] += more
            for w in range(plan.windows[r], plan.windows[r + 1]):
                if late < plan.spans[w]:
                    memory[s, rings + w * plan.words + word] += more


@step
def read(
    memory: NDArray[np.int64],
    s: int,
    hops: NDArray[np.int64],
    i: int,
    plan: Plan,
    sums: NDArray[np.int64],
    k: int,
) -> None:
    """Set row k of sums (…, windows × words) to what a subject's windows hold for an event.

    Nobody (−1) and an event without a time read UNKNOWN_64.
    """
    if s < 0 or hops[i, 0] == UNKNOWN_64:
        for word in range(sums.shape[1]):
            sums[k, word] = UNKNOWN_64
    elif turn(memory, s, hops, i, plan):
        read_late(memory, s, hops, i, plan, sums, k)
    else:
        for word in range(sums.shape[1]):
            sums[k, word] = memory[s, hops.shape[1] + word]


@kernel
def write_out(
    sums: NDArray[np.int64],
    rows: int,
    first: int,
    plan: Plan,
    counts: NDArray[np.int32],
    amounts: NDArray[np.int64],
) -> None:
    """Unpack the sums that were read, `rows` of them, into the columns from row `first` on."""
    windows = plan.spans.size
    n_counts, n_amounts = counts.shape[0] // windows, amounts.shape[0] // windows
    for w in range(windows):
        for c in range(n_counts):
            word, shift = w * plan.words + (c >> 1), (c & 1) * _HALF
            for i in range(rows):
                both = sums[i, word]
                known = np.int32((both >> shift) & _LOW)
                counts[w * n_counts + c, first + i] = UNKNOWN_32 if both == UNKNOWN_64 else known
        for c in range(n_amounts):
            word = (w + 1) * plan.words - n_amounts + c
            for i in range(rows):
                amounts[w * n_amounts + c, first + i] = sums[i, word]


@kernel
def advance(
    events: Events,
    plan: Plan,
    memory: NDArray[np.int64],
    counts: NDArray[np.int32],
    amounts: NDArray[np.int64],
) -> None:
    """Read each event's windows, then learn it.

    memory: (subjects, words of a row). counts: (windows × counts, events) int32; amounts:
    (windows × amounts, events) int64.
    """
    sums = np.empty((BLOCK, plan.spans.size * plan.words), dtype=np.int64)
    for first in range(0, events.slot.size, BLOCK):
        rows = min(BLOCK, events.slot.size - first)
        for k in range(rows):
            i = first + k
            s = events.slot[i]
            ask_for(memory, events.slot, events.hops, min(i + AHEAD, events.slot.size - 1), plan)
            read(memory, s, events.hops, i, plan, sums, k)
            if s >= 0 and events.hops[i, 0] != UNKNOWN_64:
                learn(memory, s, events.hops, i, plan, events.words, i)
        write_out(sums, rows, first, plan, counts, amounts)


def hops_of(at_s: NDArray[np.int64], plan: Plan) -> NDArray[np.int64]:
    """Return (events, rings) int64: the hop of each time in each ring, UNKNOWN_64 where unknown.

    at_s: (events,) int64 seconds since 1970 UTC, UNKNOWN_64 where unknown.
    """
    hops = np.empty((at_s.size, plan.hop_s.size), dtype=np.int64)
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
    hop_s = sorted(set(declared.windows.values()))
    words = len(declared.amounts) + (len(declared.counts) + 1) // 2
    of_hop = [[w for w, hop in _by_hop(declared).items() if hop == one] for one in hop_s]
    spans = [[WINDOWS_S[w] // one for w in names] for one, names in zip(hop_s, of_hop, strict=True)]
    hops = [_power_of_two(max(of_ring) + _SLACK) for of_ring in spans]
    windows = np.cumsum([0, *(len(of_ring) for of_ring in spans)])
    cells = len(hop_s) + (windows[-1] + np.cumsum([0, *hops[:-1]])) * words
    flat = [span for of_ring in spans for span in of_ring]
    return Plan(words, np.array(hop_s), np.array(hops), cells, windows, np.array(flat))


def part(declared: Rings) -> Part:
    """Return the array that a subject's memory needs: a row for all rings."""
    plan = plan_of(declared)
    return Part(PART, (int(plan.cells[-1] + plan.hops[-1] * plan.words),), np.int64)


def advance_all(declared: Rings, plan: Plan, subjects: Subjects, events: Events) -> list[Block]:
    """Return the window columns, (events,) each, and learn the events."""
    windows = Windows.of(declared, events.slot.size)
    advance(events, plan, subjects[PART], windows.counts, windows.amounts)
    return windows.blocks()


def _by_hop(declared: Rings) -> dict[str, int]:
    """Return the windows and their hops, those of the finest hop first."""
    return dict(sorted(declared.windows.items(), key=lambda window: window[1]))


def _power_of_two(least: int) -> int:
    hops = 8
    while hops < least:
        hops *= 2
    return hops
