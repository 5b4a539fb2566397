"""A cashier only looks a price up, says it to the customer, and keeps the cash for it.

How: of a small basket paid in cash one thing is not rung: its price is asked of the till, the
customer hears it with the rest and pays, and the drawer is opened with the no-sale key to take it
out. Where it is all the customer buys, nothing is rung at all.

Numbers: the price check comes 4-25 s after the receipt, the no-sale 5-60 s after it; SCHEMES' 8 is
the indicator. Our assumption.

Hidden: no drawer is opened for it; the cash leaves it with the next sale.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.inquiries import price_check
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import dearest_lines
from shrinkwatch.world.theft import (
    Evasion,
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    drawer_opened,
    moments,
    nothing,
    own_work,
    quiet_cash_sales,
)

CHECK_AFTER_S = (4, 26)
OPENED_S = (5, 61)
SMALL_BASKET = 4
LARGEST_SALE_MINOR = 20_000


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with a price check and a no-sale in place of one line of some sales."""
    theft = hidden(ledger, thief, habit, scene, rng)
    checks = theft.ledger.tx.join(theft.rows, on="tx", how="semi", maintain_order="left")
    wait = pl.Series(rng.integers(*OPENED_S, checks.height))
    opened = drawer_opened(theft.ledger, checks, wait)
    also = opened.tx.select("tx", loss=pl.lit(0, dtype=pl.Int64))
    return Theft(theft.ledger.plus(opened), pl.concat([theft.rows, also]))


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with a price check in place of one line of some cash sales."""
    del scene
    chosen = moments(_with_one_to_skim(ledger, thief, habit), thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    numbers = ledger.next_numbers(chosen.height)
    wait = pl.Series(rng.integers(*CHECK_AFTER_S, chosen.height))
    asked = chosen.select(
        "register",
        "operator",
        "day",
        "item",
        "price",
        "entry",
        tx=pl.Series(numbers),
        start=pl.col("start") + pl.col("length") + wait,
    )
    rows = pl.DataFrame({"tx": numbers, "loss": chosen["extended"]})
    return Theft(_without(ledger, chosen).plus(price_check(asked, rng)), rows)


def _with_one_to_skim(ledger: Ledger, thief: Thief, habit: Habit) -> pl.DataFrame:
    """Return small cash sales with their dearest line's `line, item, price, entry, extended`."""
    whole = replace(habit, most_minor=LARGEST_SALE_MINOR)
    sales = quiet_cash_sales(own_work(ledger, thief), whole, idle_s=75)
    kept = ledger.keep(sales["tx"])
    small = kept.lines.group_by("tx").len().filter(pl.col("len") <= SMALL_BASKET)
    dear = dearest_lines(kept, habit.least_minor, habit.most_minor)
    dear = dear.select("tx", "line", "item", "price", "entry", "extended")
    sales = sales.join(small.select("tx"), on="tx", how="semi", maintain_order="left")
    return sales.join(dear, on="tx", maintain_order="left").filter(
        pl.col("net") >= pl.col("extended")
    )


def _without(ledger: Ledger, chosen: pl.DataFrame) -> Ledger:
    """Return the ledger without the chosen lines, and without receipts that are empty then."""
    keys = chosen.select("tx", "line")
    lines = ledger.lines.join(keys, on=["tx", "line"], how="anti", maintain_order="left")
    changes = ledger.changes.join(keys, on=["tx", "line"], how="anti", maintain_order="left")
    left = Ledger(ledger.tx, lines, changes, ledger.events)
    live = lines.filter(~pl.col("voided"))
    empty = chosen.select("tx").join(live, on="tx", how="anti", maintain_order="left")
    return left.without(empty["tx"])


HABIT = Habit(shift_share=0.5, per_shift=1.8, least_minor=200, most_minor=4_000)

SCHEME = Scheme(
    id="price_inquiry_skim",
    number=8,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("with_the_next_sale", replace(HABIT, per_shift=1.3), hidden),
    lookalikes=("change_lane", "cancel_as_price_check"),
)
