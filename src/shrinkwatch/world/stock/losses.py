"""How goods leave a shelf without a till: shoplifters, spoilage, damage, and the wrong scan.

Published scale: unknown loss is 1.57 % of sales in the last US survey of all retailers (National
Retail Security Survey) and 0.67 % in grocery; 36 % of it is external theft. Of that share the
shoplifters here take their part; internal theft is what the thieves at the tills do, and process
loss follows from the errors of `shrinkwatch.world.stock.supply`. Other sizes are our assumption.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.stock.carried import THOUSANDTHS
from shrinkwatch.world.visits import Site

UNKNOWN_LOSS = {
    "supermarket": 0.0067,
    "convenience": 0.0067,
    "department": 0.0157,
    "home_improvement": 0.0157,
}
EXTERNAL = 0.36

TEMPTING = {
    "alcohol": 4.0,
    "meat": 2.0,
    "beauty": 4.0,
    "apparel": 1.5,
    "electronics": 4.0,
    "toys": 1.5,
    "tools": 2.5,
    "produce": 0.2,
    "tobacco": 0.2,
}
"""How much likelier a shoplifter takes goods of a department than customers buy them."""

PAIRS, SWEEPS = 0.15, 0.05
"""Share of the thefts of two pieces, and of four to eight at once."""

FRESH = {"produce": 0.05, "bakery": 0.06, "dairy": 0.015, "meat": 0.03}
"""Share of what is sold that spoils, by fresh department."""

NOT_WRITTEN_DOWN = 0.12
"""Share of the spoiled goods that is thrown away without a word to the books."""

MIS_SCANNED = 0.05
"""Share of the lines of several pieces in which one piece is of another sort."""

DAMAGED = 0.0015
"""Share of what is sold that breaks and is written off."""

Days = NDArray[np.int64]
"""One number per day and item of the chain, in thousandths of a unit: shape (days, items)."""


@dataclass(frozen=True, slots=True)
class Losses:
    """What leaves the shelf beside the till; `waste` and `damaged` are written down."""

    shoplifted: Days
    waste: Days
    wasted_unseen: Days
    damaged: Days

    @property
    def gone(self) -> Days:
        """Return all that leaves the shelf."""
        return self.shoplifted + self.waste + self.wasted_unseen + self.damaged


def losses(sold: Days, site: Site, rng: np.random.Generator) -> Losses:
    """Return what is lost beside the till in a store that sells this.

    sold: what customers carried out, never negative; nothing is lost while the store is closed.
    """
    spoiled = _pieces(sold * _per_department(site, FRESH, 0.0), rng)
    unseen = _part(spoiled, NOT_WRITTEN_DOWN, rng)
    return Losses(
        shoplifted=_shoplifted(sold, site, rng),
        waste=spoiled - unseen,
        wasted_unseen=unseen,
        damaged=_pieces(sold * DAMAGED, rng),
    )


def mis_scanned(sales: pl.DataFrame, site: Site, rng: np.random.Generator) -> Days:
    """Return how much the books are too high because another sort was scanned twice: (days, items).

    sales: `day, item, out` of sold lines. Who buys two flavours is rung two of one: the book of
    one is a piece too low and that of the other a piece too high.
    """
    several = sales.filter(pl.col("out") >= 2 * THOUSANDTHS, pl.col("out") % THOUSANDTHS == 0)
    several = several.filter(pl.Series(rng.random(several.height) < MIS_SCANNED))
    item = several["item"].to_numpy()
    wrong = np.zeros((site.days, site.goods.price.size), dtype=np.int64)
    day = several["day"].to_numpy()
    np.add.at(wrong, (day, _other_sorts(site)[item]), THOUSANDTHS)
    np.add.at(wrong, (day, item), -THOUSANDTHS)
    return wrong


def _other_sorts(site: Site) -> NDArray[np.int64]:
    """Return for every item the next one of its department and class, in a ring."""
    rows = site.goods.table.select("department", "class").with_row_index("row")
    other = rows.select(
        pl.col("row").shift(-1, fill_value=pl.col("row").first()).over("department", "class")
    )
    return other["row"].to_numpy().astype(np.int64)


def _per_department(site: Site, values: dict[str, float], other: float) -> NDArray[np.float64]:
    names = site.goods.table["department"].to_list()
    return np.array([values.get(name, other) for name in names])


def _pieces(mean: NDArray[np.floating[Any]], rng: np.random.Generator) -> Days:
    """Return whole units, Poisson around what is expected over the period, on days with trade.

    A day's share follows from a smoothed mean: a slow item breaks once in months, not daily.
    """
    trading = mean.sum(axis=1, keepdims=True) > 0
    daily = mean.sum(axis=0, keepdims=True) / max(1, int(trading.sum()))
    return rng.poisson(np.where(trading, daily / THOUSANDTHS, 0.0)) * THOUSANDTHS


def _part(pieces: Days, share: float, rng: np.random.Generator) -> Days:
    return rng.binomial(pieces // THOUSANDTHS, share) * THOUSANDTHS


def _shoplifted(sold: Days, site: Site, rng: np.random.Generator) -> Days:
    """Return what shoplifters take: mostly one piece, now and then a sweep of the shelf."""
    price = site.goods.price
    value = float((sold * price).sum()) / THOUSANDTHS
    wanted = sold.sum(axis=0) * _per_department(site, TEMPTING, 1.0)
    gone = np.zeros_like(sold)
    if value == 0:
        return gone
    share = UNKNOWN_LOSS[site.shop.kind] * EXTERNAL * float(rng.lognormal(0.0, 0.3))
    chance = wanted / wanted.sum()
    each = (1 - SWEEPS) * (1 + PAIRS) + SWEEPS * 6
    count = int(rng.poisson(share * value / float((chance * price).sum() * each)))
    item = rng.choice(chance.size, count, p=chance)
    busy = sold.sum(axis=1) / sold.sum()
    day = rng.choice(busy.size, count, p=busy)
    pieces = np.where(rng.random(count) < PAIRS, 2, 1)
    pieces = np.where(rng.random(count) < SWEEPS, rng.integers(4, 9, count), pieces)
    np.add.at(gone, (day, item), pieces * THOUSANDTHS)
    return gone
