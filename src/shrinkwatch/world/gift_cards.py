"""Gift cards as honest people buy and spend them, and cards and vouchers that are refused.

A gift card in one of 400 baskets, another sold alone in one of 400; companies buy some against a
voucher. Rates are our assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.returns import at_open_till
from shrinkwatch.world.visits import Site, hours

IN_BASKETS = 0.0025
ALONE = 0.0025
FACES_MINOR = (1000, 2500, 2500, 5000, 5000, 10_000)
VOUCHER = 0.12
REFUSED_FIRST = 0.03
PAYS = 0.003
CARD_REFUSED = 0.006
PER_STORE = 100_000
FIRST_ALONE, FIRST_STOLEN, FIRST_OLD, FIRST_REFUND = 25_000, 50_000, 70_000, 80_000
"""Numbers of gift cards within a store: sold in baskets from 0, then these."""

ALONE_TOTAL_S = 9


def gift_cards(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with gift cards sold, alone or in a basket, and old ones spent."""
    ledger = _sold_and_spent(ledger, site)
    return ledger.plus(_alone(ledger, site))


def _plain_sales(ledger: Ledger, site: Site) -> pl.DataFrame:
    return ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("operator") != site.staff.self_checkout,
        ~pl.col("employee_sale"),
    )


def _sold_and_spent(ledger: Ledger, site: Site) -> Ledger:
    """Add gift cards to some baskets, pay others by one, and refuse a card now and then."""
    rng, plain = site.rng, _plain_sales(ledger, site)
    lot = rng.random(plain.height)
    by_card = pl.col("pay") != "cash"
    sold = plain.filter(pl.Series(lot < IN_BASKETS))
    paid = plain.filter(pl.Series((lot > 0.5) & (lot < 0.5 + PAYS)), by_card)
    refused = plain.filter(pl.Series((lot > 0.7) & (lot < 0.7 + CARD_REFUSED)), by_card)
    first = site.shop.index * PER_STORE
    lines = sold.select(
        "tx",
        line=pl.lit(90),
        kind=pl.lit("gift_card"),
        item=pl.lit(site.goods.gift_card),
        price=pl.Series(rng.choice(np.array(FACES_MINOR), sold.height)),
        at=pl.col("total_at") - 1,
        gift_card=pl.Series(first + np.arange(sold.height)),
    )
    old = pl.Series(first + FIRST_OLD + rng.integers(0, 9000, paid.height), dtype=pl.Int32)
    ledger = ledger.plus(Ledger.of(lines=lines)).mark(refused["tx"], refused="credit")
    return paid_by(ledger, paid.select("tx", card_no=old))


def paid_by(ledger: Ledger, pairs: pl.DataFrame) -> Ledger:
    """Return the ledger with these transactions (`tx, card_no`) paid by, or to, gift cards."""
    here = pl.col("card_no").is_not_null()
    return ledger.with_tx(
        ledger.tx.join(pairs, on="tx", how="left", maintain_order="left").with_columns(
            pay=pl.when(here).then(pl.lit("gift_card")).otherwise(pl.col("pay").cast(pl.String)),
            gift_card=pl.coalesce("card_no", "gift_card"),
            card=pl.when(~here).then("card"),
        )
    )


def _alone(ledger: Ledger, site: Site) -> Ledger:
    """Return sales of nothing but a gift card; some are paid by a company's voucher."""
    rng = site.rng
    count = int(rng.poisson(ALONE * _plain_sales(ledger, site).height))
    day = rng.integers(0, site.days, count)
    second = hours(site.shop.format, count, rng)
    register, operator = at_open_till(site, day, second)
    voucher = rng.random(count) < VOUCHER
    pay = np.where(voucher, "other", rng.choice(np.array(["cash", "debit", "credit"]), count))
    buyer = pl.Series(2 * (site.shop.index * PER_STORE + rng.integers(0, 2000, count)))
    with_card = pl.Series(np.isin(pay, ["debit", "credit"]))
    tx = pl.DataFrame(
        {
            "tx": ledger.next_numbers(count),
            "register": register,
            "operator": operator,
            "day": day,
            "start": day * 86_400 + second,
            "length": ALONE_TOTAL_S + rng.integers(8, 30, count),
            "pay": pay,
            "card": buyer.set(~with_card, None),
        }
    ).with_columns(
        total_at=pl.lit(ALONE_TOTAL_S),
        refused=pl.when(
            (pl.col("pay") == "other") | pl.Series(rng.random(count) < REFUSED_FIRST)
        ).then(pl.when(pl.Series(rng.random(count) < 0.3)).then(pl.lit("cash"))),
    )
    tx = tx.filter(pl.col("operator") >= 0)
    lines = tx.select(
        "tx",
        line=pl.lit(1),
        kind=pl.lit("gift_card"),
        item=pl.lit(site.goods.gift_card),
        price=pl.Series(rng.choice(np.array(FACES_MINOR), tx.height)),
        at=pl.lit(4),
        gift_card=pl.Series(site.shop.index * PER_STORE + FIRST_ALONE + np.arange(tx.height)),
    )
    return Ledger.of(tx=tx, lines=lines)
