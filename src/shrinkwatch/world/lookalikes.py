"""Honest days that look like theft: recalls, price errors, outages, bulk buyers, a helping hand.

Each function changes one store's ledger as `shrinkwatch.world.calendar` planned it. The answer
sheet of these is made by `shrinkwatch.world.answers`.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.calendar import Span
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.mishaps import approval
from shrinkwatch.world.odd_habits import odd_habits
from shrinkwatch.world.odd_spells import odd_spells
from shrinkwatch.world.refunds import returned
from shrinkwatch.world.returns import at_open_till
from shrinkwatch.world.shoppers import PER_STORE
from shrinkwatch.world.traders import traders
from shrinkwatch.world.visits import Site, hours

RECALL_PER_DAY = 9.0
PRICE_CHECKS = 0.035
BULK_LINES = 8
RUSH_S = (16 * 3600 + 1800, 18 * 3600)


def lookalikes(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with the honest oddities that the calendar has for this store."""
    here = site.shop.index
    if site.calendar.price_error is not None:
        ledger = _price_error(ledger, site, *site.calendar.price_error)
    if site.calendar.recall is not None:
        ledger = _recall(ledger, site, *site.calendar.recall)
    if here in site.calendar.price_check_stores:
        ledger = _price_checks(ledger, site)
    if here in site.calendar.bulk_stores:
        ledger = _bulk_buyer(ledger, site)
    if here in site.calendar.helped_stores:
        ledger = _helping_hand(ledger, site)
    ledger = traders(odd_spells(odd_habits(ledger, site), site), site)
    for span in site.calendar.outages_of(site.shop):
        ledger = _outage(ledger, site, span)
    return ledger


def _price_error(ledger: Ledger, site: Site, item: int, span: Span) -> Ledger:
    """Override every sale of the item by about a third, because the price file is wrong."""
    sales = ledger.tx.filter(
        pl.col("day").is_between(span.first_day, span.last_day),
        pl.col("type") == "sale",
        pl.col("operator") != site.staff.self_checkout,
        ~pl.col("employee_sale"),
    )
    lines = (
        ledger.lines.filter(pl.col("item") == item)
        .join(sales.select("tx", "day", "start"), on="tx", maintain_order="left")
        .join(ledger.changes, on=["tx", "line"], how="anti", maintain_order="left")
    )
    changes = lines.select(
        "tx",
        "line",
        type=pl.lit("override"),
        amount=-(pl.col("quantity") * pl.col("price") * 0.35).round().cast(pl.Int64),
        reason=pl.lit("wrong_label"),
        approver=approval(site, lines, 0.4),
    )
    events = lines.select("tx", type=pl.lit("override"), at=pl.col("at") + 4)
    return ledger.plus(Ledger.of(changes=changes, events=events))


def _recall(ledger: Ledger, site: Site, item: int, span: Span) -> Ledger:
    """Take the recalled item back from many customers, mostly without a receipt, for cash."""
    if not site.stocks(item):
        return ledger
    rng = site.rng
    days = np.arange(span.first_day, span.last_day + 1)
    busy = RECALL_PER_DAY * site.shop.sales_per_day / 500 * 0.75 ** np.arange(days.size)
    day = np.repeat(days, rng.poisson(busy))
    second = hours(site.shop.format, day.size, rng)
    register, operator = at_open_till(site, day, second)
    tx = pl.DataFrame(
        {
            "tx": ledger.next_numbers(day.size),
            "register": register,
            "operator": operator,
            "day": day,
            "start": day * 86_400 + second,
            "type": ["return"] * day.size,
            "pay": np.where(rng.random(day.size) < 0.85, "cash", "store_credit"),
        }
    ).with_columns(
        total_at=pl.lit(18), length=pl.lit(40) + pl.Series(rng.integers(0, 60, day.size))
    )
    tx = tx.filter(pl.col("operator") >= 0)
    tx = tx.with_columns(approver=approval(site, tx, 0.5))
    price = int(site.goods.price[item])
    many = pl.Series(rng.choice(np.array([1.0, 2.0, 3.0]), tx.height, p=[0.7, 0.22, 0.08]))
    lines = tx.select("tx", item=pl.lit(item), quantity=many).with_columns(
        extended=(pl.col("quantity") * price).round().cast(pl.Int64)
    )
    goods = returned(
        lines, pl.Series(["recall"] * tx.height, dtype=pl.String), pl.Series(["scan"] * tx.height)
    )
    return ledger.plus(Ledger.of(tx=tx, lines=goods))


def _price_checks(ledger: Ledger, site: Site) -> Ledger:
    """Ring an item and cancel it, only to tell a customer its price."""
    rng = site.rng
    models = ledger.tx.filter(
        pl.col("type") == "sale", pl.col("operator") != site.staff.self_checkout
    )
    models = models.filter(pl.Series(rng.random(models.height) < PRICE_CHECKS))
    lines = (
        ledger.lines.filter(~pl.col("voided"), pl.col("kind") == "item")
        .join(models.select("tx"), on="tx", how="semi", maintain_order="left")
        .sort("tx", "line")
        .unique("tx", keep="first", maintain_order=True)
    )
    models = models.join(lines.select("tx"), on="tx", how="semi", maintain_order="left")
    pairs = pl.DataFrame(
        {"tx": models["tx"], "new": ledger.next_numbers(models.height)},
        schema={"tx": pl.Int64, "new": pl.Int64},
    )
    tx = models.select(
        pairs["new"].alias("tx"),
        "register",
        "operator",
        "day",
        start=pl.col("start") + pl.col("length") + pl.Series(rng.integers(5, 400, models.height)),
        length=pl.lit(11),
        status=pl.lit("cancelled"),
    )
    rung = lines.join(pairs, on="tx", maintain_order="left").with_columns(
        tx="new", at=pl.lit(3), line=pl.lit(1)
    )
    return ledger.plus(Ledger.of(tx=tx, lines=rung))


def _bulk_buyer(ledger: Ledger, site: Site) -> Ledger:
    """Sell a charity large quantities every week, with a signed discount, on account."""
    tx = _bulk_purchases(ledger, site)
    item = np.searchsorted(
        site.goods.demand(site.shop.format), site.rng.random(tx.height * BULK_LINES), side="right"
    )
    lines = pl.DataFrame(
        {
            "tx": np.repeat(tx["tx"].to_numpy(), BULK_LINES),
            "line": np.tile(np.arange(1, BULK_LINES + 1), tx.height),
            "item": item,
            "quantity": site.rng.integers(6, 40, item.size).astype(np.float64),
            "price": site.goods.price[item],
            "at": np.tile(5 + 10 * np.arange(BULK_LINES), tx.height),
        }
    )
    worth = lines.group_by("tx", maintain_order=True).agg(
        net=(pl.col("quantity") * pl.col("price")).round().sum()
    )
    changes = tx.join(worth, on="tx", maintain_order="left").select(
        "tx",
        type=pl.lit("manual_discount"),
        amount=-(pl.col("net") * 0.1).floor().cast(pl.Int64),
        reason=pl.lit("bulk"),
        approver=approval(site, tx, 1.0),
    )
    return ledger.plus(Ledger.of(tx=tx, lines=lines, changes=changes))


def _bulk_purchases(ledger: Ledger, site: Site) -> pl.DataFrame:
    """Return the charity's visits: one a week, on the same morning."""
    rng = site.rng
    days = np.arange(int(rng.integers(0, 6)), site.days, 7)
    second = site.shop.opens_s + 5400 + rng.integers(0, 3600, days.size)
    register, operator = at_open_till(site, days, second)
    tx = pl.DataFrame(
        {
            "tx": ledger.next_numbers(days.size),
            "register": register,
            "operator": operator,
            "day": days.astype(np.int32),
            "start": days * 86_400 + second,
        }
    ).with_columns(
        total_at=pl.lit(95),
        length=pl.lit(160),
        pay=pl.lit("account"),
        customer=pl.lit(bulk_buyer(site)),
        shopper=pl.lit(bulk_buyer(site)),
    )
    return tx.filter(pl.col("operator") >= 0)


def bulk_buyer(site: Site) -> int:
    """Return the shopper's number of the store's charity."""
    return site.shop.index * PER_STORE + 1


def _helping_hand(ledger: Ledger, site: Site) -> Ledger:
    """Let the supervisor on duty take over the first lane in the rush on two days a week."""
    rng = site.rng
    weeks = range(0, site.days, 7)
    days = [week + int(day) for week in weeks for day in rng.choice(7, 2, replace=False)]
    ledger_tx = ledger.tx
    second = pl.col("start") % 86_400
    helped = (
        pl.col("day").is_in(days)
        & (pl.col("register") == 0)
        & second.is_between(*RUSH_S)
        & pl.col("type").is_in(["sale", "return", "exchange"])
    )
    boss = pl.Series(site.staff.on_duty[ledger_tx["day"].to_numpy(), 1])
    return ledger.with_tx(
        ledger_tx.with_columns(operator=pl.when(helped).then(boss).otherwise("operator"))
    )


def _outage(ledger: Ledger, site: Site, span: Span) -> Ledger:
    """Work without the network: cash only, and everything arrives in a burst afterwards."""
    midnight = span.first_day * 86_400
    begins, ends = midnight + span.begins_s, midnight + span.ends_s
    cut = pl.col("start").is_between(begins, ends)
    count = ledger.tx.height
    burst = pl.Series(ends + 60 + site.rng.integers(0, 900, count))
    paid = cut & pl.col("pay").is_in(["credit", "debit"]) & (pl.col("type") == "sale")
    return ledger.with_tx(
        ledger.tx.with_columns(
            offline=cut,
            arrived=pl.when(cut).then(burst),
            pay=pl.when(paid).then(pl.lit("cash")).otherwise(pl.col("pay").cast(pl.String)),
            card=pl.when(~paid).then("card"),
        )
    )
