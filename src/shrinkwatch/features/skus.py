"""What happened to a product lately, over all stores: sold, brought back, sold below its price.

A transaction reads what is known of its focus SKU; then all of its live goods are learned. The
small sets count who overrode its price and where, and where it was brought back: a recall or an
error in the price file shows in many places at once, a theft in one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features import rings, small_sets
from shrinkwatch.features.arrays import Block
from shrinkwatch.features.catalogue import QUARTER_DAY_S, SKU_RINGS, SMALL_SETS
from shrinkwatch.features.declared import WINDOWS_S
from shrinkwatch.features.facts import Rung
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, kernel
from shrinkwatch.features.line_facts import RETURN, takes_back
from shrinkwatch.features.prefetch import AHEAD, prefetch
from shrinkwatch.features.small_sets import count, room_of, see
from shrinkwatch.features.subjects import Part, Subjects

SETS = {
    "sku_override_operators_1d": "1d",
    "sku_override_stores_1d": "1d",
    "sku_return_stores_7d": "7d",
}
"""The sets of a product and their windows, in the hops of its ring."""

_SIZE = SMALL_SETS["sku_return_stores_7d"]
_ROOMS = tuple(
    room_of(n * _SIZE, _SIZE, WINDOWS_S[window] // QUARTER_DAY_S)
    for n, window in enumerate(SETS.values())
)
_OVERRIDERS, _OVERRIDDEN_IN, _RETURNED_IN = _ROOMS
_SLACK_HOPS = 8
_PLAN = rings.plan_of(SKU_RINGS)
_HALF = 32

PARTS = (rings.part(SKU_RINGS), Part("sets", (len(SETS) * _SIZE,), np.uint32))


class Goods(NamedTuple):
    """The lines of a batch as products see them, (lines,) each but for the first two.

    first: (rows + 1,) offsets of the lines. focus: (rows,) line whose SKU is read, −1 none. key:
    uint64 SKU key of a line that is read or counts, else 0. words: (lines, 2) int64, the
    measures of SKU_RINGS packed two to a word. overridden, returned: bool.
    """

    first: NDArray[np.int64]
    focus: NDArray[np.int64]
    key: NDArray[np.uint64]
    words: NDArray[np.int64]
    overridden: NDArray[np.bool_]
    returned: NDArray[np.bool_]


class Seen(NamedTuple):
    """The transactions, (rows,) each: who handled the goods.

    hops: (rows, 1) int64, see `rings.hops_of`.
    """

    hops: NDArray[np.int64]
    operator: NDArray[np.uint64]
    store: NDArray[np.uint64]


@kernel
def fill_goods(rung: Rung, served: NDArray[np.bool_], out: Goods) -> None:
    """Fill what the lines do to their products; those that do not count keep zeros."""
    first, lines, sku, override = rung
    for i in range(first.size - 1):
        if out.focus[i] >= 0:
            out.key[out.focus[i]] = sku[out.focus[i]]
        if not served[i]:
            continue
        for j in range(first[i], first[i + 1]):
            if lines.voided[j] or lines.kind[j] > RETURN:
                continue
            back = takes_back(lines.kind[j], lines.quantity[j])
            size = abs(lines.quantity[j])
            units = np.int64(np.rint(size)) if size < 1e9 else np.int64(0)
            out.key[j] = sku[j]
            out.overridden[j], out.returned[j] = override[j] > 0, back
            out.words[j, 0] = np.int64(override[j] > 0) | (np.int64(back) << _HALF)
            out.words[j, 1] = units if back else units << _HALF


@kernel
def look_and_learn(
    slot: NDArray[np.int64],
    goods: Goods,
    seen: Seen,
    memory: NDArray[np.int64],
    sets: NDArray[np.uint32],
    windows: NDArray[np.int32],
    amounts: NDArray[np.int64],
    distinct: NDArray[np.int32],
) -> None:
    """Read what is known of each transaction's focus SKU, then learn its lines.

    slot: (lines,) int64, −1 nothing. windows, amounts:
    see `rings.advance_of`. distinct: (sets, rows) int32.
    """
    rows, first, focus = goods.focus.size, goods.first, goods.focus
    sums = np.empty((len(_PLAN.spans) * _PLAN.words, rings.BLOCK), dtype=np.int64)
    for i in range(rows):
        k, at = i % rings.BLOCK, seen.hops[i]
        s = slot[focus[i]] if focus[i] >= 0 else -1
        rings.read(memory, s, at, _PLAN, sums, k)
        if k == rings.BLOCK - 1 or i == rows - 1:
            rings.write_out(sums, i - k, k + 1, _PLAN, windows, amounts)
        hop = at[0]
        for n in range(distinct.shape[0]):
            known = s >= 0 and hop != UNKNOWN_64
            distinct[n, i] = count(sets, s, _ROOMS[n], hop) if known else UNKNOWN_32
        for j in range(first[i], first[i + 1] if hop != UNKNOWN_64 else first[i]):
            s, ahead = slot[j], slot[min(j + AHEAD, slot.size - 1)]
            if ahead >= 0:
                prefetch(memory, ahead * _PLAN.row)
                prefetch(memory, ahead * _PLAN.row + rings.cell_of(hop, 0, _PLAN))
            if s < 0:
                continue
            rings.turn(memory[s], at, _PLAN)
            rings.learn(memory[s], at, _PLAN, goods.words[j])
            if goods.overridden[j]:
                see(sets, s, _OVERRIDERS, hop, seen.operator[i])
                see(sets, s, _OVERRIDDEN_IN, hop, seen.store[i])
            if goods.returned[j]:
                see(sets, s, _RETURNED_IN, hop, seen.store[i])


def goods_of(rung: Rung, served: NDArray[np.bool_], focus: NDArray[np.int64]) -> Goods:
    """Return the lines as products see them. served: (rows,) whether the transaction counts."""
    lines = rung.sku.size
    goods = Goods(
        rung.first,
        focus,
        np.zeros(lines, dtype=np.uint64),
        np.zeros((lines, _PLAN.words), dtype=np.int64),
        np.zeros(lines, dtype=np.bool_),
        np.zeros(lines, dtype=np.bool_),
    )
    fill_goods(rung, served, goods)
    return goods


def advance(
    memory: Subjects,
    goods: Goods,
    at_s: NDArray[np.int64],
    operator: NDArray[np.uint64],
    store: NDArray[np.uint64],
) -> list[Block]:
    """Return the SKU columns, (rows,) each; learn the goods. at_s, operator, store: (rows,)."""
    rows = at_s.size
    windows = rings.Windows.of(SKU_RINGS, rows)
    distinct = np.empty((len(SETS), rows), dtype=np.int32)
    look_and_learn(
        memory.slots(goods.key),
        goods,
        Seen(rings.hops_of(at_s, _PLAN), operator, store),
        memory[rings.PART],
        memory["sets"],
        windows.counts,
        windows.amounts,
        distinct,
    )
    return [*windows.blocks(), Block(tuple(SETS), distinct)]


def forget_old(memory: Subjects, day_end_s: int) -> None:
    """Empty the places of members that no window holds any more.

    day_end_s: the first second after the day, since 1970 UTC.
    """
    for room in _ROOMS:
        hop, span = day_end_s // QUARTER_DAY_S, room.span + _SLACK_HOPS
        small_sets.forget_old(hop, span, memory["sets"], room)
