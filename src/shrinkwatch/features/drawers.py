"""Whose drawer was counted over or short: told with the next receipt of who signed off from it.

A count becomes known after the shift, when its receipts are long written. It belongs to the
sign-off at that till between the drawer's opening and its count. Only who signed off is told of it:
a supervisor who opened the drawer for a moment has not answered for its float.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.arrays import Block, apart
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, kernel
from shrinkwatch.features.subjects import Part, Subjects
from shrinkwatch.records.batch import subject_key

PART = "drawers"
SIGN_OFFS = 6
"""Sign-offs remembered of a person: a week's, where the counts come once a week."""

MEMORY_DAYS = 14
"""A count that is older than this, beside the newest one known, is nobody's any more."""

_AT, _REGISTER, _TX = range(3)


class Stays(NamedTuple):
    """Transactions in order of arrival, (rows,) each, as this memory sees them.

    operator: the number on the receipt, 0 nobody's. at: UTC microseconds.
    """

    operator: NDArray[np.uint64]
    register: NDArray[np.uint64]
    tx: NDArray[np.uint64]
    at: NDArray[np.int64]
    signs_off: NDArray[np.bool_]


class Counted(NamedTuple):
    """Drawers that were counted, (counts,) each, by operator and then by time of the count.

    opened, closed: UTC microseconds. over: minor units, negative where short. people: how many
    worked at it. operators: distinct keys, ascending; the counts of the i-th are at
    [first[i], first[i + 1]).
    """

    opened: NDArray[np.int64]
    closed: NDArray[np.int64]
    register: NDArray[np.uint64]
    over: NDArray[np.int64]
    people: NDArray[np.int32]
    operators: NDArray[np.uint64]
    first: NDArray[np.int64]


class Told(NamedTuple):
    """What the receipts tell, (rows,) each; key 0, UNKNOWN_64 and UNKNOWN_32: nothing."""

    over: NDArray[np.int64]
    people: NDArray[np.int32]
    receipt: NDArray[np.uint64]


class CountedDrawers:
    """The table `till_sessions`, ready to be asked by the numbers of operators."""

    def __init__(self, sessions: pl.DataFrame) -> None:
        known = sessions.drop_nulls(["opened_at", "closed_at", "expected_minor", "counted_minor"])
        recent = pl.col("closed_at") > pl.col("closed_at").max().dt.offset_by(f"-{MEMORY_DAYS}d")
        self.sessions = known.filter(recent)
        self._sources: tuple[str, ...] | None = None
        self._counted: Counted

    def same_as(self, other: Self) -> bool:
        """Return whether both know the same counts."""
        return self.sessions.equals(other.sessions)

    def of(self, sources: Sequence[str]) -> Counted:
        """Return the counts under the keys that these feeds give to operators and tills."""
        if self._sources != tuple(sources):
            self._sources = tuple(sources)
            self._counted = counted_of(self.sessions, self._sources)
        return self._counted


def counted_of(sessions: pl.DataFrame, sources: Sequence[str]) -> Counted:
    """Return the sessions' counts for everybody who worked at them, as each feed names them."""
    of_each = sessions.select(
        "store_id",
        "register_id",
        pl.col("operator_ids").str.split(";").alias("operator_id"),
        opened=pl.col("opened_at").to_physical(),
        closed=pl.col("closed_at").to_physical(),
        over=pl.col("counted_minor") - pl.col("expected_minor"),
    )
    of_each = of_each.with_columns(people=pl.col("operator_id").list.len().cast(pl.Int32))
    of_each = of_each.explode("operator_id").drop_nulls("operator_id")
    named = [_keyed(of_each, source) for source in sources]
    whole = pl.concat([_keyed(of_each.clear(), ""), *named])
    whole = whole.sort("operator", "closed", "opened", "register")
    keys = whole["operator"].to_numpy()
    operators, first = np.unique(keys, return_index=True)
    return Counted(
        opened=whole["opened"].to_numpy(),
        closed=whole["closed"].to_numpy(),
        register=whole["register"].to_numpy(),
        over=whole["over"].to_numpy(),
        people=whole["people"].to_numpy(),
        operators=operators,
        first=np.append(first, keys.size),
    )


def _keyed(of_each: pl.DataFrame, source: str) -> pl.DataFrame:
    """Return the rows with the keys `operator` and `register` of this feed."""
    for kind, known in (("operator", [source]), ("register", [])):
        parts = ["store_id", f"{kind}_id"]
        distinct = of_each.select(parts).unique(maintain_order=True)
        keys = [subject_key(kind, *known, *row) for row in distinct.iter_rows()]
        distinct = distinct.with_columns(pl.Series(kind, keys, dtype=pl.UInt64))
        of_each = of_each.join(distinct, on=parts, how="left", maintain_order="left")
    return of_each.drop("store_id", "operator_id", "register_id")


@kernel
def tell(
    slot: NDArray[np.int64],
    place: NDArray[np.int64],
    stays: Stays,
    counted: Counted,
    memory: NDArray[np.int64],
    out: Told,
) -> None:
    """Tell each receipt the oldest count not yet told to its operator, then learn sign-offs.

    place: of the operator among `counted.operators`, −1 none. memory: (operators, 1 + SIGN_OFFS, 3)
    int64; row 0 begins with the time of the count told last, the others are sign-offs, the newest
    first: time (µs, 0 never), till, transaction.
    """
    for i in range(slot.size):
        s, at = slot[i], stays.at[i]
        if s < 0 or at == UNKNOWN_64:
            continue
        if place[i] >= 0:
            for c in range(counted.first[place[i]], counted.first[place[i] + 1]):
                if counted.closed[c] <= memory[s, 0, 0]:
                    continue
                if counted.closed[c] > at:
                    break
                memory[s, 0, 0] = counted.closed[c]
                for k in range(1, memory.shape[1]):
                    left = memory[s, k, _AT]
                    if (
                        left != 0
                        and counted.opened[c] <= left <= counted.closed[c]
                        and np.uint64(memory[s, k, _REGISTER]) == counted.register[c]
                    ):
                        out.over[i], out.people[i] = counted.over[c], counted.people[c]
                        out.receipt[i] = np.uint64(memory[s, k, _TX])
                        break
                if out.receipt[i] != 0:
                    break
        if stays.signs_off[i] and stays.tx[i] != 0:
            memory[s, 2:] = memory[s, 1:-1].copy()
            memory[s, 1, _AT] = at
            memory[s, 1, _REGISTER] = np.int64(stays.register[i])
            memory[s, 1, _TX] = np.int64(stays.tx[i])


def part() -> Part:
    """Return the array that this memory needs."""
    return Part(PART, (1 + SIGN_OFFS, 3), np.int64)


def advance(subjects: Subjects, counted: Counted, stays: Stays) -> list[Block]:
    """Return the `drawer_*` columns; learn the sign-offs."""
    rows, known = stays.at.size, counted.operators
    place = np.full(rows, -1, dtype=np.int64)
    if known.size:
        near = np.minimum(np.searchsorted(known, stays.operator), known.size - 1)
        place = np.where(known[near] == stays.operator, near, -1)
    out = Told(
        np.full(rows, UNKNOWN_64, dtype=np.int64),
        np.full(rows, UNKNOWN_32, dtype=np.int32),
        np.zeros(rows, dtype=np.uint64),
    )
    slot = subjects.slots(stays.operator)
    tell(slot, place, stays, counted, subjects[PART], out)
    return apart(
        {
            "drawer_over_minor": out.over,
            "drawer_people": out.people,
            "drawer_receipt_key": out.receipt,
        }
    )
