"""Goods that honest customers bring back: with and without a receipt, and exchanges.

15.6 % of returns (by value) come without a receipt (NRF and Appriss Retail, 2021); how often each
kind of shop sees a return is `shrinkwatch.world.formats`. A purchase comes back after a week or so
(exponential, 30 days at most). What is bought near the period's end comes back in its beginning,
as a return of a sale from before, so that the rate is even over the period. One return line in ten
is keyed, by some operators far more (our assumption).
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.mishaps import approval
from shrinkwatch.world.refunds import RETURN_TOTAL_S, reasons, returned
from shrinkwatch.world.visits import Site, hours, open_sessions

WITHOUT_RECEIPT = 0.156
MEAN_DAYS = 6.5
LATEST_DAYS = 30
SAME_DAY = 0.08
TWO_LINES = 0.3
EXCHANGED = 0.1
OTHER_CARD = 0.03
CARD_TO_CASH = 0.03
CREDIT_NOTE = 0.55
KEYED = 0.1
REPRINTED = 0.08
NAMED_WITH, NAMED_WITHOUT = 0.35, 0.7
APPROVED = 0.6


def returns(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with the honest returns and exchanges of the period."""
    rng = site.rng
    sold = _brought_back(ledger, site)
    when = _when(sold, site)
    place = _where(when, site)
    kept = (place[1] >= 0) & ~(when["before"].to_numpy() & (site.opens_on > 0))
    brought = sold.with_columns(when).filter(pl.Series(kept))
    brought = brought.with_columns(
        register=pl.Series(place[0][kept]), operator=pl.Series(place[1][kept])
    )
    tx = _refund_terms(brought, ledger, site)
    lines = _goods(ledger, tx.select("tx", sale=brought["tx"]), rng)
    lines = lines.with_columns(entry=entries(lines, tx, site))
    exchanged = tx.filter(pl.col("type") == "exchange").select("tx")
    lines = pl.concat([lines, _instead(lines, exchanged, site)], how="diagonal_relaxed")
    return ledger.plus(Ledger.of(tx=tx, lines=lines, events=_reprints(tx)))


def _reprints(tx: pl.DataFrame) -> pl.DataFrame:
    copied = tx.filter(pl.col("reprints").is_not_null())
    return copied.select("tx", type=pl.lit("reprint"), at=pl.lit(4))


def entries(lines: pl.DataFrame, tx: pl.DataFrame, site: Site) -> pl.Series:
    """Return how each line (`tx`) was entered: mostly scanned, by some operators often keyed."""
    by = lines.select("tx").join(
        tx.select("tx", "operator", "day"), on="tx", how="left", maintain_order="left"
    )
    quirk = site.staff.clumsiness("keyed", by["operator"].to_numpy(), by["day"].to_numpy())
    chance = np.minimum(0.7, KEYED * quirk)
    keyed = site.rng.random(by.height) < chance
    return pl.Series(np.where(keyed, "key", "scan"), dtype=pl.String)


def at_open_till(
    site: Site, day: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return register and operator for goods brought back then: the desk's, else any open lane's.

    The operator is −1 when no till was open.
    """
    _, operator = open_sessions(site)
    minute = day * 1440 + second // 60
    wish = site.rng.random((day.size, operator.shape[1]))
    if site.shop.desk:
        wish[:, site.shop.desk[0]] += np.where(site.rng.random(day.size) < 0.9, 2.0, 0.0)
    wish = np.where(operator[minute] >= 0, wish, -1.0)
    register = np.argmax(wish, axis=1)
    return register, operator[minute, register]


def _brought_back(ledger: Ledger, site: Site) -> pl.DataFrame:
    """Return the sales that come back, with `delay` in days."""
    taken_back = ledger.tx["original"].drop_nulls().implode()
    sales = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        ~pl.col("tx").is_in(taken_back),
    )
    chance = site.shop.format.return_rate
    back = sales.filter(pl.Series(site.rng.random(sales.height) < chance))
    delay = 1 + np.minimum(LATEST_DAYS, site.rng.exponential(MEAN_DAYS, back.height)).astype(
        np.int64
    )
    same = site.rng.random(back.height) < SAME_DAY
    return back.with_columns(delay=pl.Series(np.where(same, 0, delay)))


def _when(sold: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Return `back_day, back_start, before`: when it comes back; before: sold before the period."""
    rng = site.rng
    day = sold["day"].to_numpy() + sold["delay"].to_numpy()
    second = hours(site.shop.format, sold.height, rng)
    later = sold["start"].to_numpy() % 86_400 + rng.integers(900, 9000, sold.height)
    second = np.where(sold["delay"].to_numpy() == 0, later, second)
    before = day >= site.days
    day = day % site.days
    return pl.DataFrame({"back_day": day, "back_start": day * 86_400 + second, "before": before})


def _where(when: pl.DataFrame, site: Site) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    day = when["back_day"].to_numpy()
    return at_open_till(site, day, np.minimum(when["back_start"].to_numpy() - day * 86_400, 86_399))


def _refund_terms(brought: pl.DataFrame, ledger: Ledger, site: Site) -> pl.DataFrame:
    """Return the rows of the returns: what they name, how they pay, who signed."""
    rng, count = site.rng, brought.height
    without = pl.Series(rng.random(count) < WITHOUT_RECEIPT)
    other = pl.Series(rng.random(count) < OTHER_CARD)
    cash = pl.Series(rng.random(count) < CARD_TO_CASH)
    credit = pl.Series(rng.random(count) < CREDIT_NOTE)
    exchange = pl.Series((rng.random(count) < EXCHANGED) & (site.shop.format.return_rate > 0.03))
    named = pl.Series(rng.random(count)) < pl.Series(
        np.where(without.to_numpy(), NAMED_WITHOUT, NAMED_WITH)
    )
    pay = pl.col("pay").cast(pl.String)
    tx = brought.select(
        pl.Series("tx", ledger.next_numbers(count)),
        "register",
        "operator",
        "shopper",
        day="back_day",
        start="back_start",
        type=pl.when(exchange & ~without).then(pl.lit("exchange")).otherwise(pl.lit("return")),
        total_at=pl.lit(RETURN_TOTAL_S),
        length=RETURN_TOTAL_S + pl.Series(rng.integers(20, 120, count)),
        pay=pl.when(without)
        .then(pl.when(credit).then(pl.lit("store_credit")).otherwise(pl.lit("cash")))
        .when(pay == "gift_card")
        .then(pl.lit("store_credit"))
        .when(cash)
        .then(pl.lit("cash"))
        .otherwise(pay),
        card=pl.when(other).then(pl.col("shopper") * 4 + 3 - pl.col("card")).otherwise("card"),
        original=pl.when(~without & ~pl.col("before")).then("tx"),
        old_day=pl.when(~without & pl.col("before")).then(pl.col("day") - site.days),
        old_register=pl.when(~without & pl.col("before")).then(pl.col("register")),
        old_sequence=pl.when(~without & pl.col("before")).then(5 + pl.col("tx") % 140),
        customer=pl.when(named).then("shopper"),
        loyalty=pl.when(~without).then("loyalty"),
        exempt=pl.when(~without).then("exempt"),
        order=pl.when(~without).then("order"),
        reprints=pl.when(~without & pl.Series(rng.random(count) < REPRINTED)).then(pl.lit(1)),
    )
    carded = pl.col("pay").is_in(["credit", "debit"])
    return tx.with_columns(card=pl.when(carded).then("card"), approver=approval(site, tx, APPROVED))


def _goods(ledger: Ledger, pairs: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return one or two lines of each sale as return lines."""
    worth = (
        ledger.keep(pairs["sale"])
        .lines_worth()
        .filter(~pl.col("voided"), pl.col("kind") == "item", pl.col("extended") > 0)
        .sort("tx", "line")
    )
    wanted = pairs.select(
        tx="sale", back="tx", wanted=pl.Series(1 + (rng.random(pairs.height) < TWO_LINES))
    )
    lines = (
        worth.with_columns(lot=pl.Series(rng.random(worth.height)) / pl.col("extended").sqrt())
        .join(wanted, on="tx", maintain_order="left")
        .filter(pl.col("lot").rank("ordinal").over("tx") <= pl.col("wanted"))
        .with_columns(tx="back")
    )
    scanned = pl.Series(["scan"] * lines.height, dtype=pl.String)
    return returned(lines, reasons(lines.height, rng), scanned)


def _instead(lines: pl.DataFrame, exchanged: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Return the goods taken instead: the same (another size) or something else."""
    back = lines.join(exchanged, on="tx", how="semi", maintain_order="left").filter(
        pl.col("line") == 1
    )
    other = site.rng.random(back.height) < 0.5
    item = np.searchsorted(
        site.goods.demand(site.shop.format), site.rng.random(back.height), side="right"
    )
    item = np.where(other, item, back["item"].to_numpy())
    price = np.where(other, site.goods.price[item], back["price"].to_numpy())
    return back.select(
        "tx",
        item=pl.Series(item),
        price=pl.Series(price),
        line=pl.lit(9),
        at=pl.lit(19),
        kind=pl.lit("item"),
        quantity=pl.when(pl.Series(other)).then(1.0).otherwise(-pl.col("quantity")),
        entry=pl.lit("scan"),
        voided=pl.lit(value=False),
    )
