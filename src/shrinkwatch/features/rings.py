"""How much of something a person, a till, a store or a product did in the hours and days before.

A ring holds sums per hop of time (10 minutes, an hour, a day) for each subject. The event's own
time chooses the hop; the order of arrival decides what is already known. An event that comes late
is counted in its own hop as long as the ring still holds it, and reads the window that ends in its
own hop; where the ring no longer holds all of that window, the answer is unknown. Sums are whole
numbers, exact in any order; counts lie two to a 64-bit word, which halves the memory to go through.
"""

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.declared import WINDOWS_S, Rings
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, kernel
from shrinkwatch.features.subjects import Part, Subjects

_HALF = 32
_LOW = (1 << _HALF) - 1
_AHEAD = 16
_SLACK = 4
"""Hops by which an event may be late and still read every window exactly, at least."""


class Ring(NamedTuple):
    """State of one ring: cells (subjects, hops, words), sums (subjects, windows, words).

    The number of hops is a power of two; a hop's cell is its number modulo that.
    """

    cells: NDArray[np.int64]
    sums: NDArray[np.int64]
    now: NDArray[np.int64]  # (subjects,) newest hop seen, 0 for none


class Events(NamedTuple):
    """What happens to the subjects of one kind, in order of arrival.

    slot: (events,) int64, −1 nobody. at_s: (events,) int64 seconds, UNKNOWN_64 where unknown.
    words: (events, words) int64, see `packed`. read_to: (events,) int64 row of the output that is
    read before the event is learned, −1 for none.
    """

    slot: NDArray[np.int64]
    at_s: NDArray[np.int64]
    words: NDArray[np.int64]
    read_to: NDArray[np.int64]


@kernel
def roll(s: int, hop: int, ring: Ring, spans: NDArray[np.int64]) -> None:
    """Move a subject's newest hop forward: what leaves a window is subtracted from its sum."""
    size, now, words = ring.cells.shape[1], ring.now[s], ring.cells.shape[2]
    ring.now[s] = hop
    if now == 0:
        return
    for w in range(spans.size):
        for leaving in range(now - spans[w] + 1, min(hop - spans[w], now) + 1):
            cell = leaving & (size - 1)
            for m in range(words):
                ring.sums[s, w, m] -= ring.cells[s, cell, m]
    for entering in range(max(now, hop - size) + 1, hop + 1):
        cell = entering & (size - 1)
        for m in range(words):
            ring.cells[s, cell, m] = 0


@kernel
def add_window(s: int, hop: int, span: int, ring: Ring, total: NDArray[np.int64]) -> None:
    """Set the total to the sum over a window that ends before the newest hop."""
    size = ring.cells.shape[1]
    total[:] = 0
    for h in range(hop - span + 1, hop + 1):
        for m in range(total.size):
            total[m] += ring.cells[s, h & (size - 1), m]


@kernel
def put(
    words: NDArray[np.int64],
    w: int,
    row: int,
    counts: NDArray[np.int32],
    amounts: NDArray[np.int64],
    n_counts: int,
) -> None:
    """Unpack a window's words into its columns of a row."""
    for m in range(n_counts):
        counts[w * n_counts + m, row] = (words[m >> 1] >> ((m & 1) * _HALF)) & _LOW
    packed = (n_counts + 1) >> 1
    for m in range(packed, words.size):
        amounts[w * (words.size - packed) + m - packed, row] = words[m]


@kernel
def learn(s: int, hop: int, added: NDArray[np.int64], ring: Ring, spans: NDArray[np.int64]) -> None:
    """Add an event's words to its hop and to the windows that hold it."""
    size, now, words = ring.cells.shape[1], ring.now[s], ring.cells.shape[2]
    if now - hop >= size:
        return
    cell = hop & (size - 1)
    for m in range(words):
        ring.cells[s, cell, m] += added[m]
    for w in range(spans.size):
        if hop > now - spans[w]:
            for m in range(words):
                ring.sums[s, w, m] += added[m]


@kernel
def advance(
    events: Events,
    hops: NDArray[np.int64],
    spans: NDArray[np.int64],
    ring: Ring,
    counts: NDArray[np.int32],
    amounts: NDArray[np.int64],
) -> int:
    """Read each event's windows, then learn it.

    hops: (events,) int64 hop of each event, UNKNOWN_64 where unknown.

    counts: (windows × counts, rows) int32; amounts: (windows × amounts, rows) int64; both
    prefilled with unknown.
    """
    n_counts, size = counts.shape[0] // spans.size, ring.cells.shape[1]
    total = np.zeros(ring.cells.shape[2], dtype=np.int64)
    warm = 0
    for i in range(events.slot.size):
        if i + _AHEAD < events.slot.size and events.slot[i + _AHEAD] >= 0:
            s = events.slot[i + _AHEAD]
            warm ^= ring.cells[s, hops[i + _AHEAD] & (size - 1), 0] ^ ring.sums[s, 0, 0]
        s, hop = events.slot[i], hops[i]
        if s < 0 or hop == UNKNOWN_64:
            continue
        if hop > ring.now[s]:
            roll(s, hop, ring, spans)
        row = events.read_to[i]
        if row >= 0:
            for w in range(spans.size):
                if hop == ring.now[s]:
                    put(ring.sums[s, w], w, row, counts, amounts, n_counts)
                elif hop - spans[w] >= ring.now[s] - size:
                    add_window(s, hop, spans[w], ring, total)
                    put(total, w, row, counts, amounts, n_counts)
        learn(s, hop, events.words[i], ring, spans)
    return warm


def packed(counts: list[NDArray[np.int64]], amounts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return (events, words) int64: the counts two to a word, then the amounts.

    Counts are not negative and no window's count reaches 2^32, so that words add up as counts do.
    """
    pairs = [
        low if high is None else low | (high << _HALF)
        for low, high in zip_longest(counts[::2], counts[1::2])
    ]
    return np.stack([*pairs, *amounts], axis=1)


@dataclass(frozen=True, slots=True)
class RingsOfHop:
    """The windows of a declaration that share a hop: one ring."""

    declared: Rings
    hop_s: int

    @property
    def windows(self) -> tuple[str, ...]:
        """The names of the windows, in the order declared."""
        return tuple(name for name, hop in self.declared.windows.items() if hop == self.hop_s)

    @property
    def spans(self) -> NDArray[np.int64]:
        """The windows' lengths in hops."""
        return np.array([WINDOWS_S[name] // self.hop_s for name in self.windows], dtype=np.int64)

    @property
    def parts(self) -> tuple[Part, Part, Part]:
        """The arrays that a subject's memory needs for this ring."""
        hops, words = 8, len(self.declared.amounts) + (len(self.declared.counts) + 1) // 2
        while hops < int(self.spans.max()) + _SLACK:
            hops *= 2
        return (
            Part(f"ring_{self.hop_s}_cells", (hops, words), np.int64),
            Part(f"ring_{self.hop_s}_sums", (len(self.windows), words), np.int64),
            Part(f"ring_{self.hop_s}_now", (), np.int64),
        )

    def advance(self, subjects: Subjects, events: Events, rows: int) -> dict[str, NDArray[Any]]:
        """Return the window columns by name, (rows,) each, and learn the events."""
        windows, counted, summed = self.windows, self.declared.counts, self.declared.amounts
        counts = np.full((len(windows) * len(counted), rows), UNKNOWN_32, dtype=np.int32)
        amounts = np.full((len(windows) * len(summed), rows), UNKNOWN_64, dtype=np.int64)
        ring = Ring(*(subjects[part.name] for part in self.parts))
        hops = np.where(events.at_s == UNKNOWN_64, UNKNOWN_64, events.at_s // self.hop_s)
        advance(events, hops, self.spans, ring, counts, amounts)
        subject = self.declared.subject
        names = [f"{subject}_{m.what}_{w}" for w in windows for m in counted]
        sums = [f"{subject}_{m.what}_{w}" for w in windows for m in summed]
        return dict(zip(names, counts, strict=True)) | dict(zip(sums, amounts, strict=True))


def rings_by_hop(declared: Rings) -> tuple[RingsOfHop, ...]:
    """Return one ring per hop of the declaration, the finest first."""
    return tuple(RingsOfHop(declared, hop) for hop in sorted(set(declared.windows.values())))
