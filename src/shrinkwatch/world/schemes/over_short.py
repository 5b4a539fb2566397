"""A cashier takes notes out of the drawer while it is open for a customer, and rings nothing.

How: change is given and a note or some coins go along; nothing is recorded, so the drawer is short
when it is counted after the shift. Now and then the thief puts part of it back on the next shift,
and the drawer is over.

Numbers: a few notes on a shift, 5 to 25 in all, which passes for clumsiness; one in five is put
back in part. SCHEMES' 9 is the indicator (many small shorts; short then over). The records are the
sales at which it was taken and the sign-off after which it was missed. Our assumption.

Hidden: below 5.00 a shift, where no cash office asks.
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

PUT_BACK, PUT_BACK_SHARE = 0.2, 0.6


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with cash missing from the drawer after some shifts."""
    del scene
    work = own_work(ledger, thief)
    open_drawer = work.filter(
        pl.col("type") == "sale", pl.col("status") == "completed", pl.col("pay") == "cash"
    )
    chosen = moments(open_drawer, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    share = 10 * rng.integers(habit.least_minor // 10, habit.most_minor // 10 + 1, chosen.height)
    taken = chosen.with_columns(taken=pl.Series(share)).group_by("day").agg(pl.col("taken").sum())
    missed = _with_what_is_put_back(_last_of_each_day(work), taken, rng)
    tx = ledger.tx.join(
        missed.select("tx", short="missing"), on="tx", how="left", maintain_order="left"
    )
    moved = tx.with_columns(missing=pl.coalesce("short", "missing"))
    rows = pl.concat(
        [missed.select("tx", "loss"), chosen.select("tx", loss=pl.lit(0, dtype=pl.Int64))]
    )
    return Theft(
        ledger.with_tx(moved), rows.group_by("tx", maintain_order=True).agg(pl.col("loss").sum())
    )


def _last_of_each_day(work: pl.DataFrame) -> pl.DataFrame:
    """Return `tx, day` of each day's last record, the sign-off before the drawer is counted."""
    return work.sort("start").unique("day", keep="last", maintain_order=True).select("tx", "day")


def _with_what_is_put_back(
    counted: pl.DataFrame, taken: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """Return `tx, missing, loss` of the days that are short or over for it.

    counted: the days of work in order, `tx, day`. taken: `day, taken`. loss: what stays gone.
    """
    days = counted.join(taken, on="day", how="left", maintain_order="left").with_columns(
        taken=pl.col("taken").fill_null(0)
    )
    sorry = pl.Series(rng.random(days.height) < PUT_BACK)
    days = days.with_columns(
        back=pl.when(sorry & (pl.int_range(pl.len()) < pl.len() - 1))
        .then((pl.col("taken") * PUT_BACK_SHARE).cast(pl.Int64))
        .otherwise(0)
    )
    returned = pl.col("back").shift(1).fill_null(0)
    days = days.with_columns(missing=pl.col("taken") - returned)
    touched = (pl.col("taken") > 0) | (returned > 0)
    return days.filter(touched).select("tx", "missing", loss=pl.col("taken") - pl.col("back"))


HABIT = Habit(shift_share=0.5, per_shift=1.5, least_minor=500, most_minor=1_500)

SCHEME = Scheme(
    id="over_short",
    number=9,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion(
        "under_limit", replace(HABIT, per_shift=1.0, least_minor=100, most_minor=490), steal
    ),
    lookalikes=("cash_rounds", "new_starter"),
)
