"""Buyers who owe no tax: charities and embassies that show a number, and pay the price without it.

Each store has a few of them; one of 500 staffed sales is theirs, a fifth of those in cash. All our
assumption. What an exempt buyer pays is the price without the tax in it, so that the record's sums
hold and its tax is nothing.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.shoppers import FIRST_EXEMPT, PER_STORE
from shrinkwatch.world.visits import Site

EXEMPT_SALES = 0.002
BUYERS = 4
BUYER_SHARES = (0.45, 0.27, 0.17, 0.11)
PAYS = ("account", "debit", "credit", "cash")
PAY_SHARES = (0.35, 0.25, 0.2, 0.2)
NAMED = 0.6


def tax_exempt(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with some staffed sales made to the store's exempt buyers."""
    rng = site.rng
    staffed = ledger.tx.filter(
        pl.col("operator") != site.staff.self_checkout, ~pl.col("employee_sale")
    )
    sold = staffed.filter(pl.Series(rng.random(staffed.height) < EXEMPT_SALES))
    first = site.shop.index * PER_STORE + FIRST_EXEMPT
    buyer = pl.Series(first + rng.choice(BUYERS, sold.height, p=BUYER_SHARES), dtype=pl.Int32)
    terms = sold.select(
        "tx",
        buyer=buyer,
        by=pl.Series(rng.choice(np.array(PAYS), sold.height, p=PAY_SHARES), dtype=pl.String),
        named=pl.Series(rng.random(sold.height) < NAMED),
    )
    here = pl.col("buyer").is_not_null()
    tx = ledger.tx.join(terms, on="tx", how="left", maintain_order="left").with_columns(
        exempt="buyer",
        shopper=pl.coalesce("buyer", "shopper"),
        loyalty=pl.when(~here).then("loyalty"),
        customer=pl.when(pl.col("named")).then("buyer").otherwise("customer"),
        pay=pl.coalesce("by", pl.col("pay").cast(pl.String)),
        card=pl.when(pl.col("by").is_in(["debit", "credit"]))
        .then(2 * pl.col("buyer"))
        .when(~here)
        .then("card"),
    )
    return without_tax(ledger.with_tx(tx), terms["tx"], site.goods.tax)


def without_tax(ledger: Ledger, tx: pl.Series, tax: NDArray[np.float64]) -> Ledger:
    """Return the ledger with the prices of these transactions lowered by the tax in them.

    tax: every item's rate, by row of the chain's items.
    """
    sold, others = ledger.keep(tx), ledger.without(tx)
    factor = pl.Series(1 / (1 + tax[sold.lines["item"].to_numpy()]), dtype=pl.Float64)
    lines = sold.lines.with_columns(factor=factor)
    changes = sold.changes.join(
        lines.select("tx", "line", "factor"), on=["tx", "line"], how="left", maintain_order="left"
    ).with_columns(
        amount=(pl.col("amount") * pl.col("factor").fill_null(1.0)).round().cast(pl.Int64)
    )
    lines = lines.with_columns(price=(pl.col("price") * pl.col("factor")).round().cast(pl.Int64))
    return others.plus(Ledger.of(sold.tx, lines, changes, sold.events))
