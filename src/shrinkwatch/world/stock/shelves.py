"""The shelf and the book of one store, day by day: deliveries, sales, losses, counts.

The shelf is what is there, the book what the system believes. Deliveries follow the book, so an
error in it has the consequences that it has in life. Nothing is ever sold out, because sales are
drawn before the stock: goods that will be missing on a day are brought that morning, and where
the book had said that they were there, the gap on the shelf is noticed and the book adjusted.

About 60 % of the records are wrong to begin with: DeHoratius and Raman found 65 % of 370,000
records of 37 stores inaccurate (*Inventory Record Inaccuracy*, Management Science 54 (4), 2008).
How large the errors are, and all other rates here, are our assumption.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.world.stock.carried import THOUSANDTHS
from shrinkwatch.world.stock.losses import Days
from shrinkwatch.world.stock.reorder import Reorder

WRONG_RECORDS = 0.62
TOO_HIGH = 0.56
MEAN_ERROR = 0.2
"""A wrong record errs by one piece and, geometrically, a fifth of the full shelf on average."""

SHORT_DELIVERY, OVER_DELIVERY = 0.012, 0.004
MIS_COUNTED = 0.02


@dataclass(frozen=True, slots=True)
class Flows:
    """What goes in and out of a store beside its deliveries: (days, items), thousandths of a unit.

    out: carried out of the store for whatever reason (`net` of what customers bring back), and
    `written`: what of it the books are told. needed: what must have been on the shelf for it.
    """

    out: Days
    written: Days
    needed: Days


@dataclass(frozen=True, slots=True)
class Shelves:
    """What became of it: (days, items) or one value per item, thousandths of a unit.

    opening, opening_book: before the first day. ordered: deliveries as booked; missing: what of
    them did not come (negative: more came). extra: brought for a gap; adjusted: what the book was
    changed by when the gap was found. shelf, book: in the evening, before a count. was_counted:
    where there was one; counted: what it said; mis_counted: that minus what was there.
    """

    opening: NDArray[np.int64]
    opening_book: NDArray[np.int64]
    ordered: Days
    missing: Days
    extra: Days
    adjusted: Days
    shelf: Days
    book: Days
    was_counted: NDArray[np.bool_]
    counted: Days
    mis_counted: Days


def shelves(
    flows: Flows, reorder: Reorder, counts: NDArray[np.bool_], rng: np.random.Generator
) -> Shelves:
    """Return the store's shelf and book over the period.

    counts: (days, items), what is counted in the evening. The shelf never falls below zero; the
    book may.
    """
    days, items = flows.out.shape
    opening, opening_book = _opening(reorder, rng)
    short = _delivery_errors((days, items), rng)
    wrong = _count_errors((days, items), rng)
    kept = {name: np.zeros((days, items), dtype=np.int64) for name in _BY_DAY}
    shelf, book = opening.copy(), opening_book.copy()
    for day in range(days):
        ordered = reorder.wanted(book, day)
        missing = np.minimum(short[day], ordered) * (ordered > 0)
        book = book + ordered
        shelf = shelf + ordered - missing
        gap = shelf < flows.needed[day]
        believed = gap & (book >= flows.needed[day])
        adjusted = np.where(believed, shelf - book, 0)
        wished = np.maximum(reorder.full, flows.needed[day])
        extra = np.where(gap, reorder.packed(wished - shelf), 0)
        book = book + adjusted + extra - flows.written[day]
        shelf = shelf + extra - flows.out[day]
        mis_counted = np.where(counts[day], np.maximum(wrong[day], -shelf), 0)
        today = (ordered, missing, extra, adjusted, shelf, book, shelf + mis_counted, mis_counted)
        for name, values in zip(_BY_DAY, today, strict=True):
            kept[name][day] = values
        book = np.where(counts[day], shelf + mis_counted, book)
    return Shelves(opening=opening, opening_book=opening_book, was_counted=counts, **kept)


_BY_DAY = (
    "ordered",
    "missing",
    "extra",
    "adjusted",
    "shelf",
    "book",
    "counted",
    "mis_counted",
)


def _opening(
    reorder: Reorder, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what is on the shelves in the first morning, and what the books say of it."""
    spread = (reorder.full - reorder.low) // THOUSANDTHS
    shelf = reorder.low + rng.integers(0, spread + 1) * THOUSANDTHS
    shelf = np.where(reorder.stocked, shelf, 0)
    wrong = reorder.stocked & (rng.random(shelf.size) < WRONG_RECORDS)
    full = reorder.full / THOUSANDTHS
    size = rng.geometric(1 / (1 + MEAN_ERROR * full)) * THOUSANDTHS
    sign = np.where(rng.random(shelf.size) < TOO_HIGH, 1, -1)
    return shelf, np.where(wrong, np.maximum(0, shelf + sign * size), shelf)


def _delivery_errors(shape: tuple[int, int], rng: np.random.Generator) -> Days:
    """Return by how much a delivery of that day would fall short of its papers."""
    lot = rng.random(shape)
    pieces = rng.integers(1, 4, shape)
    short = np.where(lot < SHORT_DELIVERY, pieces, 0)
    return np.where(lot > 1 - OVER_DELIVERY, -pieces, short) * THOUSANDTHS


def _count_errors(shape: tuple[int, int], rng: np.random.Generator) -> Days:
    """Return by how much a count of that evening would be wrong: a piece or two, either way."""
    pieces = rng.integers(1, 3, shape) * np.where(rng.random(shape) < 0.5, 1, -1)
    return np.where(rng.random(shape) < MIS_COUNTED, pieces, 0) * THOUSANDTHS
