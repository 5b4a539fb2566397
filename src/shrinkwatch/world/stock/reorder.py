"""How a store reorders: when a delivery comes, how much of an item is wanted, in which packs.

A planner knows an item's mean demand and orders up to a level when the book falls to the point
that the next delivery would otherwise miss. Levels and packs are our assumption.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.world.stock.carried import THOUSANDTHS
from shrinkwatch.world.stock.losses import FRESH, Days
from shrinkwatch.world.visits import Site

DRY_DAYS, FRESH_DAYS = 12.0, 3.0
"""How many days' demand one order of dry and of fresh goods covers."""

DELIVERY_GAP_DAYS = 3.0
"""The longest wait for a delivery: dry goods come three times a week, fresh goods daily."""

ON_SHOW = 2
"""Pieces of an item that stand on the shelf whatever is sold."""


@dataclass(frozen=True, slots=True)
class Reorder:
    """A store's way of ordering, one value per item of the chain, in thousandths of a unit.

    stocked: whether the store sells it. low: order when the book is not above this. full: up to
    this. pack: in whole packs. delivered: (days, items), whether a lorry could bring it.
    """

    stocked: NDArray[np.bool_]
    low: NDArray[np.int64]
    full: NDArray[np.int64]
    pack: NDArray[np.int64]
    delivered: NDArray[np.bool_]

    def wanted(self, book: NDArray[np.int64], day: int) -> NDArray[np.int64]:
        """Return what the lorry of that morning brings, by what the book says is there."""
        due = self.delivered[day] & self.stocked & (book <= self.low)
        return np.where(due, self.packed(self.full - np.maximum(book, 0)), 0)

    def packed(self, quantity: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the quantity rounded up to whole packs."""
        return -(-quantity // self.pack) * self.pack


def reorder(sold: Days, site: Site) -> Reorder:
    """Return how the store orders what it sells; `sold` is what its tills write down."""
    names = site.goods.departments()
    fresh = np.isin(names, list(FRESH))
    stocked = np.isin(names, list(site.shop.format.departments))
    trading = max(1, int((sold.sum(axis=1) > 0).sum()))
    daily = np.maximum(sold.sum(axis=0), 0) / trading
    gap = np.where(fresh, 1.0, DELIVERY_GAP_DAYS)
    low = np.ceil(daily * gap * 1.5 / THOUSANDTHS) * THOUSANDTHS + ON_SHOW * THOUSANDTHS
    pack = np.select([site.goods.price < 500, site.goods.price < 2000], [6, 3], 1) * THOUSANDTHS
    cover = np.ceil(daily * np.where(fresh, FRESH_DAYS, DRY_DAYS) / pack) * pack
    day = np.arange(site.days)
    lorry = np.isin((day + site.shop.index) % 7, (0, 2, 4))
    open_now = day >= site.opens_on
    return Reorder(
        stocked=stocked,
        low=low.astype(np.int64),
        full=(low + np.maximum(cover, pack)).astype(np.int64),
        pack=pack.astype(np.int64),
        delivered=(lorry[:, None] | fresh[None, :]) & open_now[:, None],
    )
