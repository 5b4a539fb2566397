"""Coupons that honest customers hand in: the maker's for one item, the chain's for a receipt.

A maker's coupon stands on the line of its item with the coupon's code. Where the scanner does not
read it, the cashier keys it on the whole receipt, and in a hurry lets one pass whose item is not
there. The chain's own coupons ("5 off 50") have one code for a fortnight and stand on the whole
receipt. Rates and sums are our assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site

WORTH_MINOR = (50, 100, 150, 200)
KEYED = 0.12
ITEM_ABSENT = 0.25
ON_RECEIPT = 0.005
OFF_A_HUNDREDTH = 10
"""The chain's coupons are worth a tenth of the receipt that they ask for."""

LEAST_RECEIPTS_MINOR = (2_000, 3_000, 5_000)


def maker_code(item: pl.Expr) -> pl.Expr:
    """Return the code of the maker's coupon for an item (its row), like M10042."""
    return pl.lit("M") + (item.cast(pl.Int64) + 10_000).cast(pl.String)


def makers_coupons(lines: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Return the changes of one maker's coupon for each of these lines (`tx, line, item, …`).

    A coupon takes off no more than half of what its line costs.
    """
    rng, count = site.rng, lines.height
    worth = pl.Series(rng.choice(np.array(WORTH_MINOR), count), dtype=pl.Int64)
    keyed = pl.Series(rng.random(count) < KEYED)
    absent = keyed & pl.Series(rng.random(count) < ITEM_ABSENT)
    other = np.searchsorted(site.goods.demand(site.shop.format), rng.random(count), side="right")
    item = pl.when(absent).then(pl.Series(other)).otherwise(pl.col("item").cast(pl.Int64))
    half = (pl.col("quantity") * pl.col("price") * 0.5).floor().cast(pl.Int64)
    return lines.select(
        "tx",
        line=pl.when(~keyed).then("line"),
        type=pl.lit("coupon"),
        amount=-pl.min_horizontal(worth, half),
        code=maker_code(item),
    )


def receipt_coupons(ledger: Ledger, site: Site) -> pl.DataFrame:
    """Return the changes of the chain's own coupons, on receipts of at least the sum they ask."""
    rng = site.rng
    lucky = ledger.tx.filter(pl.Series(rng.random(ledger.tx.height) < ON_RECEIPT))
    least = pl.Series(rng.choice(np.array(LEAST_RECEIPTS_MINOR), lucky.height), dtype=pl.Int64)
    worth = ledger.keep(lucky["tx"]).worth()
    return (
        lucky.with_columns(least=least)
        .join(worth, on="tx", maintain_order="left")
        .filter(pl.col("net") >= pl.col("least"))
        .select(
            "tx",
            type=pl.lit("coupon"),
            amount=-(pl.col("least") // OFF_A_HUNDREDTH),
            code=pl.format("S{}-{}", pl.col("day") // 14, pl.col("least") // 100),
        )
    )
