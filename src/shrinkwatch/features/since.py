"""How long ago the last void, refund or drawer opening was, and whether the same hands did it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.catalogue import SINCE
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, UNKNOWN_FLAG, kernel
from shrinkwatch.features.subjects import Part, Subjects

_SECOND = 1_000_000


class Last(NamedTuple):
    """State: per subject and kind the last time (µs, 0 never), its operator and its amount."""

    at: NDArray[np.int64]
    who: NDArray[np.uint64]
    minor: NDArray[np.int64]


class Doings(NamedTuple):
    """Transactions in order of arrival: who did what kind of thing (bits), when and how much."""

    at: NDArray[np.int64]
    kinds: NDArray[np.int64]
    who: NDArray[np.uint64]
    minor: NDArray[np.int64]


class Marks(NamedTuple):
    """Outputs, (kinds, rows) each; prefilled with unknown."""

    since_s: NDArray[np.int32]
    same: NDArray[np.int8]
    minor: NDArray[np.int64]


@kernel
def look_back(slot: NDArray[np.int64], doings: Doings, last: Last, out: Marks) -> None:
    """Read what was last, then learn. A doing that arrives late reads and moves no later one."""
    for i in range(slot.size):
        s, at = slot[i], doings.at[i]
        if s < 0 or at == UNKNOWN_64:
            continue
        for k in range(last.at.shape[1]):
            before = last.at[s, k]
            if before != 0 and before <= at:
                out.since_s[k, i] = (at - before) // _SECOND
                out.minor[k, i] = last.minor[s, k]
                if last.who[s, k] != 0 and doings.who[i] != 0:
                    out.same[k, i] = np.int8(last.who[s, k] == doings.who[i])
            if (doings.kinds[i] >> k) & 1 and at >= before:
                last.at[s, k] = at
                last.who[s, k] = doings.who[i]
                last.minor[s, k] = doings.minor[i]


def parts(subject: str) -> tuple[Part, ...]:
    """Return the arrays that this memory needs."""
    kinds = len(SINCE[subject])
    return (
        Part("last_at", (kinds,), np.int64),
        Part("last_who", (kinds,), np.uint64),
        Part("last_minor", (kinds,), np.int64),
    )


def advance(
    subject: str, subjects: Subjects, slot: NDArray[np.int64], doings: Doings
) -> dict[str, NDArray[Any]]:
    """Return the `since` and `last` columns of this kind of subject by name; learn the doings."""
    names, rows = SINCE[subject], slot.size
    out = Marks(
        np.full((len(names), rows), UNKNOWN_32, dtype=np.int32),
        np.full((len(names), rows), UNKNOWN_FLAG, dtype=np.int8),
        np.full((len(names), rows), UNKNOWN_64, dtype=np.int64),
    )
    look_back(slot, doings, Last(*(subjects[part.name] for part in parts(subject))), out)
    columns: dict[str, NDArray[Any]] = {}
    for k, name in enumerate(names):
        columns[f"{subject}_since_{name}_s"] = out.since_s[k]
        if subject == "register":
            columns[f"{subject}_last_{name}_same_operator"] = out.same[k]
            columns[f"{subject}_last_{name}_minor"] = out.minor[k]
    return columns
