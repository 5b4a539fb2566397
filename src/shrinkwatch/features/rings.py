"""How much of something a person, a till, a store or a product did in the hours and days before.

A ring holds sums per hop of time (10 minutes, an hour, a day) for each subject. The event's own
time chooses the hop; the order of arrival decides what is already known. An event that comes late
is counted in its own hop as long as the ring still holds it, and reads the window that ends in its
own hop; where the ring no longer holds all of that window, the answer is unknown. Sums are int64:
exact in any order.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.declared import WINDOWS_S, Rings
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, kernel
from shrinkwatch.features.subjects import Part, Subjects

_SLACK = 4
"""Hops by which an event may be late and still read every window exactly, at least."""


class Ring(NamedTuple):
    """State of one ring: cells (subjects, hops, measures), sums (subjects, windows, measures)."""

    cells: NDArray[np.int64]
    sums: NDArray[np.int64]
    now: NDArray[np.int64]  # (subjects,) newest hop seen, 0 for none


class Events(NamedTuple):
    """What happens to the subjects of one kind, in order of arrival.

    slot: (events,) int64, −1 nobody. at_s: (events,) int64 seconds, UNKNOWN_64 where unknown.
    measures: (events, measures) int64. read_to: (events,) int64 row of the output that is read
    before the event is learned, −1 for none.
    """

    slot: NDArray[np.int64]
    at_s: NDArray[np.int64]
    measures: NDArray[np.int64]
    read_to: NDArray[np.int64]


@kernel
def roll(s: int, hop: int, ring: Ring, spans: NDArray[np.int64]) -> None:
    """Move a subject's newest hop forward: what leaves a window is subtracted from its sum."""
    size, now = ring.cells.shape[1], ring.now[s]
    if now == 0 or hop - now >= size:
        ring.cells[s] = 0
        ring.sums[s] = 0
    else:
        for w in range(spans.size):
            for leaving in range(now - spans[w] + 1, min(hop - spans[w], now) + 1):
                for m in range(ring.cells.shape[2]):
                    ring.sums[s, w, m] -= ring.cells[s, leaving % size, m]
        for entering in range(now + 1, hop + 1):
            ring.cells[s, entering % size] = 0
    ring.now[s] = hop


@kernel
def window_sum(s: int, m: int, hop: int, span: int, ring: Ring) -> int:
    """Return the sum over a window that ends before the newest hop, or unknown."""
    size = ring.cells.shape[1]
    if hop - span < ring.now[s] - size:
        return int(UNKNOWN_64)
    total = 0
    for h in range(hop - span + 1, hop + 1):
        total += ring.cells[s, h % size, m]
    return total


@kernel
def read_late(
    s: int,
    hop: int,
    row: int,
    spans: NDArray[np.int64],
    ring: Ring,
    counts: NDArray[np.int32],
    amounts: NDArray[np.int64],
) -> None:
    """Read the windows of an event whose hop is before the subject's newest, hop by hop."""
    n_counts, n_amounts = counts.shape[0] // spans.size, amounts.shape[0] // spans.size
    for w in range(spans.size):
        for m in range(n_counts):
            known = window_sum(s, m, hop, spans[w], ring)
            if known != UNKNOWN_64:
                counts[w * n_counts + m, row] = known
        for m in range(n_amounts):
            amounts[w * n_amounts + m, row] = window_sum(s, n_counts + m, hop, spans[w], ring)


@kernel
def learn(s: int, hop: int, added: NDArray[np.int64], ring: Ring, spans: NDArray[np.int64]) -> None:
    """Add an event's measures to its hop and to the windows that hold it."""
    size, now = ring.cells.shape[1], ring.now[s]
    if now - hop >= size:
        return
    for m in range(added.size):
        if added[m] != 0:
            ring.cells[s, hop % size, m] += added[m]
            for w in range(spans.size):
                if hop > now - spans[w]:
                    ring.sums[s, w, m] += added[m]


@kernel
def advance(
    events: Events,
    hop_s: int,
    spans: NDArray[np.int64],
    ring: Ring,
    counts: NDArray[np.int32],
    amounts: NDArray[np.int64],
) -> None:
    """Read each event's windows, then learn it.

    counts: (windows × count measures, rows) int32; amounts: (windows × amount measures, rows)
    int64; both prefilled with unknown. The first measures are the counts.
    """
    windows = spans.size
    n_counts, n_amounts = counts.shape[0] // windows, amounts.shape[0] // windows
    for i in range(events.slot.size):
        s = events.slot[i]
        if s < 0 or events.at_s[i] == UNKNOWN_64:
            continue
        hop = events.at_s[i] // hop_s
        if hop > ring.now[s]:
            roll(s, hop, ring, spans)
        row = events.read_to[i]
        if row >= 0 and hop == ring.now[s]:
            for w in range(windows):
                for m in range(n_counts):
                    counts[w * n_counts + m, row] = ring.sums[s, w, m]
                for m in range(n_amounts):
                    amounts[w * n_amounts + m, row] = ring.sums[s, w, n_counts + m]
        elif row >= 0:
            read_late(s, hop, row, spans, ring, counts, amounts)
        learn(s, hop, events.measures[i], ring, spans)


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
        hops, measures = 8, len(self.declared.measures)
        while hops < int(self.spans.max()) + _SLACK:
            hops *= 2
        return (
            Part(f"ring_{self.hop_s}_cells", (hops, measures), np.int64),
            Part(f"ring_{self.hop_s}_sums", (len(self.windows), measures), np.int64),
            Part(f"ring_{self.hop_s}_now", (), np.int64),
        )

    def advance(self, subjects: Subjects, events: Events, rows: int) -> dict[str, NDArray[Any]]:
        """Return the window columns by name, (rows,) each, and learn the events."""
        windows, measures = self.windows, self.declared.measures
        counted = [m for m in measures if not m.money]
        summed = [m for m in measures if m.money]
        if measures != (*counted, *summed):
            raise ValueError("declare counts before amounts")
        counts = np.full((len(windows) * len(counted), rows), UNKNOWN_32, dtype=np.int32)
        amounts = np.full((len(windows) * len(summed), rows), UNKNOWN_64, dtype=np.int64)
        ring = Ring(*(subjects[part.name] for part in self.parts))
        advance(events, self.hop_s, self.spans, ring, counts, amounts)
        subject = self.declared.subject
        names = [f"{subject}_{m.what}_{w}" for w in windows for m in counted]
        sums = [f"{subject}_{m.what}_{w}" for w in windows for m in summed]
        return dict(zip(names, counts, strict=True)) | dict(zip(sums, amounts, strict=True))


def rings_by_hop(declared: Rings) -> tuple[RingsOfHop, ...]:
    """Return one ring per hop of the declaration, the finest first."""
    return tuple(RingsOfHop(declared, hop) for hop in sorted(set(declared.windows.values())))
