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


def carried(ledger: Ledger, only: pl.Series | None = None) -> pl.DataFrame:
    """Return `tx, line, day, item, out`: what the ledger's records say was carried out.

    only: numbers of the records to look at, where not at all of them.

    out: thousandths of a unit, negative for goods that came back. Records that are cancelled,
    suspended or practice move nothing; a post-void moves back what it takes back.
    """
    if only is not None:
        whole = ledger.tx
        ledger = ledger.keep(pl.concat([only, _originals(whole, only)]))
        ledger = ledger.with_tx(whole.filter(pl.col("tx").is_in(only.implode())))
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


def _originals(tx: pl.DataFrame, of: pl.Series) -> pl.Series:
    return tx.filter(pl.col("tx").is_in(of.implode()))["original"].drop_nulls()


def unscanned(before: Ledger, after: Ledger) -> pl.DataFrame:
    """Return `tx, day, item, out` of the lines of `before` that nobody scanned in `after`."""
    gone = before.lines.join(after.lines, on=["tx", "line"], how="anti", maintain_order="left")
    return carried(Ledger(before.tx, gone, before.changes, before.events)).drop("line")


def rung_twice(honest: Ledger) -> pl.DataFrame:
    """Return `day, item, lost`: goods that came back once and were taken back twice by mistake.

    Such a return repeats another one: the same item of the same receipt, the same quantity.
    """
    back = honest.tx.filter(pl.col("type") == "return", pl.col("original").is_not_null())
    goods = carried(honest, back["tx"]).join(
        back.select("tx", "original"), on="tx", maintain_order="left"
    )
    again = ~pl.struct("original", "item", "out").is_first_distinct()
    return goods.sort("tx", "line").filter(again).select("day", "item", lost=-pl.col("out"))


def differences(
    honest: Ledger, written: Ledger, told: pl.DataFrame, stolen: pl.DataFrame, arrived: pl.Series
) -> pl.DataFrame:
    """Return `day, item, cause, lost`: where the store's records do not say what was carried out.

    honest: the ledger before the thefts. written: with them; told: what it says was carried out.
    stolen: `tx, scheme` of the rows of a theft. arrived: numbers of the records that reached the
    head office.
    lost: thousandths of a unit that are gone from the shelf and still in the books (negative: on
    the shelf and not in the books). cause: the scheme, or `lost_record`.
    """
    truth = carried(honest)
    row = ["tx", "line", "item", "out"]
    unsaid = truth.join(told, on=row, how="anti", maintain_order="left")
    untrue = told.join(truth, on=row, how="anti", maintain_order="left")
    untrue = untrue.join(_purchases(honest, written), on="tx", how="anti", maintain_order="left")
    wrong = pl.concat([unsaid, untrue.with_columns(out=-pl.col("out"))])
    astray = told.filter(~pl.col("tx").is_in(arrived.implode()))
    return (
        pl.concat(
            [
                wrong.join(_schemes(wrong, honest, written, stolen), on="tx"),
                astray.with_columns(cause=pl.lit("lost_record")),
            ]
        )
        .group_by("day", "item", "cause", maintain_order=True)
        .agg(lost=pl.col("out").sum())
        .filter(pl.col("lost") != 0)
    )


def _purchases(honest: Ledger, written: Ledger) -> pl.DataFrame:
    """Return `tx` of sales that a theft added: the thief pays, if too little, and carries out."""
    known = int(honest.tx["tx"].to_numpy().max(initial=-1))
    return written.tx.filter(
        pl.col("tx") > known, pl.col("type") == "sale", pl.col("status") == "completed"
    ).select("tx")


def _schemes(
    wrong: pl.DataFrame, honest: Ledger, written: Ledger, stolen: pl.DataFrame
) -> pl.DataFrame:
    """Return `tx, cause` of wrong records: the theft's own rows, else the nearest at that till.

    A theft may leave out a line of a sale that is no part of it in the answer sheet.
    """
    own = stolen.select("tx", cause="scheme").unique("tx", keep="first", maintain_order=True)
    place = ("tx", "register", "start")
    near = own.join(written.tx.select(place), on="tx").sort("start").drop("tx")
    others = wrong.select("tx").unique().join(own, on="tx", how="anti")
    beside = honest.tx.select(place).join(others, on="tx", how="semi").sort("start")
    found = beside.join_asof(
        near, on="start", by="register", strategy="nearest", check_sortedness=False
    )
    return pl.concat([own, found.select("tx", pl.col("cause").fill_null("till_theft"))])
