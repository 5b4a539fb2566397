"""What a card, a loyalty id or a customer did lately and in all: small memories, by the million.

A subject has 128 bytes here: four weekly cells (transactions, refunds, spent, paid back), the
lifetime balance, one decayed sum, the time it was last seen, and two small sets: the stores it came
to and the people who served it. Weeks are hops of seven days since 1970-01-01 UTC; a window is the
newest week seen of the subject and the three before. A subject's clock never runs back: a late
event is read at the newest week, and learned into its own week as long as that is one of the four.
The decayed sum is float64, updated in order of arrival.

A weekly cell takes counts below 65,535 and amounts of 32 bits. The cells of a subject that once
needed more (a card number shared by everybody, a currency of small units) are kept in 64 bits
elsewhere, so that every sum stays exact.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.arrays import Block
from shrinkwatch.features.catalogue import SMALL_SETS
from shrinkwatch.features.declared import DAY_S, WEEK_S
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, kernel, step
from shrinkwatch.features.prefetch import AHEAD, prefetch
from shrinkwatch.features.small_sets import count, room_of, see
from shrinkwatch.features.subjects import Part, Subjects

WEEKS = 4
HALF_LIFE_US = 28 * 24 * 3600 * 1e6
_MONTH_DAYS = 28
_WEEK_US = WEEK_S * 1_000_000
_SECOND = 1_000_000

TX, REFUNDS, SPENT, REFUNDED = range(4)
"""What a weekly cell holds."""

# a row of 64-bit words: LAST, BALANCE and DECAYED, then in 32 bits the cells and the sets
LAST, BALANCE, DECAYED = range(3)
_CELLS = 6
_CELL = 3  # both counts, 16 bits each; spent; paid back
_STORES = room_of(_CELLS + WEEKS * _CELL, SMALL_SETS["card_stores_28d"], _MONTH_DAYS)
_OPERATORS = room_of(
    int(_STORES.first + _STORES.size), SMALL_SETS["card_operators_28d"], _MONTH_DAYS
)
_WORDS = int(_OPERATORS.first + _OPERATORS.size) // 2

_WIDE = -1
"""In place of the first cell's counts: its next element is the number of the wide row."""
_COUNT_BITS = 16
_MOST = (1 << _COUNT_BITS) - 1
_MOST_MINOR = (1 << 31) - 1


class Spending(NamedTuple):
    """Transactions in order of arrival; counts 0 or 1, amounts in minor units.

    store, operator: (rows,) uint64 keys, members of the sets where tx is 1.
    """

    at: NDArray[np.int64]
    tx: NDArray[np.int64]
    refund: NDArray[np.int64]
    spent: NDArray[np.int64]
    refunded: NDArray[np.int64]
    store: NDArray[np.uint64]
    operator: NDArray[np.uint64]


class Recent(NamedTuple):
    """Outputs, (rows,) each; the catalogue's names after the subject."""

    tx_28d: NDArray[np.int32]
    refunds_28d: NDArray[np.int32]
    since_tx_s: NDArray[np.int32]
    stores_28d: NDArray[np.int32]
    operators_28d: NDArray[np.int32]
    spent_minor_28d: NDArray[np.int64]
    refunded_minor_28d: NDArray[np.int64]
    balance_minor: NDArray[np.int64]
    spent_decayed_minor: NDArray[np.float64]
    spent_ratio_28d: NDArray[np.float64]


class Memory(NamedTuple):
    """The rows of all subjects, the same bytes three times: (subjects, 16 or 32)."""

    words: NDArray[np.int64]
    reals: NDArray[np.float64]
    halves: NDArray[np.int32]
    sets: NDArray[np.uint32]


@step
def take_out(
    halves: NDArray[np.int32], s: int, wide: NDArray[np.int64], cells: NDArray[np.int64]
) -> None:
    """Copy a subject's weekly cells, narrow or wide, to (4, 4) int64 cells."""
    if halves[s, _CELLS] == _WIDE:
        for week in range(WEEKS):
            for what in range(4):
                cells[week, what] = wide[halves[s, _CELLS + 1], week, what]
        return
    for week in range(WEEKS):
        place = _CELLS + week * _CELL
        both = np.int64(halves[s, place]) & 0xFFFFFFFF
        cells[week, TX], cells[week, REFUNDS] = both & _MOST, both >> _COUNT_BITS
        cells[week, SPENT], cells[week, REFUNDED] = halves[s, place + 1], halves[s, place + 2]


@step
def fits(cells: NDArray[np.int64]) -> bool:
    """Return whether all cells can be kept in their narrow places."""
    narrow = True
    for week in range(WEEKS):
        narrow &= max(cells[week, TX], cells[week, REFUNDS]) < _MOST
        narrow &= -_MOST_MINOR <= cells[week, SPENT] <= _MOST_MINOR
        narrow &= -_MOST_MINOR <= cells[week, REFUNDED] <= _MOST_MINOR
    return narrow


@step
def put_back(
    halves: NDArray[np.int32], s: int, wide: NDArray[np.int64], cells: NDArray[np.int64]
) -> None:
    """Keep a subject's cells again, narrow or wide as they were."""
    if halves[s, _CELLS] == _WIDE:
        for week in range(WEEKS):
            for what in range(4):
                wide[halves[s, _CELLS + 1], week, what] = cells[week, what]
        return
    for week in range(WEEKS):
        place = _CELLS + week * _CELL
        halves[s, place] = np.int32(cells[week, TX] | (cells[week, REFUNDS] << _COUNT_BITS))
        halves[s, place + 1] = np.int32(cells[week, SPENT])
        halves[s, place + 2] = np.int32(cells[week, REFUNDED])


@step
def turn_weeks(cells: NDArray[np.int64], newest: int, week: int) -> None:
    """Clear the cells of the weeks that begin after the newest one, up to this one."""
    for begun in range(max(newest + 1, week - WEEKS + 1), week + 1):
        for what in range(4):
            cells[begun % WEEKS, what] = 0


@step
def forget(i: int, out: Recent) -> None:
    """Set all outputs of a row to unknown."""
    out.tx_28d[i] = out.refunds_28d[i] = out.since_tx_s[i] = UNKNOWN_32
    out.stores_28d[i] = out.operators_28d[i] = UNKNOWN_32
    out.spent_minor_28d[i] = out.refunded_minor_28d[i] = out.balance_minor[i] = UNKNOWN_64
    out.spent_decayed_minor[i] = out.spent_ratio_28d[i] = np.nan


@kernel
def remember(
    start: int,
    slot: NDArray[np.int64],
    spending: Spending,
    memory: Memory,
    wide: NDArray[np.int64],
    used: int,
    out: Recent,
) -> tuple[int, int]:
    """Read what is remembered of each subject from row `start` on, then learn the transaction.

    wide: (rows, 4, 4) int64, of which the first `used` are taken. Returns the row to go on with
    and the wide rows used: it stops when none is free.
    """
    words, reals, halves, sets = memory
    cells = np.zeros((WEEKS, 4), dtype=np.int64)
    for i in range(start, slot.size):
        ahead = slot[min(i + AHEAD, slot.size - 1)]
        if ahead >= 0:
            prefetch(words, ahead * _WORDS)
            prefetch(words, ahead * _WORDS + _WORDS // 2)
            prefetch(words, ahead * _WORDS + _WORDS - 1)
        s, at = slot[i], spending.at[i]
        if s < 0 or at == UNKNOWN_64:
            forget(i, out)
            continue
        if used == wide.shape[0]:
            return i, used
        take_out(halves, s, wide, cells)
        last, week = words[s, LAST], at // _WEEK_US
        if at > last:
            turn_weeks(cells, last // _WEEK_US, week)
            reals[s, DECAYED] *= 2.0 ** ((last - at) / HALF_LIFE_US)
            words[s, LAST] = at
        tx, refunds, spent, refunded = 0, 0, 0, 0
        for cell in range(WEEKS):
            tx, refunds = tx + cells[cell, TX], refunds + cells[cell, REFUNDS]
            spent, refunded = spent + cells[cell, SPENT], refunded + cells[cell, REFUNDED]
        out.tx_28d[i], out.refunds_28d[i] = tx, refunds
        out.spent_minor_28d[i], out.refunded_minor_28d[i] = spent, refunded
        out.balance_minor[i], out.spent_decayed_minor[i] = words[s, BALANCE], reals[s, DECAYED]
        out.spent_ratio_28d[i] = spending.spent[i] * tx / spent if tx > 0 and spent > 0 else np.nan
        out.since_tx_s[i] = (at - last) // _SECOND if 0 < last <= at else UNKNOWN_32
        day = at // (_SECOND * DAY_S)
        out.stores_28d[i] = count(sets, s, _STORES, day)
        out.operators_28d[i] = count(sets, s, _OPERATORS, day)
        if spending.tx[i] > 0:
            see(sets, s, _STORES, day, spending.store[i])
            see(sets, s, _OPERATORS, day, spending.operator[i])
        words[s, BALANCE] += spending.spent[i] - spending.refunded[i]
        faded = 1.0 if at == words[s, LAST] else 2.0 ** ((at - words[s, LAST]) / HALF_LIFE_US)
        reals[s, DECAYED] += spending.spent[i] * faded
        if words[s, LAST] // _WEEK_US - week < WEEKS:
            cell = week % WEEKS
            cells[cell, TX] += spending.tx[i]
            cells[cell, REFUNDS] += spending.refund[i]
            cells[cell, SPENT] += spending.spent[i]
            cells[cell, REFUNDED] += spending.refunded[i]
        if halves[s, _CELLS] != _WIDE and not fits(cells):
            halves[s, _CELLS], halves[s, _CELLS + 1] = _WIDE, used
            used += 1
        put_back(halves, s, wide, cells)
    return slot.size, used


@dataclass(slots=True)
class Recents:
    """The memory of one kind of subject: a row each, and wide cells of those that need them."""

    subjects: Subjects = field(
        default_factory=lambda: Subjects((Part("recent", (_WORDS,), np.int64),))
    )
    wide: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((16, WEEKS, 4), dtype=np.int64)
    )
    used: int = 0

    def advance(self, subject: str, keys: NDArray[np.uint64], spending: Spending) -> list[Block]:
        """Return the columns of this kind of subject, (rows,) each; learn the transactions."""
        slot = self.subjects.slots(keys)
        words = self.subjects["recent"]
        memory = Memory(words, words.view(np.float64), words.view(np.int32), words.view(np.uint32))
        counts = np.empty((5, slot.size), dtype=np.int32)
        amounts = np.empty((3, slot.size), dtype=np.int64)
        reals = np.empty((2, slot.size), dtype=np.float64)
        out = Recent(*counts, *amounts, *reals)
        start, self.used = remember(0, slot, spending, memory, self.wide, self.used, out)
        while start < slot.size:
            self.wide = np.concatenate([self.wide, np.zeros_like(self.wide)])
            start, self.used = remember(start, slot, spending, memory, self.wide, self.used, out)
        names = [f"{subject}_{name}" for name in Recent._fields]
        return [Block(names[:5], counts), Block(names[5:8], amounts), Block(names[8:], reals)]

    def forget_idle(self, before_us: int) -> None:
        """Forget the subjects that were last seen before this time, in microseconds."""
        last = self.subjects["recent"][: self.subjects.index.used, LAST]
        if (last >= before_us).all():
            return
        self.subjects.keep(last >= before_us)
        halves = self.subjects["recent"].view(np.int32)
        is_wide = np.flatnonzero(halves[:, _CELLS] == _WIDE)
        taken = halves[is_wide, _CELLS + 1]
        halves[is_wide, _CELLS + 1] = np.arange(taken.size)
        self.wide[: taken.size], self.used = self.wide[taken], taken.size

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that must be saved."""
        return self.subjects.arrays() | {"wide": self.wide, "used": np.array([self.used])}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned."""
        self.subjects.restore(arrays)
        self.wide, self.used = arrays["wide"], int(arrays["used"][0])

    def nbytes(self) -> int:
        """Return the bytes that it holds."""
        return self.subjects.nbytes() + self.wide.nbytes
