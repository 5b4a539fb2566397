"""Customers who ask what a thing costs before they buy it, or do not.

A price check is a record of its own: it names the item in a line of quantity 0, sells nothing and
takes no money. One staffed sale in 170 is preceded by one; seven in ten ask for something that is
then bought. Our assumption. Inquiries within a sale are events of it (`shrinkwatch.world.routine`).
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site

CHECKS = 0.006
BOUGHT = 0.7
CHECK_S = (6, 14)


def price_checks(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with a price check shortly before some sales."""
    rng = site.rng
    sales = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("operator") != site.staff.self_checkout,
    )
    quirk = site.staff.clumsiness("inquiry", sales["operator"].to_numpy(), sales["day"].to_numpy())
    asked = sales.filter(pl.Series(rng.random(sales.height) < CHECKS * quirk))
    asked_for = (
        ledger.keep(asked["tx"])
        .lines.filter(~pl.col("voided"), pl.col("kind") == "item")
        .sort("tx", "line")
        .unique("tx", keep="first", maintain_order=True)
    )
    asked = asked.join(asked_for.select("tx", "item", "entry"), on="tx", maintain_order="left")
    count = asked.height
    other = np.searchsorted(site.goods.demand(site.shop.format), rng.random(count), side="right")
    bought = rng.random(count) < BOUGHT
    item = pl.Series(np.where(bought, asked["item"].to_numpy(), other))
    ahead = pl.Series(rng.integers(20, 120, count))
    asked = asked.select(
        pl.Series("tx", ledger.next_numbers(count)),
        "register",
        "operator",
        "day",
        start=pl.col("start") - ahead,
        item=item,
        price=pl.Series(site.goods.price[item.to_numpy()]),
        entry=pl.col("entry"),
    )
    return ledger.plus(price_check(asked, rng))


def price_check(asked: pl.DataFrame, rng: np.random.Generator) -> Ledger:
    """Return the price checks of `tx, register, operator, day, start, item, price, entry`."""
    took = pl.Series(rng.integers(*CHECK_S, asked.height), dtype=pl.Int32)
    tx = asked.with_columns(type=pl.lit("price_check"), length=took)
    line = asked.select(
        "tx", "item", "price", "entry", line=pl.lit(1), quantity=pl.lit(0.0), at=pl.lit(3)
    )
    event = asked.select("tx", type=pl.lit("price_inquiry"), at=pl.lit(3))
    return Ledger.of(tx=tx, lines=line, events=event)
