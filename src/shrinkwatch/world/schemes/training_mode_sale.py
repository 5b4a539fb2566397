"""A cashier serves real customers with the till in training mode and keeps the cash.

How: the training key is pressed, everything rings as usual and the receipt even prints; the books
know nothing of it. The drawer opens and the customer gets change.

Numbers: real baskets of a tempting value, at any hour of the day, where practice is mostly done in
a starter's first hours. Our assumption; the indicator is SCHEMES' 7.

Hidden: only in the first hour of a shift, small sums, and the drawer stays shut: the cash is put
beside it. So it looks like practice.
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

FIRST_HOUR_S = 3_600


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with some cash sales rung in training mode, the drawer opened."""
    del scene
    suitable = quiet_cash_sales(own_work(ledger, thief), habit, idle_s=20)
    theft, chosen = _in_training(ledger, suitable, thief, habit, rng)
    drawer = chosen.select("tx", type=pl.lit("drawer_open"), at=pl.col("total_at") + 2)
    return Theft(theft.ledger.plus(Ledger.of(events=drawer)), theft.rows)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with small cash sales of the first hour rung in training mode."""
    del scene
    work = own_work(ledger, thief)
    begun = pl.col("start").min().over("day")
    early = work.filter(pl.col("start") - begun <= FIRST_HOUR_S)
    suitable = quiet_cash_sales(early, habit, idle_s=20)
    return _in_training(ledger, suitable, thief, habit, rng)[0]


def _in_training(
    ledger: Ledger, suitable: pl.DataFrame, thief: Thief, habit: Habit, rng: np.random.Generator
) -> tuple[Theft, pl.DataFrame]:
    """Return the theft of some of the suitable sales by training mode, and those sales."""
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger), chosen
    marked = ledger.mark(chosen["tx"], training=True, loyalty=None, customer=None, refused=None)
    return Theft(marked, chosen.select("tx", loss="net")), chosen


HABIT = Habit(shift_share=0.5, per_shift=1.8, least_minor=500, most_minor=6_000)

SCHEME = Scheme(
    id="training_mode_sale",
    number=7,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("like_practice", replace(HABIT, least_minor=300, most_minor=2_000), hidden),
    lookalikes=("new_software", "new_starter"),
)
