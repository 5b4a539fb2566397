"""Store credit that is given for a complaint, without goods coming back, and credit that is spent.

A supervisor or the desk writes it out; mostly somebody signs and the customer's name is taken
down. One sale in 700 is paid by a credit note, from a complaint, a return, or years ago. Rates are
our assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.mishaps import approval
from shrinkwatch.world.returns import at_open_till
from shrinkwatch.world.shoppers import PER_STORE
from shrinkwatch.world.visits import Site, hours

GOODWILL = 0.0008
SUMS_MINOR = (500, 500, 1_000, 1_000, 1_500, 2_000, 3_000, 5_000)
SIGNED = 0.75
NAMED = 0.7
SPENT = 0.0015
TOTAL_S = 14


def store_credit(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with credit given for complaints, and sales paid by credit notes."""
    paid = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("operator") != site.staff.self_checkout,
        ~pl.col("employee_sale"),
        pl.col("pay") == "cash",
        pl.Series(site.rng.random(ledger.tx.height) < SPENT / site.shop.format.cash),
    )["tx"]
    return ledger.mark(paid, pay="store_credit").plus(_goodwill(ledger, site))


def _goodwill(ledger: Ledger, site: Site) -> Ledger:
    rng = site.rng
    sales = ledger.tx.filter(pl.col("type") == "sale").height
    count = int(rng.poisson(GOODWILL * sales))
    day = rng.integers(0, site.days, count)
    second = hours(site.shop.format, count, rng)
    register, operator = at_open_till(site, day, second)
    whose = site.shop.index * PER_STORE + rng.integers(0, site.shoppers.count, count)
    named = pl.Series(rng.random(count) < NAMED)
    tx = issued(
        pl.DataFrame(
            {
                "tx": ledger.next_numbers(count),
                "register": register,
                "operator": operator,
                "day": day,
                "start": day * 86_400 + second,
                "customer": pl.Series(whose).set(~named, None),
            }
        ),
        rng,
    )
    tx = tx.filter(pl.col("operator") >= 0)
    return Ledger.of(tx=tx.with_columns(approver=approval(site, tx, SIGNED)))


def issued(at: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return these rows as credit written out without goods: round sums, half a minute."""
    return at.with_columns(
        type=pl.lit("other"),
        amount=-pl.Series(rng.choice(np.array(SUMS_MINOR), at.height), dtype=pl.Int64),
        pay=pl.lit("store_credit"),
        total_at=pl.lit(TOTAL_S),
        length=TOTAL_S + pl.Series(rng.integers(10, 60, at.height)),
    )
