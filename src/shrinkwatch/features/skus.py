"""What happened to a product lately, over all stores: sold, brought back, sold below its price.

A transaction reads what is known of its focus SKU; then all of its live goods are learned. The
small sets count who overrode its price and where, and where it was brought back: a recall or an
error in the price file shows in many places at once, a theft in one.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features import rings, small_sets
from shrinkwatch.features.catalogue import QUARTER_DAY_S, SKU_RINGS
from shrinkwatch.features.declared import WINDOWS_S
from shrinkwatch.features.kernel import UNKNOWN_32, kernel
from shrinkwatch.features.line_facts import RETURN, Lines, takes_back
from shrinkwatch.features.subjects import Subjects

SETS = {
    "sku_override_operators_1d": "1d",
    "sku_override_stores_1d": "1d",
    "sku_return_stores_7d": "7d",
}
"""The sets of a product and their windows, in the hops of its ring."""

_SLACK_HOPS = 8


class SkuEvents(NamedTuple):
    """What happens to products, in order: a read by each transaction, then one event per line.

    key: (events,) uint64 SKU keys. row: the transaction. read_to: the transaction for its read,
    −1 for a line. words: (events, 2) int64, the measures of SKU_RINGS packed two to a word.
    overridden, returned: (events,) bool.
    """

    key: NDArray[np.uint64]
    row: NDArray[np.int64]
    read_to: NDArray[np.int64]
    words: NDArray[np.int64]
    overridden: NDArray[np.bool_]
    returned: NDArray[np.bool_]


@kernel
def fill_events(
    first: NDArray[np.int64],
    lines: Lines,
    sku: NDArray[np.uint64],
    override: NDArray[np.int64],
    served: NDArray[np.bool_],
    focus: NDArray[np.uint64],
    out: SkuEvents,
) -> None:
    """Write each transaction's read, then its lines; lines that do not count keep key 0."""
    e = 0
    for i in range(first.size - 1):
        out.key[e], out.row[e], out.read_to[e] = focus[i], i, i
        e += 1
        for j in range(first[i], first[i + 1]):
            out.row[e] = i
            if served[i] and not lines.voided[j] and lines.kind[j] <= RETURN:
                back = takes_back(lines.kind[j], lines.quantity[j])
                size = abs(lines.quantity[j])
                units = np.int64(np.rint(size)) if size < 1e9 else np.int64(0)
                out.key[e] = sku[j]
                out.overridden[e], out.returned[e] = override[j] > 0, back
                out.words[e, 0] = np.int64(override[j] > 0) | (np.int64(back) << 32)
                out.words[e, 1] = (units << 32) if not back else units
            e += 1


def events_of(
    first: NDArray[np.int64],
    lines: Lines,
    sku: NDArray[np.uint64],
    override: NDArray[np.int64],
    served: NDArray[np.bool_],
    focus: NDArray[np.uint64],
) -> SkuEvents:
    """Return what happens to products in these transactions.

    first: (rows + 1,) offsets of the lines. sku, override: (lines,) key, and amount lowered by
    override. served: (rows,) whether the transaction counts. focus: (rows,) SKU that is read.
    """
    events = first.size - 1 + lines.kind.size
    out = SkuEvents(
        np.zeros(events, dtype=np.uint64),
        np.zeros(events, dtype=np.int64),
        np.full(events, -1, dtype=np.int64),
        np.zeros((events, 2), dtype=np.int64),
        np.zeros(events, dtype=np.bool_),
        np.zeros(events, dtype=np.bool_),
    )
    fill_events(first, lines, sku, override, served, focus, out)
    return out


def advance(
    memory: Subjects,
    seen: SkuEvents,
    at_s: NDArray[np.int64],
    operator: NDArray[np.uint64],
    store: NDArray[np.uint64],
) -> dict[str, NDArray[Any]]:
    """Return the SKU columns by name, (rows,) each; learn the events.

    at_s, operator, store: (rows,) of the transactions.
    """
    slot, rows = memory.slots(seen.key), at_s.size
    event_at_s = at_s[seen.row]
    events = rings.Events(slot, event_at_s, seen.words, seen.read_to)
    columns: dict[str, NDArray[Any]] = {}
    for ring in rings.rings_by_hop(SKU_RINGS):
        columns |= ring.advance(memory, events, rows)
    for name in SETS:
        involved = seen.overridden if "override" in name else seen.returned
        wanted = np.flatnonzero(involved | (seen.read_to >= 0))
        who = (operator if "operators" in name else store)[seen.row[wanted]]
        members = small_sets.Members(
            slot[wanted],
            np.where(involved[wanted], who, np.uint64(0)),
            event_at_s[wanted],
            seen.read_to[wanted],
            np.zeros(wanted.size, dtype=np.bool_),
        )
        columns[name] = np.full(rows, UNKNOWN_32, dtype=np.int32)
        span = WINDOWS_S[SETS[name]] // QUARTER_DAY_S
        small_sets.count_distinct(members, QUARTER_DAY_S, span, memory[name], columns[name])
    return columns


def forget_old(memory: Subjects, day_end_s: int) -> None:
    """Empty the places of members that no window holds any more.

    day_end_s: the first second after the day, since 1970 UTC.
    """
    for name, window in SETS.items():
        span = WINDOWS_S[window] // QUARTER_DAY_S + _SLACK_HOPS
        small_sets.forget_old(day_end_s // QUARTER_DAY_S, span, memory[name])
