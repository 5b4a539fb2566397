"""Cuts a day's arrivals, wherever they lie, into batches of a bounded size in order of arrival."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.ports import Tail
from shrinkwatch.records.batch import PARTS, Batch

Places = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Positions in the journal and UTC µs of arrival, a value per transaction each."""


class Readable(Protocol):
    """Some arrivals in order of arrival, in memory or on disk."""

    def __len__(self) -> int: ...

    def places(self) -> Places:
        """Return where each transaction belongs."""
        ...

    def rows(self, start: int, end: int) -> Batch:
        """Return the transactions from row `start` to before row `end`, with their parts."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """Some arrivals in memory: a batch, each transaction's position in the journal and its time.

    positions, arrived_us: int64, a value per transaction; UTC µs.
    """

    batch: Batch
    positions: NDArray[np.int64]
    arrived_us: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.batch)

    def places(self) -> Places:
        """Return where each transaction belongs."""
        return self.positions, self.arrived_us

    def rows(self, start: int, end: int) -> Batch:
        """Return the transactions from row `start` to before row `end`, with their parts."""
        children = {}
        for part in PARTS:
            if part == "transactions":
                continue
            frame: pl.DataFrame = getattr(self.batch, part)
            first, last = np.searchsorted(frame["tx"].to_numpy(), [start, end]).tolist()
            moved = pl.col("tx") - pl.lit(start, dtype=pl.UInt32)
            children[part] = frame.slice(first, last - first).with_columns(moved)
        return Batch(self.batch.transactions.slice(start, end - start), **children)

    def slice(self, start: int, end: int) -> Self:
        """Return the piece from row `start` to before row `end`."""
        places = self.positions[start:end], self.arrived_us[start:end]
        return type(self)(self.rows(start, end), *places)

    def in_order(self, among: NDArray[np.bool_]) -> Self:
        """Return some of the transactions in order of arrival. among: bool per transaction."""
        rows = np.flatnonzero(among)
        rows = rows[np.lexsort((self.positions[rows], self.arrived_us[rows]))]
        return type(self)(_taken(self.batch, rows), self.positions[rows], self.arrived_us[rows])


def tail_of(
    batches: Sequence[Batch],
    positions: Sequence[NDArray[np.int64]],
    dead: frozenset[int],
    damaged: tuple[tuple[int, int], ...],
    until: int,
) -> Tail:
    """Return these batches as the tail of a journal, without the records at the dead positions.

    positions: of each batch's transactions.
    """
    whole = Batch.concat(batches)
    if len(batches) > 1:
        whole = Batch(**{part: getattr(whole, part).rechunk() for part in PARTS})
    at = np.concatenate([np.zeros(0, dtype=np.int64), *positions])
    lives = np.ones(at.size, dtype=np.bool_)
    if dead:
        lives = ~np.isin(at, np.fromiter(dead, np.int64, len(dead)))
    arrived = whole.transactions["arrived_at"].to_physical().to_numpy()
    kept = Piece(whole, at, arrived).in_order(lives)
    return Tail(kept.batch, kept.positions, kept.arrived_us, at[~lives], damaged, until)


def in_arrival_order(
    pieces: Sequence[Readable], dead: frozenset[int], most: int
) -> Iterator[Batch]:
    """Yield all transactions in order of arrival, at most so many at once.

    dead: positions of transactions that are left out.
    """
    if len(pieces) == 1 and not dead:
        for start in range(0, len(pieces[0]), most):
            yield pieces[0].rows(start, min(start + most, len(pieces[0])))
        return
    if not pieces:
        return
    order = _order(pieces, dead)
    starts = np.cumsum([0, *(len(piece) for piece in pieces)])
    for first in range(0, order.size, most):
        yield _gathered(pieces, starts, order[first : first + most])


def _order(pieces: Sequence[Readable], dead: frozenset[int]) -> NDArray[np.uint32]:
    """Return the rows of all pieces, counted through, in order of arrival, without the dead."""
    places = zip(*(piece.places() for piece in pieces), strict=True)
    positions, arrived = (np.concatenate(values) for values in places)
    order = np.lexsort((positions, arrived))
    if dead:
        order = order[~np.isin(positions[order], np.fromiter(dead, np.int64, len(dead)))]
    return order.astype(np.uint32)


def _gathered(
    pieces: Sequence[Readable], starts: NDArray[np.int64], wanted: NDArray[np.uint32]
) -> Batch:
    """Return these transactions of the pieces in this order.

    starts: (pieces + 1,) number of each piece's first row when all are counted through. wanted:
    rows so counted; a piece's are in its own order, so that they lie close together.
    """
    owner = np.searchsorted(starts, wanted, side="right") - 1
    place = np.empty(wanted.size, dtype=np.int64)
    parts, before = [], 0
    for one in np.unique(owner).tolist():
        mine = owner == one
        rows = wanted[mine] - starts[one]
        first, last = int(rows.min()), int(rows.max()) + 1
        parts.append(pieces[one].rows(first, last))
        place[mine] = rows - first + before
        before += last - first
    return _taken(Batch.concat(parts), place)


def _taken(batch: Batch, rows: NDArray[np.int64]) -> Batch:
    if rows.size == len(batch) and bool((rows == np.arange(rows.size)).all()):
        return batch
    return batch.take(rows)
