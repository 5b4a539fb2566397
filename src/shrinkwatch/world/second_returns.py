"""Receipts that serve more than once, honestly: a second visit, and a return rung twice.

A customer brings one thing back today and another next week. And when the line to the bank drops,
a cashier rings a return again though the first one went through, and nobody takes it back. Rates
are our assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.mishaps import approval
from shrinkwatch.world.refunds import RETURN_TOTAL_S, reasons, returned
from shrinkwatch.world.returns import (
    APPROVED,
    LATEST_DAYS,
    at_open_till,
    entries,
)
from shrinkwatch.world.visits import Site, hours

SECOND_VISIT = 0.08
RUNG_TWICE = 0.012


def second_returns(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with further returns on receipts that have been used once."""
    named = ledger.tx.filter(pl.col("type") == "return", pl.col("original").is_not_null())
    lot = pl.Series(site.rng.random(named.height))
    twice = _rung_twice(ledger, named.filter(lot < RUNG_TWICE), site)
    again = named.filter(lot.is_between(RUNG_TWICE, RUNG_TWICE + SECOND_VISIT, closed="left"))
    ledger = ledger.plus(twice)
    return ledger.plus(_second_visit(ledger, again, site))


def _rung_twice(ledger: Ledger, first: pl.DataFrame, site: Site) -> Ledger:
    """Return the same returns once more, minutes later at the same till."""
    rng = site.rng
    numbers = ledger.next_numbers(first.height)
    pairs = pl.DataFrame({"tx": first["tx"], "new": numbers})
    wait = pl.Series(rng.integers(20, 240, first.height))
    tx = first.with_columns(
        pl.Series("tx", numbers), start=pl.col("start") + pl.col("length") + wait
    )
    lines = ledger.lines.join(pairs, on="tx", maintain_order="left").with_columns(tx="new")
    return Ledger.of(tx=tx, lines=lines)


def _second_visit(ledger: Ledger, first: pl.DataFrame, site: Site) -> Ledger:
    """Return returns of another line of the same receipts, days later and within the time."""
    rng = site.rng
    rest = _left_over(ledger, first)
    back = first.join(rest.select("tx"), on="tx", how="semi", maintain_order="left").sort("tx")
    sold = back.select(tx="original").join(
        ledger.tx.select("tx", sold_day="day"), on="tx", how="left", maintain_order="left"
    )
    day = back["day"].to_numpy() + rng.integers(1, 8, back.height)
    second = hours(site.shop.format, back.height, rng)
    within = (day < site.days) & (day - sold["sold_day"].to_numpy() <= LATEST_DAYS + 1)
    register, operator = at_open_till(site, np.minimum(day, site.days - 1), second)
    tx = back.with_columns(
        first="tx",
        tx=pl.Series(ledger.next_numbers(back.height)),
        day=pl.Series(day, dtype=pl.Int32),
        start=pl.Series(day * 86_400 + second),
        register=pl.Series(register, dtype=pl.Int32),
        operator=pl.Series(operator, dtype=pl.Int32),
        length=RETURN_TOTAL_S + pl.Series(rng.integers(20, 120, back.height), dtype=pl.Int32),
    ).filter(pl.Series(within & (operator >= 0)))
    tx = tx.with_columns(approver=approval(site, tx, APPROVED))
    lines = tx.select("tx", "first").join(
        rest.rename({"tx": "first"}), on="first", maintain_order="left"
    )
    entry = entries(lines, tx, site)
    return Ledger.of(tx=tx, lines=returned(lines, reasons(lines.height, rng), entry))


def _left_over(ledger: Ledger, first: pl.DataFrame) -> pl.DataFrame:
    """Return `tx` (of the first return) and one line of its sale that has not come back."""
    gone = ledger.lines.join(first.select("tx", "original"), on="tx", maintain_order="left").select(
        sale="original", item="item"
    )
    sold = (
        ledger.keep(first["original"])
        .lines_worth()
        .filter(~pl.col("voided"), pl.col("kind") == "item", pl.col("extended") > 0)
        .rename({"tx": "sale"})
        .join(gone, on=["sale", "item"], how="anti", maintain_order="left")
        .sort("sale", "line")
        .unique("sale", keep="first", maintain_order=True)
    )
    return (
        first.select("tx", sale="original")
        .join(sold.select("sale", "item", "quantity", "extended"), on="sale", maintain_order="left")
        .drop("sale")
    )
