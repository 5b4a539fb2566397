"""How long ago the last void, refund or drawer opening was, and whether the same hands did it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.arrays import Block
from shrinkwatch.features.catalogue import SINCE
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, UNKNOWN_FLAG, kernel
from shrinkwatch.features.subjects import Part, Subjects

PART = "last"
AT, WHO, MINOR = range(3)
_SECOND = 1_000_000


class Doings(NamedTuple):
    """Transactions in order of arrival: who did what kind of thing (bits), when and how much."""

    at: NDArray[np.int64]
    kinds: NDArray[np.int64]
    who: NDArray[np.uint64]
    minor: NDArray[np.int64]


class Marks(NamedTuple):
    """Outputs: since_s (kinds, rows); same and minor (kinds, rows), or (0, rows) not to be told."""

    since_s: NDArray[np.int32]
    same: NDArray[np.int8]
    minor: NDArray[np.int64]


@kernel
def look_back(
    slot: NDArray[np.int64], doings: Doings, memory: NDArray[np.int64], out: Marks
) -> None:
    """Read what was last, then learn. A doing that arrives late reads and moves no later one.

    memory: (subjects, kinds, 3) int64, per kind the last time (µs, 0 never), its operator's key
    and its amount.
    """
    out.since_s[:] = UNKNOWN_32
    out.same[:] = UNKNOWN_FLAG
    out.minor[:] = UNKNOWN_64
    for i in range(slot.size):
        s, at = slot[i], doings.at[i]
        if s < 0 or at == UNKNOWN_64:
            continue
        who = np.int64(doings.who[i])
        for k in range(memory.shape[1]):
            before = memory[s, k, AT]
            if before != 0 and before <= at:
                out.since_s[k, i] = (at - before) // _SECOND
                if out.minor.shape[0] > 0:
                    out.minor[k, i] = memory[s, k, MINOR]
                    if memory[s, k, WHO] != 0 and who != 0:
                        out.same[k, i] = np.int8(memory[s, k, WHO] == who)
            if (doings.kinds[i] >> k) & 1 and at >= before:
                memory[s, k, AT], memory[s, k, WHO], memory[s, k, MINOR] = at, who, doings.minor[i]


def part(subject: str) -> Part:
    """Return the array that this memory needs."""
    return Part(PART, (len(SINCE[subject]), 3), np.int64)


def advance(
    subject: str, subjects: Subjects, slot: NDArray[np.int64], doings: Doings
) -> list[Block]:
    """Return the `since` and `last` columns of this kind of subject; learn the doings."""
    kinds, rows = SINCE[subject], slot.size
    marked = kinds if subject == "register" else ()
    out = Marks(
        np.empty((len(kinds), rows), dtype=np.int32),
        np.empty((len(marked), rows), dtype=np.int8),
        np.empty((len(marked), rows), dtype=np.int64),
    )
    look_back(slot, doings, subjects[PART], out)
    blocks = [
        Block([f"{subject}_since_{kind}_s" for kind in kinds], out.since_s),
        Block([f"{subject}_last_{kind}_same_operator" for kind in marked], out.same),
        Block([f"{subject}_last_{kind}_minor" for kind in marked], out.minor),
    ]
    return [block for block in blocks if block.names]
