"""What every transaction comes to and how it is paid, worked out from its final lines.

Because totals and tenders are derived here and nowhere else, the contract's identities hold by
construction: net = live lines + changes on the whole, tenders = net, a post-void = −original.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site

NOTES_MINOR = (1, 100, 500, 1000, 2000, 5000)
"""Customers round up to a multiple of one of these when they pay cash."""

NOTE_SHARES = (0.2, 0.12, 0.26, 0.2, 0.16, 0.06)


def totals(ledger: Ledger, worth: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Return `tx, net, gross, tax` in minor units; gross and tax are null without lines.

    worth: the ledger's `lines_worth`. A cancelled or suspended record shows its basket as it stood.
    """
    goods = site.goods.tax
    lines = worth.filter(~pl.col("voided"))
    rate = pl.Series("rate", goods[lines["item"].to_numpy()])
    sums = (
        lines.with_columns(rate)
        .group_by("tx")
        .agg(
            gross=(pl.col("quantity") * pl.col("price")).round().sum().cast(pl.Int64),
            tax=(pl.col("extended") * pl.col("rate") / (1 + pl.col("rate"))).sum(),
            listed=pl.col("extended").sum(),
        )
    )
    net = (
        ledger.tx.select("tx", "amount", "original", "type", "exempt")
        .join(ledger.worth(worth), on="tx", how="left", maintain_order="left")
        .join(sums, on="tx", how="left", maintain_order="left")
        .with_columns(net=pl.coalesce("amount", "net").fill_null(0))
    )
    taken_back = net.select(original="tx", reversed_net="net")
    return net.join(taken_back, on="original", how="left", maintain_order="left").select(
        "tx",
        "gross",
        net=pl.when(pl.col("type") == "void").then(-pl.col("reversed_net")).otherwise("net"),
        tax=(pl.col("tax") * pl.col("net") / pl.col("listed") * pl.col("exempt").is_null())
        .fill_nan(None)
        .round()
        .cast(pl.Int64),
    )


def tenders(ledger: Ledger, totals: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Return `tx, place, type, amount, change, voided, card, gift_card`, sorted by tx and place.

    A cancelled record may show a tender that was tried and voided.
    """
    due = ledger.tx.join(totals, on="tx", maintain_order="left").filter(
        pl.col("status").is_in(["completed", "resumed"]),
        pl.col("pay").is_not_null(),
        pl.col("net") != 0,
    )
    due = due.with_columns(given=pl.Series(_given(due, site.rng), dtype=pl.Int64))
    tried = ledger.tx.filter(
        pl.col("refused").is_not_null(),
        (pl.col("status") == "cancelled") | pl.col("pay").is_not_null(),
    ).join(totals, on="tx", maintain_order="left")
    refused = tried.filter(pl.col("net") != 0).select(
        "tx",
        place=pl.lit(0),
        type=pl.col("refused"),
        amount=pl.col("net"),
        change=pl.lit(value=False),
        voided=pl.lit(value=True),
        card=pl.when(pl.col("refused") == "credit").then("card"),
        gift_card=pl.lit(None, dtype=pl.Int32),
    )
    paid = due.select(
        "tx",
        place=pl.lit(1),
        type=pl.col("pay"),
        amount=pl.col("given"),
        change=pl.lit(value=False),
        voided=pl.lit(value=False),
        card=pl.when(pl.col("pay").is_in(["credit", "debit"])).then("card"),
        gift_card=pl.when(pl.col("pay") == "gift_card").then("gift_card"),
    )
    change = due.filter(pl.col("given") != pl.col("net")).select(
        "tx",
        place=pl.lit(2),
        type=pl.lit("cash", dtype=due.schema["pay"]),
        amount=pl.col("net") - pl.col("given"),
        change=pl.lit(value=True),
        voided=pl.lit(value=False),
        card=pl.lit(None, dtype=pl.Int32),
        gift_card=pl.lit(None, dtype=pl.Int32),
    )
    return pl.concat([refused, paid, change]).sort("tx", "place")


def drawer_openings(ledger: Ledger, tenders: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Return the drawer_open events of tills with a drawer: wherever cash was keyed."""
    cash = tenders.filter(pl.col("type") == "cash")["tx"].unique()
    with_drawer = [*site.shop.staffed, *site.shop.desk]
    return ledger.tx.filter(
        pl.col("tx").is_in(cash.implode()),
        pl.col("register").is_in(with_drawer),
        ~pl.col("training"),
    ).select("tx", type=pl.lit("drawer_open"), at=pl.col("total_at").fill_null(1) + 2)


def _given(due: pl.DataFrame, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return what the customer hands over: more than is due only in cash, rounded up to a note."""
    net = due["net"].to_numpy()
    note = rng.choice(np.array(NOTES_MINOR), due.height, p=NOTE_SHARES)
    note = np.where(net > 20_000, np.minimum(note, 1000), note)
    rounded = -(-net // note) * note
    cash = ((due["pay"] == "cash") & due["type"].is_in(["sale", "exchange"])).to_numpy() & (net > 0)
    return np.where(cash, rounded, net)
