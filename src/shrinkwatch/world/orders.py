"""Orders placed on line: fetched at the desk, or sent home and brought back to the store.

What is sent home is sold elsewhere and does not appear in the till's feed; when it comes back the
return names the order, the customer and the card, and no receipt. One order in eight comes back in
two parts. Of the desk's card sales 60 % are orders that are fetched. Where goods are seldom
returned nobody orders for home. All our assumption.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.mishaps import approval
from shrinkwatch.world.refunds import RETURN_TOTAL_S, reasons, returned
from shrinkwatch.world.returns import APPROVED, at_open_till, entries
from shrinkwatch.world.shoppers import PER_STORE
from shrinkwatch.world.visits import Site, hours

FETCHED = 0.6
SENT_HOME = 0.25
"""Returns of goods sent home, per return of goods bought in the store."""

ORDER_DESK = 5.0
"""In some stores the desk is where a whole town brings back what it ordered."""

IN_TWO_PARTS = 0.12
FIRST_SENT, FIRST_STOLEN = 40_000, 90_000
"""Numbers of orders within a store: fetched ones from 0, then these."""


def fetched(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with some of the desk's card sales as orders that are fetched."""
    orders = ledger.tx.filter(
        pl.col("register").is_in(list(site.shop.desk)),
        pl.col("card").is_not_null(),
        ~pl.col("employee_sale"),
        pl.Series(site.rng.random(ledger.tx.height) < FETCHED),
    ).select("tx", number=site.shop.index * PER_STORE + pl.int_range(pl.len(), dtype=pl.Int32))
    tx = ledger.tx.join(orders, on="tx", how="left", maintain_order="left")
    here = pl.col("number").is_not_null()
    return ledger.with_tx(
        tx.with_columns(
            order="number", customer=pl.when(here).then("shopper").otherwise("customer")
        )
    )


def brought_back(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with the store's returns of goods that were sent home."""
    rng, shop = site.rng, site.shop
    sales = ledger.tx.filter(pl.col("type") == "sale").height
    busy = ORDER_DESK if site.calendar.has("order_desk", shop) else 1.0
    count = int(rng.poisson(SENT_HOME * busy * shop.format.return_rate * sales))
    parts = 1 + (rng.random(count) < IN_TWO_PARTS)
    order = np.repeat(np.arange(count), parts)
    later = np.arange(order.size) - (np.cumsum(parts) - parts)[order]
    day = rng.integers(0, site.days, count)[order] + later * rng.integers(1, 6, order.size)
    second = hours(shop.format, order.size, rng)
    register, operator = at_open_till(site, np.minimum(day, site.days - 1), second)
    buyer = shop.index * PER_STORE + _buyers(site, count)[order]
    tx = refunds_of_orders(
        pl.DataFrame(
            {
                "tx": ledger.next_numbers(order.size),
                "register": register,
                "operator": operator,
                "day": day,
                "start": day * 86_400 + second,
                "shopper": buyer,
                "card": 2 * buyer,
                "order": shop.index * PER_STORE + FIRST_SENT + order,
            }
        ),
        rng,
    ).filter((pl.col("operator") >= 0) & (pl.col("day") < site.days))
    tx = tx.with_columns(approver=approval(site, tx, APPROVED / 2))
    demand = site.goods.demand(shop.format)
    item = np.searchsorted(demand, rng.random(tx.height), side="right")
    lines = goods_of_orders(tx["tx"], item, site.goods.price, rng)
    lines = lines.with_columns(entry=entries(lines, tx, site))
    return ledger.plus(Ledger.of(tx=tx, lines=lines))


def _buyers(site: Site, count: int) -> NDArray[np.int64]:
    """Return the households that order, by row: those who come often order often."""
    return np.searchsorted(site.shoppers.cumulative, site.rng.random(count), side="right")


def refunds_of_orders(at: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return these rows as returns of orders: the customer is known, the card that paid is paid."""
    return at.with_columns(
        type=pl.lit("return"),
        customer="shopper",
        pay=pl.when(pl.col("shopper") % 3 == 0).then(pl.lit("credit")).otherwise(pl.lit("debit")),
        total_at=pl.lit(RETURN_TOTAL_S),
        length=RETURN_TOTAL_S + pl.Series(rng.integers(20, 120, at.height), dtype=pl.Int32),
    )


def goods_of_orders(
    tx: pl.Series,
    item: NDArray[np.int64],
    price: NDArray[np.int64],
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return one scanned line for each return: an item at its list price."""
    sold = pl.DataFrame(
        {"tx": tx, "item": item, "quantity": np.ones(item.size), "extended": price[item]}
    )
    scanned = pl.Series(["scan"] * item.size, dtype=pl.String)
    return returned(sold, reasons(item.size, rng), scanned)
