"""Prices that are lowered honestly: promotions, loyalty prices, coupons, damage, staff purchases.

Rates of overrides and discounts are the format's; how they spread over operators follows the
staff's quirks. The policy of the simulated chain: a cashier may take off up to 20 % by hand
without a signature, and override small amounts.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.coupons import makers_coupons, receipt_coupons
from shrinkwatch.world.courtesy import courtesy
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.markdowns import markdowns
from shrinkwatch.world.mishaps import approval
from shrinkwatch.world.shoppers import FIRST_EMPLOYEE, PER_STORE
from shrinkwatch.world.tax_exempt import tax_exempt
from shrinkwatch.world.visits import Site

LOYALTY_PRICE = 0.03
COUPON = 0.02
EMPLOYEE_SALE = 0.006
STAFF_EVENING, STAFF_EVENING_S = 0.5, 3 * 3600
"""Share of the last three hours' sales that are employees' on the evening that is theirs."""

FAMILY_CARD = 0.12
FAMILY = 1000
"""Added to an employee's number: the household, whose cards pay now and then."""
PROMOTION_DAY_SHARE = 0.33
PROMOTION_DAY_DISCOUNTS = 4.0


def favours(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with every honest change of price."""
    ledger = ledger.plus(Ledger.of(changes=_promotions(ledger, site)))
    ledger = ledger.plus(Ledger.of(changes=markdowns(ledger, site)))
    ledger = ledger.plus(Ledger.of(changes=_loyalty_prices(ledger, site)))
    ledger = ledger.plus(Ledger.of(changes=_coupons(ledger, site)))
    ledger = _staff_purchases(ledger, site)
    ledger = _overrides(ledger, site)
    ledger = _discounts(ledger, site)
    return courtesy(tax_exempt(ledger, site), site)


def _off(share: pl.Expr) -> pl.Expr:
    """Return a negative amount: a share of the line's list value, rounded down."""
    return -(pl.col("quantity") * pl.col("price") * share).floor().cast(pl.Int64)


def _promotions(ledger: Ledger, site: Site) -> pl.DataFrame:
    lines = ledger.lines.join(ledger.tx.select("tx", "day"), on="tx", maintain_order="left")
    day = lines["day"].to_numpy()
    share = site.goods.promoted[day // 7, lines["item"].to_numpy()]
    special = np.isin(day, site.calendar.promotion_days)
    lucky = special & (site.rng.random(lines.height) < PROMOTION_DAY_SHARE)
    share = np.where(lucky, 0.2, share)
    return (
        lines.with_columns(share=pl.Series(share))
        .filter(pl.col("share") > 0)
        .with_columns(amount=_off(pl.col("share")), type=pl.lit("promotion"))
        .filter(pl.col("amount") < 0)
        .select("tx", "line", "type", "amount")
    )


def _plain_lines(ledger: Ledger, site: Site, share: float) -> pl.DataFrame:
    """Return a random share of the lines that have no price change yet."""
    lucky = ledger.lines.filter(
        pl.Series(site.rng.random(ledger.lines.height) < share), pl.col("kind") == "item"
    )
    return lucky.join(ledger.changes, on=["tx", "line"], how="anti", maintain_order="left")


def _loyalty_prices(ledger: Ledger, site: Site) -> pl.DataFrame:
    members = ledger.tx.filter(pl.col("loyalty").is_not_null()).select("tx")
    lines = _plain_lines(ledger, site, LOYALTY_PRICE).join(
        members, on="tx", how="semi", maintain_order="left"
    )
    lines = lines.sort("tx", "line")
    share = pl.Series("share", site.rng.choice(np.array([0.05, 0.1, 0.15]), lines.height))
    return (
        lines.with_columns(share)
        .with_columns(amount=_off(pl.col("share")), type=pl.lit("loyalty"))
        .filter(pl.col("amount") < 0)
        .select("tx", "line", "type", "amount")
    )


def _coupons(ledger: Ledger, site: Site) -> pl.DataFrame:
    mean_lines = max(1.0, ledger.lines.height / max(1, ledger.tx.height))
    lines = _plain_lines(ledger, site, COUPON / mean_lines).filter(pl.col("price") >= 150)
    return pl.concat(
        [makers_coupons(lines, site), receipt_coupons(ledger, site)], how="diagonal_relaxed"
    )


def _staff_purchases(ledger: Ledger, site: Site) -> Ledger:
    """Turn a few sales into purchases by employees, who pay with one of their two cards."""
    rng, shop = site.rng, site.shop
    tx = ledger.tx
    bought = tx.filter(
        pl.Series(rng.random(tx.height) < _staff_share(tx, site)),
        pl.col("operator") != site.staff.self_checkout,
    )
    people = np.array(site.staff.of_role("cashier", "service_desk", "supervisor", "manager"))
    who = rng.choice(people, bought.height)
    who = np.where(who == bought["operator"].to_numpy(), people[-1], who)
    shopper = shop.index * PER_STORE + FIRST_EMPLOYEE + who
    family = shopper + FAMILY * (rng.random(bought.height) < FAMILY_CARD)
    second = rng.random(bought.height) < 0.25
    mine = bought.select(
        "tx",
        buyer=pl.Series(shopper),
        own_card=pl.Series(2 * family + second),
        in_cash=pl.Series(rng.random(bought.height) < 0.15),
        shown=pl.Series(rng.random(bought.height) < 0.75),
    )
    here = pl.col("buyer").is_not_null()
    marked = tx.join(mine, on="tx", how="left", maintain_order="left").with_columns(
        employee_sale=here,
        shopper=pl.coalesce("buyer", "shopper"),
        loyalty=pl.when(pl.col("shown")).then("buyer").when(~here).then("loyalty"),
        pay=pl.when(pl.col("in_cash"))
        .then(pl.lit("cash"))
        .when(here)
        .then(pl.lit("debit"))
        .otherwise(pl.col("pay").cast(pl.String)),
        card=pl.when(here & ~pl.col("in_cash")).then("own_card").when(~here).then("card"),
    )
    lines = ledger.lines.join(mine.select("tx"), on="tx", how="semi", maintain_order="left").join(
        ledger.changes, on=["tx", "line"], how="anti", maintain_order="left"
    )
    changes = (
        lines.with_columns(type=pl.lit("employee"), amount=_off(pl.lit(shop.format.staff_discount)))
        .filter(pl.col("amount") < 0)
        .select("tx", "line", "type", "amount")
    )
    return ledger.with_tx(marked).plus(Ledger.of(changes=changes))


def _staff_share(tx: pl.DataFrame, site: Site) -> NDArray[np.float64]:
    """Return how likely each sale is an employee's: most likely on the staff's own evening."""
    span = site.calendar.spell("staff_evening", site.shop)
    if span is None:
        return np.full(tx.height, EMPLOYEE_SALE)
    evening = tx["day"].is_between(span.first_day, span.last_day) & (
        tx["start"] % 86_400 >= site.shop.closes_s - STAFF_EVENING_S
    )
    return np.where(evening.to_numpy(), STAFF_EVENING, EMPLOYEE_SALE)


def _chosen(ledger: Ledger, site: Site, kind: str, rate: float) -> pl.DataFrame:
    """Return the staffed sales on which the operator lowers a price by hand."""
    tx = ledger.tx.filter(pl.col("operator") != site.staff.self_checkout, ~pl.col("employee_sale"))
    quirk = site.staff.clumsiness(kind, tx["operator"].to_numpy(), tx["day"].to_numpy()) ** 0.8
    busy = np.where(
        np.isin(tx["day"].to_numpy(), site.calendar.promotion_days), PROMOTION_DAY_DISCOUNTS, 1.0
    )
    chance = np.minimum(0.4, rate * quirk * site.shop.muddle * busy)
    return tx.filter(pl.Series(site.rng.random(tx.height) < chance))


def _overrides(ledger: Ledger, site: Site) -> Ledger:
    """Override a line's price: damaged, mislabelled, cheaper elsewhere; 10-50 % deep."""
    rng = site.rng
    chosen = _chosen(ledger, site, "override", site.shop.format.override_rate)
    lines = (
        ledger.lines.join(chosen.select("tx", "day", "start"), on="tx", maintain_order="left")
        .filter(pl.col("price") >= 100)
        .join(ledger.changes, on=["tx", "line"], how="anti", maintain_order="left")
    )
    lines = lines.with_columns(lot=pl.Series(rng.random(lines.height))).filter(
        pl.col("lot").rank("ordinal").over("tx") == 1
    )
    lines = lines.with_columns(depth=pl.Series(0.05 + 0.6 * rng.beta(2.0, 3.5, lines.height)))
    reasons = rng.choice(np.array(["damaged", "price_match", "wrong_label"]), lines.height)
    changes = lines.with_columns(
        type=pl.lit("override"),
        amount=_off(pl.col("depth")),
        reason=pl.Series(reasons),
        approver=approval(site, lines, 0.65),
    ).select("tx", "line", "type", "amount", "reason", "approver")
    events = lines.select("tx", type=pl.lit("override"), at=pl.col("at") + 4)
    return ledger.plus(Ledger.of(changes=changes, events=events))


def _discounts(ledger: Ledger, site: Site) -> Ledger:
    """Take a round percentage off the whole receipt: 5 and 10 mostly, seldom up to 20."""
    rng = site.rng
    chosen = _chosen(ledger, site, "discount", site.shop.format.discount_rate)
    share = rng.choice(np.array([0.05, 0.1, 0.15, 0.2]), chosen.height, p=[0.35, 0.45, 0.12, 0.08])
    changes = (
        chosen.with_columns(
            share=pl.Series(share),
            reason=pl.Series(
                rng.choice(np.array(["customer_service", "missed_promotion", "bulk"]), share.size)
            ),
            approver=approval(site, chosen, 0.3),
        )
        .join(ledger.worth(), on="tx", maintain_order="left")
        .with_columns(
            type=pl.lit("manual_discount"),
            amount=-(pl.col("net") * pl.col("share")).floor().cast(pl.Int64),
        )
        .filter(pl.col("amount") < 0)
        .select("tx", "type", "amount", "reason", "approver")
    )
    return ledger.plus(Ledger.of(changes=changes))
