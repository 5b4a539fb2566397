"""What a store's day was made of: refunds, voids, tenders, how lines were entered, and prices."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from shrinkwatch.records.batch import Batch

PROFILE_COLUMNS: dict[str, Sequence[str]] = {
    "transactions": ("store_id", "type", "status", "training"),
    "lines": ("tx", "kind", "sku_key", "entry", "list_price", "voided"),
    "price_changes": ("tx",),
    "tenders": ("tx", "type", "change", "voided"),
    "events": ("tx",),
}
"""The columns that a profile needs of a batch."""

_AGAINST_SALES = {"refunds": ("return", "exchange"), "voids": ("void",), "no_sales": ("no_sale",)}
_EDGES = (0.8, 0.98, 1.02, 1.2)
_PRICES = ("much lower", "lower", "usual", "higher", "much higher")
_SHAPE = ("store_id", "feature", "bin")


def day_counts(batch: Batch) -> pl.DataFrame:
    """Return store_id, feature, bin and rows: how a day's receipts, tenders and lines divide.

    A feature is a share of one kind against sales (refunds, voids, no_sales, cancelled), or of each
    kind among all (tenders, entries). What the feed does not say is no bin.
    """
    heads = batch.transactions.with_row_index("tx").filter(
        ~pl.col("training").fill_null(value=False)
    )
    done = heads.filter(pl.col("status") == "completed").with_columns(
        pl.col("type").cast(pl.String)
    )
    sales = done.filter(pl.col("type") == "sale")
    parts = [
        _counted(done.filter(pl.col("type").is_in(["sale", *kinds])), name, _if(kinds, name))
        for name, kinds in _AGAINST_SALES.items()
    ]
    ended = heads.filter(
        (pl.col("type") == "sale") & pl.col("status").is_in(["completed", "cancelled"])
    )
    parts.append(_counted(ended, "cancelled", pl.col("status").cast(pl.String)))
    live = ~pl.col("voided").fill_null(value=False)
    paid = batch.tenders.filter(live & ~pl.col("change").fill_null(value=False))
    parts.append(_counted(_of(paid.drop_nulls("type"), sales), "tenders", _text("type")))
    rung = batch.lines.filter(live).drop_nulls("entry")
    parts.append(_counted(_of(rung, sales), "entries", _text("entry")))
    return pl.concat(parts)


def day_prices(batch: Batch) -> pl.DataFrame:
    """Return store_id, sku_key, list_price and rows: at which prices items were sold on a day."""
    heads = batch.transactions.with_row_index("tx").filter(
        (pl.col("type") == "sale") & (pl.col("status") == "completed")
    )
    sold = batch.lines.filter(
        (pl.col("kind") == "item") & (pl.col("list_price") > 0) & (pl.col("sku_key") > 0)
    )
    priced = _of(sold, heads)
    return priced.group_by("store_id", "sku_key", "list_price").agg(rows=pl.len().cast(pl.Int64))


def price_counts(prices: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return day, store_id, feature, bin and rows: prices against what the item usually costs.

    prices: `day_prices` of several days with their day. An item's usual price is the most frequent
    one of all stores before today; an item that was not sold before has none and is left out.
    """
    before = prices.filter(pl.col("day") < today)
    often = before.group_by("sku_key", "list_price").agg(pl.col("rows").sum())
    usual = (
        often.sort("rows", "list_price", descending=[True, False])
        .unique("sku_key", keep="first")
        .select("sku_key", usual="list_price")
    )
    told = prices.join(usual, on="sku_key")
    ratio = pl.col("list_price") / pl.col("usual")
    bins = pl.lit(_PRICES[0])
    for edge, name in zip(_EDGES, _PRICES[1:], strict=True):
        bins = pl.when(ratio >= edge).then(pl.lit(name)).otherwise(bins)
    return told.group_by("day", "store_id", feature=pl.lit("prices"), bin=bins).agg(
        pl.col("rows").sum()
    )


def _counted(rows: pl.DataFrame, feature: str, bin_: pl.Expr) -> pl.DataFrame:
    named = rows.select("store_id", feature=pl.lit(feature), bin=bin_)
    return named.group_by(_SHAPE).agg(rows=pl.len().cast(pl.Int64))


def _if(kinds: Sequence[str], name: str) -> pl.Expr:
    return pl.when(pl.col("type").is_in(kinds)).then(pl.lit(name)).otherwise(pl.lit("sales"))


def _text(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String)


def _of(children: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that belong to these transactions, with their store."""
    return children.join(heads.select("tx", "store_id"), on="tx")
