"""A cashier rings ordinary customers as employees, so that friends buy at the staff price.

How: the employee key is pressed for people who are not employed; every line drops by the staff
discount. The cards that pay are many and belong to no employee.

Numbers: the staff discount of the simulated chain is 10 % in food and 20 % elsewhere
(`shrinkwatch.world.formats`), which is usual; the frequency is our assumption.

Hidden: friends pay in cash and show no card of any kind.
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
)


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with the staff discount on some sales to strangers."""
    chosen = moments(_suitable(ledger, thief, habit), thief, habit, rng)
    return _favoured(ledger, chosen, scene)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with the staff discount on some cash sales that name nobody."""
    nameless = (pl.col("pay") == "cash") & pl.col("loyalty").is_null()
    suitable = _suitable(ledger, thief, habit).filter(nameless)
    return _favoured(ledger, moments(suitable, thief, habit, rng), scene)


def _suitable(ledger: Ledger, thief: Thief, habit: Habit) -> pl.DataFrame:
    return own_work(ledger, thief).filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        ~pl.col("employee_sale"),
        pl.col("net").is_between(habit.least_minor, habit.most_minor),
    )


def _favoured(ledger: Ledger, chosen: pl.DataFrame, scene: Scene) -> Theft:
    """Return the ledger with the staff discount on every line of the chosen sales."""
    if chosen.is_empty():
        return nothing(ledger)
    lines = (
        ledger.keep(chosen["tx"])
        .lines_worth()
        .filter(~pl.col("voided"), pl.col("kind") == "item")
        .with_columns(amount=-(pl.col("extended") * scene.staff_discount).floor().cast(pl.Int64))
    )
    changes = lines.select("tx", "line", "amount", type=pl.lit("employee"))
    rows = changes.group_by("tx", maintain_order=True).agg(loss=-pl.col("amount").sum())
    marked = ledger.mark(chosen["tx"], employee_sale=True)
    return Theft(marked.plus(Ledger.of(changes=changes)), rows)


HABIT = Habit(shift_share=0.65, per_shift=2.6, least_minor=2_500, most_minor=40_000)

SCHEME = Scheme(
    id="employee_discount_abuse",
    number=24,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("in_cash", replace(HABIT, per_shift=1.5), hidden),
    lookalikes=("staff_evening",),
)
