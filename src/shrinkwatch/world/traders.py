"""Tradespeople who buy for their jobs in several stores and bring back what was left over.

On their rounds they buy in two to four stores within the week, and in each bring something back
without a receipt, known by their customer number. It looks like a ring that goes round the stores.
Our assumption; `shrinkwatch.world.calendar` has the rounds.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.mishaps import approval
from shrinkwatch.world.refunds import RETURN_TOTAL_S, reasons, returned
from shrinkwatch.world.returns import APPROVED, at_open_till
from shrinkwatch.world.shoppers import FIRST_ACCOMPLICE, PER_STORE
from shrinkwatch.world.visits import Site

FIRST_TRADER = FIRST_ACCOMPLICE + 4_000
LINES = 5
TOTAL_S, LENGTH_S = 40, 60


def trader(number: int) -> int:
    """Return the shopper's number of a trader; the chain has them, no store does."""
    return number * PER_STORE + FIRST_TRADER


def traders(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with the store's part of the traders' rounds."""
    visits = [(who, day) for who, store, day in site.calendar.traders if store == site.shop.index]
    if not visits:
        return ledger
    number, day = np.array(visits).T
    second = site.shop.opens_s + site.rng.integers(1800, 5 * 3600, day.size)
    register, operator = at_open_till(site, day, second)
    at = pl.DataFrame(
        {
            "register": register,
            "operator": operator,
            "day": day,
            "start": day * 86_400 + second,
            "shopper": trader(number),
        }
    ).filter(pl.col("operator") >= 0)
    ledger = ledger.plus(_bought(ledger, at, site))
    return ledger.plus(_brought_back(ledger, at, site))


def _bought(ledger: Ledger, at: pl.DataFrame, site: Site) -> Ledger:
    numbers = ledger.next_numbers(at.height)
    tx = at.with_columns(
        pl.Series("tx", numbers),
        customer="shopper",
        card=2 * pl.col("shopper"),
        pay=pl.lit("debit"),
        total_at=pl.lit(TOTAL_S),
        length=pl.lit(LENGTH_S),
    )
    item = _goods(site, at.height * LINES)
    lines = pl.DataFrame(
        {
            "tx": np.repeat(numbers, LINES),
            "line": np.tile(np.arange(1, LINES + 1), at.height),
            "item": item,
            "quantity": site.rng.integers(1, 5, item.size).astype(np.float64),
            "price": site.goods.price[item],
            "at": np.tile(4 + 7 * np.arange(LINES), at.height),
        }
    )
    return Ledger.of(tx=tx, lines=lines)


def _brought_back(ledger: Ledger, at: pl.DataFrame, site: Site) -> Ledger:
    """Return a return without a receipt shortly before each purchase, for credit or on the card."""
    rng, count = site.rng, at.height
    credit = rng.random(count) < 0.4
    tx = at.with_columns(
        pl.Series("tx", ledger.next_numbers(count)),
        start=pl.col("start") - 300,
        type=pl.lit("return"),
        customer="shopper",
        pay=pl.Series(np.where(credit, "store_credit", "debit"), dtype=pl.String),
        card=pl.Series(2 * at["shopper"]).set(pl.Series(credit), None),
        total_at=pl.lit(RETURN_TOTAL_S),
        length=RETURN_TOTAL_S + pl.Series(rng.integers(20, 120, count)),
    )
    item = _goods(site, count)
    sold = tx.select(
        "tx", item=pl.Series(item), quantity=pl.Series(rng.integers(1, 4, count).astype(np.float64))
    ).with_columns(
        extended=(pl.col("quantity") * pl.Series(site.goods.price[item])).round().cast(pl.Int64)
    )
    scanned = pl.Series(["scan"] * count, dtype=pl.String)
    lines = returned(sold, reasons(count, rng), scanned)
    tx = tx.with_columns(approver=approval(site, tx, APPROVED))
    return Ledger.of(tx=tx, lines=lines)


def _goods(site: Site, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    demand = site.goods.demand(site.shop.format)
    return np.searchsorted(demand, site.rng.random(count), side="right")
