"""Baskets that were put aside and never taken up again: told when two hours have passed.

A basket may be taken up at any till of the store, by anybody. Two hours later, with the next
receipt of who put it aside, it is told. A feed that has never said which basket a resumed sale
takes up says nothing of this kind.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.arrays import Block, apart
from shrinkwatch.features.declared import HOUR_S
from shrinkwatch.features.kernel import UNKNOWN_64, kernel
from shrinkwatch.features.subjects import Part, Subjects

PART = "baskets"
BASKETS = 16
"""Remembered of a store at a time; of more, the oldest is forgotten."""

PATIENCE_S = 2 * HOUR_S
"""A basket that waits longer was not put aside to fetch something (our assumption)."""

_AT, _TX, _WHO, _NET = range(4)


class Parked(NamedTuple):
    """Transactions in order of arrival, (rows,) each, as this memory sees them.

    at: UTC microseconds. original: key of the receipt that it names, 0 none. parks: whether it puts
    a basket aside. tells: whether its feed has ever said which basket a resumed sale takes up.
    """

    at: NDArray[np.int64]
    tx: NDArray[np.uint64]
    who: NDArray[np.uint64]
    net: NDArray[np.int64]
    original: NDArray[np.uint64]
    parks: NDArray[np.bool_]
    tells: NDArray[np.bool_]


@kernel
def wait_for(
    slot: NDArray[np.int64],
    parked: Parked,
    memory: NDArray[np.int64],
    key: NDArray[np.uint64],
    net: NDArray[np.int64],
) -> None:
    """Strike out what is taken up, tell the oldest that waited too long, then learn.

    slot: of the store, −1 none. memory: (stores, 1 + BASKETS, 4) int64; row 0 begins with how many
    baskets wait, the oldest first: time (µs), transaction, person, net. key, net: outputs.
    """
    for i in range(slot.size):
        s, at = slot[i], parked.at[i]
        if s < 0 or at == UNKNOWN_64:
            continue
        waiting = memory[s, 0, 0]
        for b in range(waiting, 0, -1):
            same = parked.original[i] != 0 and np.uint64(memory[s, b, _TX]) == parked.original[i]
            if same:
                memory[s, b:-1] = memory[s, b + 1 :].copy()
                waiting -= 1
        for b in range(1, waiting + 1):
            mine = parked.who[i] != 0 and np.uint64(memory[s, b, _WHO]) == parked.who[i]
            if mine and at - memory[s, b, _AT] >= PATIENCE_S * 1_000_000:
                if parked.tells[i]:
                    key[i], net[i] = np.uint64(memory[s, b, _TX]), memory[s, b, _NET]
                memory[s, b:-1] = memory[s, b + 1 :].copy()
                waiting -= 1
                break
        if parked.parks[i]:
            if waiting == memory.shape[1] - 1:
                memory[s, 1:-1] = memory[s, 2:].copy()
                waiting -= 1
            waiting += 1
            memory[s, waiting, _AT], memory[s, waiting, _TX] = at, np.int64(parked.tx[i])
            memory[s, waiting, _WHO], memory[s, waiting, _NET] = (
                np.int64(parked.who[i]),
                parked.net[i],
            )
        memory[s, 0, 0] = waiting


def part() -> Part:
    """Return the array that this memory needs."""
    return Part(PART, (1 + BASKETS, 4), np.int64)


def advance(subjects: Subjects, store: NDArray[np.uint64], parked: Parked) -> list[Block]:
    """Return the `basket_*` columns; learn what is put aside and what is taken up."""
    key = np.zeros(store.size, dtype=np.uint64)
    net = np.full(store.size, UNKNOWN_64, dtype=np.int64)
    wait_for(subjects.slots(store), parked, subjects[PART], key, net)
    return apart({"basket_receipt_key": key, "basket_minor": net})
