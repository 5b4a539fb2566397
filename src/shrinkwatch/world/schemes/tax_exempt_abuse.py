"""A cashier books cash sales as free of tax and keeps the tax.

How: the customer pays the full price in cash and leaves; the number of a charity that the cashier
remembers is keyed before the sale is closed, the sum due falls by the tax, and the difference is
pocketed.

Numbers: one number of the store's four honest ones, used again and again; receipts from 20.00,
since only the tax in them is gained, and no customer's name, which six in ten honest ones have
(`shrinkwatch.world.tax_exempt`). Our assumption; the indicator (exempt with cash, id reused) is
SCHEMES' 29.

Hidden: all four numbers in turn, with the charity's name.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.shoppers import FIRST_EXEMPT
from shrinkwatch.world.tax_exempt import BUYERS, without_tax
from shrinkwatch.world.theft import (
    Evasion,
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    moments,
    nothing,
    own_work,
    quiet_cash_sales,
)


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with cash sales booked free of tax under one number."""
    number = scene.first_shopper + FIRST_EXEMPT + int(rng.integers(BUYERS))
    chosen = moments(_suitable(ledger, thief, habit), thief, habit, rng)
    return _booked(ledger, chosen.select("tx", buyer=pl.lit(number, dtype=pl.Int32)), scene)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with cash sales booked free of tax under many numbers, with names."""
    chosen = moments(_suitable(ledger, thief, habit), thief, habit, rng)
    buyer = scene.first_shopper + FIRST_EXEMPT + rng.integers(0, BUYERS, chosen.height)
    sold = chosen.select("tx", buyer=pl.Series(buyer, dtype=pl.Int32))
    return _booked(ledger, sold.with_columns(name="buyer"), scene)


def _suitable(ledger: Ledger, thief: Thief, habit: Habit) -> pl.DataFrame:
    return quiet_cash_sales(own_work(ledger, thief), habit, idle_s=20).filter(
        pl.col("loyalty").is_null(), pl.col("exempt").is_null()
    )


def _booked(ledger: Ledger, sold: pl.DataFrame, scene: Scene) -> Theft:
    """Return the ledger with these sales (`tx, buyer`, `name` where one is given) free of tax."""
    if sold.is_empty():
        return nothing(ledger)
    names = sold if "name" in sold.columns else sold.with_columns(name=pl.lit(None, pl.Int32))
    tx = ledger.tx.join(names, on="tx", how="left", maintain_order="left").with_columns(
        exempt=pl.coalesce("buyer", "exempt"), customer=pl.coalesce("name", "customer")
    )
    booked = without_tax(ledger.with_tx(tx), sold["tx"], scene.tax)
    before, after = (each.keep(sold["tx"]).worth() for each in (ledger, booked))
    rows = sold.join(before, on="tx", maintain_order="left").join(
        after, on="tx", suffix="_after", maintain_order="left"
    )
    return Theft(booked, rows.select("tx", loss=pl.col("net") - pl.col("net_after")))


HABIT = Habit(shift_share=0.55, per_shift=2.0, least_minor=2_000, most_minor=40_000)

SCHEME = Scheme(
    id="tax_exempt_abuse",
    number=29,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("several_ids", replace(HABIT, shift_share=0.4, per_shift=1.6), hidden),
    lookalikes=("exempt_buyer",),
)
