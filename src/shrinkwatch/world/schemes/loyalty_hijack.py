"""A cashier shows an own loyalty card for customers who have none, and collects their points.

How: whenever a customer says that there is no card, the cashier scans one from a pocket. The
customers' payment cards are all strangers to each other; the loyalty id is one.

Numbers: a point for each unit of money, worth 1 % of what is spent, which is usual for such
schemes; several times a shift, since each is worth little. Our assumption; the indicator (one
loyalty id on many unrelated cards at one operator) is SCHEMES' 26.

Hidden: four cards of the household and of friends, in turn.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.favours import FAMILY
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.shoppers import FIRST_EMPLOYEE, PER_STORE
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
)

FRIENDS = 2
POINTS_SHARE = 100
"""Points are worth one of so many minor units spent."""


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with the thief's loyalty card on strangers' sales."""
    return _shown(ledger, thief, habit, (scene.first_shopper + FIRST_EMPLOYEE + thief.actor,), rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with the cards of household and friends in turn on strangers' sales."""
    me = scene.first_shopper + FIRST_EMPLOYEE + thief.actor
    known = ledger.tx.filter(pl.col("loyalty") % PER_STORE < FIRST_EMPLOYEE)["loyalty"]
    friends = rng.choice(known.unique().sort(), FRIENDS).tolist() if known.len() else ()
    return _shown(ledger, thief, habit, (me, me + FAMILY, *friends), rng)


def _shown(
    ledger: Ledger, thief: Thief, habit: Habit, ids: tuple[int, ...], rng: np.random.Generator
) -> Theft:
    suitable = own_work(ledger, thief).filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("loyalty").is_null(),
        ~pl.col("employee_sale"),
        pl.col("exempt").is_null(),
        pl.col("net").is_between(habit.least_minor, habit.most_minor),
    )
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    mine = chosen.select(
        "tx", mine=pl.Series(rng.choice(np.array(ids), chosen.height), dtype=pl.Int32)
    )
    tx = ledger.tx.join(mine, on="tx", how="left", maintain_order="left")
    return Theft(
        ledger.with_tx(tx.with_columns(loyalty=pl.coalesce("mine", "loyalty"))),
        chosen.select("tx", loss=pl.col("net") // POINTS_SHARE),
    )


HABIT = Habit(shift_share=0.75, per_shift=6.0, least_minor=800, most_minor=60_000)

SCHEME = Scheme(
    id="loyalty_hijack",
    number=26,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("several_ids", replace(HABIT, per_shift=4.0), hidden),
    lookalikes=("house_card", "family_card"),
)
