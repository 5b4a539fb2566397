"""A cashier cancels a sale after the customer has heard the total and paid it in cash.

How: the total is pressed and read out, the customer counts out the cash and goes; the receipt is
cancelled instead of closed. Half of the records show the cash tender that was keyed and voided.
The cash leaves the drawer whenever it is next open, so nothing else is seen.

Numbers: SCHEMES' 2 is the indicator (cancelled after total; cash tender then cancelled). Sums that
customers pay without waiting for a receipt. Our assumption.

Hidden: the cheapest thing of the basket is rung again at once and closed, as if the cancelled
receipt had been corrected.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
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

TENDER_KEYED = 0.5
AGAIN_AFTER_S = (8, 40)
SCANNED_S = (2, 8)


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with some cash sales cancelled after their total."""
    del scene
    chosen = moments(quiet_cash_sales(own_work(ledger, thief), habit), thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    return Theft(_cancelled(ledger, chosen, rng), chosen.select("tx", loss="net"))


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with some cash sales cancelled and their cheapest line sold instead."""
    del scene
    suitable = quiet_cash_sales(own_work(ledger, thief), habit, idle_s=75)
    lines = ledger.keep(suitable["tx"]).lines_worth()
    lines = lines.filter(~pl.col("voided"), pl.col("extended") > 0)
    several = lines.group_by("tx").len().filter(pl.col("len") >= 2)
    suitable = suitable.join(several.select("tx"), on="tx", how="semi", maintain_order="left")
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    cheapest = lines.sort("tx", "extended", "line").unique("tx", keep="first", maintain_order=True)
    again = _rung_again(ledger, chosen, cheapest, rng)
    kept = chosen.join(cheapest, on="tx", maintain_order="left")
    rows = kept.select("tx", loss=pl.col("net") - pl.col("extended"))
    also = again.tx.select("tx", loss=pl.lit(0, dtype=pl.Int64))
    return Theft(_cancelled(ledger, chosen, rng).plus(again), pl.concat([rows, also]))


def _cancelled(ledger: Ledger, chosen: pl.DataFrame, rng: np.random.Generator) -> Ledger:
    keyed = chosen.filter(pl.Series(rng.random(chosen.height) < TENDER_KEYED))["tx"]
    return ledger.mark(chosen["tx"], status="cancelled", pay=None, refused=None).mark(
        keyed, refused="cash"
    )


def _rung_again(
    ledger: Ledger, chosen: pl.DataFrame, cheapest: pl.DataFrame, rng: np.random.Generator
) -> Ledger:
    """Return a new cash sale after each chosen one, of its cheapest line."""
    numbers = pl.DataFrame({"tx": chosen["tx"], "new": ledger.next_numbers(chosen.height)})
    wait = pl.Series(rng.integers(*AGAIN_AFTER_S, chosen.height))
    scanned = pl.Series(rng.integers(*SCANNED_S, chosen.height), dtype=pl.Int32)
    total = scanned + pl.Series(rng.integers(2, 7, chosen.height), dtype=pl.Int32)
    tx = chosen.join(numbers, on="tx", maintain_order="left").with_columns(
        tx="new",
        start=pl.col("start") + pl.col("length") + wait,
        total_at=total,
        length=total + pl.Series(rng.integers(10, 35, chosen.height), dtype=pl.Int32),
    )
    numbers = numbers.with_columns(scanned=scanned)
    lines = cheapest.join(numbers, on="tx", maintain_order="left")
    changes = ledger.changes.join(
        lines.select("tx", "line", "new"), on=["tx", "line"], maintain_order="left"
    )
    return Ledger.of(
        tx=tx,
        lines=lines.with_columns(tx="new", at="scanned"),
        changes=changes.with_columns(tx="new"),
    )


HABIT = Habit(shift_share=0.55, per_shift=1.8, least_minor=500, most_minor=6_000)

SCHEME = Scheme(
    id="cancel_after_total",
    number=2,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("rung_again", replace(HABIT, per_shift=1.4), hidden),
    lookalikes=("terminal_trouble", "cancel_as_price_check"),
)
