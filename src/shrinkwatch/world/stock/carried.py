"""What the tills say went out of a store, and what really did.

A till record and the goods part company in three ways: something was never scanned, a theft
rewrote what was sold, or a record was lost on its way. Honest people's ledger is the truth: what
it sells was carried out and what it takes back came back, whatever a thief made of the record.
"""

import polars as pl

from shrinkwatch.world.ledger import Ledger

THOUSANDTHS = 1000
"""Quantities of stock are whole thousandths of a unit, for weighed goods grams."""

FAULTY_GOODS = ("faulty", "recall")


def carried(ledger: Ledger) -> pl.DataFrame:
    """Return `tx, line, day, item, out`: what the ledger's records say was carried out.

    out: thousandths of a unit, negative for goods that came back. Records that are cancelled,
    suspended or practice move nothing; a post-void moves back what it takes back.
    """
    done = ledger.tx.filter(pl.col("status").is_in(["completed", "resumed"]), ~pl.col("training"))
    goods = ledger.lines.filter(~pl.col("voided"), pl.col("kind").is_in(["item", "return"])).select(
        "tx",
        "line",
        "item",
        out=(pl.col("quantity") * THOUSANDTHS).round().cast(pl.Int64),
    )
    rung = done.filter(pl.col("type") != "void").select("tx", "day")
    voids = done.filter(pl.col("type") == "void").select("day", tx="original", void="tx")
    taken_back = goods.join(voids, on="tx", maintain_order="left").with_columns(
        tx="void", out=-pl.col("out")
    )
    columns = ("tx", "line", "day", "item", "out")
    return pl.concat(
        [
            goods.join(rung, on="tx", maintain_order="left").select(columns),
            taken_back.select(columns),
        ]
    )


def unscanned(before: Ledger, after: Ledger) -> pl.DataFrame:
    """Return `tx, day, item, out` of the lines of `before` that nobody scanned in `after`."""
    gone = before.lines.join(after.lines, on=["tx", "line"], how="anti", maintain_order="left")
    return carried(Ledger(before.tx, gone, before.changes, before.events)).drop("line")


def rung_twice(honest: Ledger) -> pl.DataFrame:
    """Return `day, item, lost`: goods that came back once and were taken back twice by mistake.

    Such a return repeats another one: the same item of the same receipt, the same quantity.
    """
    back = honest.tx.filter(pl.col("type") == "return", pl.col("original").is_not_null())
    goods = carried(honest.keep(back["tx"])).join(
        back.select("tx", "original"), on="tx", maintain_order="left"
    )
    again = ~pl.struct("original", "item", "out").is_first_distinct()
    return goods.sort("tx", "line").filter(again).select("day", "item", lost=-pl.col("out"))


def differences(
    honest: Ledger, written: Ledger, stolen: pl.DataFrame, arrived: pl.Series
) -> pl.DataFrame:
    """Return `day, item, cause, lost`: where the store's records do not say what was carried out.

    honest: the ledger before the thefts. written: with them. stolen: `tx, scheme` of the rows of
    a theft. arrived: numbers of the records that reached the head office.
    lost: thousandths of a unit that are gone from the shelf and still in the books (negative: on
    the shelf and not in the books). cause: the scheme, or `lost_record`.
    """
    truth = carried(honest)
    known = honest.tx["tx"].to_numpy().max(initial=-1)
    bought = written.tx.filter(pl.col("tx") > int(known), pl.col("type") == "sale")
    bought = bought.filter(pl.col("status") == "completed")
    told = carried(written)
    touched = stolen["tx"].unique().implode()
    real = pl.concat(
        [
            truth.filter(pl.col("tx").is_in(touched)),
            told.filter(pl.col("tx").is_in(bought["tx"].implode()), pl.col("tx").is_in(touched)),
        ]
    )
    record = told.filter(pl.col("tx").is_in(touched)).with_columns(out=-pl.col("out"))
    why = stolen.select("tx", cause="scheme").unique("tx", keep="first", maintain_order=True)
    by_theft = pl.concat([real, record]).join(why, on="tx", maintain_order="left")
    astray = told.filter(~pl.col("tx").is_in(arrived.implode())).with_columns(
        cause=pl.lit("lost_record")
    )
    return (
        pl.concat([by_theft, astray.select(by_theft.columns)])
        .group_by("day", "item", "cause", maintain_order=True)
        .agg(lost=pl.col("out").sum())
        .filter(pl.col("lost") != 0)
    )
