"""What a card, a loyalty id or a customer did lately and in all: small memories, by the million.

A subject has 120 bytes here: four weekly cells (transactions, refunds, spent, paid back), the
lifetime balance, one decayed sum and the time it was last seen. Weeks are hops of seven days since
1970-01-01 UTC; a window is the newest week seen of the subject and the three before. A subject's
clock never runs back: a late event is read at the newest week, and learned into its own week as
long as that is one of the four. The decayed sum is float64, updated in order of arrival.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.declared import WEEK_S
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, kernel
from shrinkwatch.features.subjects import Part, Subjects

WEEKS = 4
HALF_LIFE_US = 28 * 24 * 3600 * 1e6
_WEEK_US = WEEK_S * 1_000_000
_SECOND = 1_000_000
_COUNT_BITS = 32
_LOW = (1 << _COUNT_BITS) - 1
CELL = 3
BALANCE = WEEKS * CELL
LAST = BALANCE + 1

PARTS = (
    Part("recent_words", (LAST + 1,), np.int64),
    Part("recent_decayed", (), np.float64),
)


class Spending(NamedTuple):
    """Transactions in order of arrival; counts 0 or 1, amounts in minor units."""

    at: NDArray[np.int64]
    tx: NDArray[np.int64]
    refund: NDArray[np.int64]
    spent: NDArray[np.int64]
    refunded: NDArray[np.int64]


class Recent(NamedTuple):
    """Outputs, (rows,) each, prefilled with unknown; the catalogue's names after the subject."""

    tx_28d: NDArray[np.int32]
    refunds_28d: NDArray[np.int32]
    spent_minor_28d: NDArray[np.int64]
    refunded_minor_28d: NDArray[np.int64]
    balance_minor: NDArray[np.int64]
    spent_decayed_minor: NDArray[np.float64]
    since_tx_s: NDArray[np.int32]


@kernel
def turn_weeks(words: NDArray[np.int64], week: int) -> None:
    """Clear the cells of the weeks that begin, up to this one."""
    newest = words[LAST] // _WEEK_US
    for begun in range(max(newest + 1, week - WEEKS + 1), week + 1):
        cell = (begun % WEEKS) * CELL
        words[cell : cell + CELL] = 0


@kernel
def remember(
    slot: NDArray[np.int64],
    spending: Spending,
    memory: NDArray[np.int64],
    decayed: NDArray[np.float64],
    out: Recent,
) -> None:
    """Read what is remembered of each subject, then learn the transaction.

    memory: (subjects, words) int64. decayed: (subjects,) float64, the decayed sum at the time last
    seen.
    """
    for i in range(slot.size):
        s, at = slot[i], spending.at[i]
        if s < 0 or at == UNKNOWN_64:
            continue
        words = memory[s]
        last = words[LAST]
        if at > last:
            turn_weeks(words, at // _WEEK_US)
            decayed[s] *= 2.0 ** ((last - at) / HALF_LIFE_US)
            words[LAST] = at
        tx, refunds, spent, refunded = 0, 0, 0, 0
        for week in range(WEEKS):
            tx += words[week * CELL] & _LOW
            refunds += words[week * CELL] >> _COUNT_BITS
            spent += words[week * CELL + 1]
            refunded += words[week * CELL + 2]
        out.tx_28d[i], out.refunds_28d[i] = tx, refunds
        out.spent_minor_28d[i], out.refunded_minor_28d[i] = spent, refunded
        out.balance_minor[i], out.spent_decayed_minor[i] = words[BALANCE], decayed[s]
        if 0 < last <= at:
            out.since_tx_s[i] = (at - last) // _SECOND
        words[BALANCE] += spending.spent[i] - spending.refunded[i]
        decayed[s] += spending.spent[i] * 2.0 ** ((at - words[LAST]) / HALF_LIFE_US)
        if words[LAST] // _WEEK_US - at // _WEEK_US < WEEKS:
            cell = (at // _WEEK_US % WEEKS) * CELL
            words[cell] += spending.tx[i] + (spending.refund[i] << _COUNT_BITS)
            words[cell + 1] += spending.spent[i]
            words[cell + 2] += spending.refunded[i]


def advance(
    subject: str, subjects: Subjects, slot: NDArray[np.int64], spending: Spending
) -> dict[str, NDArray[Any]]:
    """Return the columns of this kind of subject by name; learn the transactions."""
    rows = slot.size
    out = Recent(
        np.full(rows, UNKNOWN_32, dtype=np.int32),
        np.full(rows, UNKNOWN_32, dtype=np.int32),
        np.full(rows, UNKNOWN_64, dtype=np.int64),
        np.full(rows, UNKNOWN_64, dtype=np.int64),
        np.full(rows, UNKNOWN_64, dtype=np.int64),
        np.full(rows, np.nan, dtype=np.float64),
        np.full(rows, UNKNOWN_32, dtype=np.int32),
    )
    words, decayed = subjects["recent_words"], subjects["recent_decayed"]
    remember(slot, spending, words, decayed, out)
    return {f"{subject}_{name}": values for name, values in out._asdict().items()}


def last_seen_us(subjects: Subjects) -> NDArray[np.int64]:
    """Return (used,) int64: when each subject was last seen, in microseconds."""
    seen: NDArray[np.int64] = subjects["recent_words"][: subjects.index.used, LAST]
    return seen
