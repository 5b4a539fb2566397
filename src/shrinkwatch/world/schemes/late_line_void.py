"""A cashier voids the dearest line after the customer has heard the full price, then takes cash.

How: everything is scanned, the customer reads the total on the display and counts out cash; the
cashier voids one dear line before pressing total, gives change as if it were there and keeps the
difference. An honest line void follows its scan by seconds, because a mistake is noticed at once.

Numbers: the void comes 8-40 s after the last scan; half of the thieves' customers have the dear
item last, because a cashier can arrange the order. Our assumption.

Hidden: a cheaper line is voided within seconds of its own scan, as a double scan would be.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import dearest_lines
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
    seconds,
)

ARRANGED_LAST = 0.5
DOUBLE_SCAN_S = 6.0


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with the dearest line of some cash sales voided just before total."""
    del scene
    chosen = moments(_with_a_dear_line(ledger, thief, habit), thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    plan = chosen.select(
        "tx",
        dear_line="line",
        loss="extended",
        wait=pl.Series(rng.integers(8, 41, chosen.height), dtype=pl.Int32),
        arranged=pl.Series(rng.random(chosen.height) < ARRANGED_LAST),
    )
    return Theft(_void(ledger, plan), plan.select("tx", "loss"))


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with a line of some cash sales voided as soon as it was scanned."""
    del scene
    chosen = moments(_with_a_dear_line(ledger, thief, habit), thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    quick = pl.Series(np.maximum(2, seconds(rng, chosen.height, DOUBLE_SCAN_S)), dtype=pl.Int32)
    plan = chosen.select(
        "tx",
        dear_line="line",
        loss="extended",
        gone_at=pl.col("at") + quick,
        late=(pl.col("at") + quick + 2 - pl.col("total_at")).clip(0),
    )
    dear = pl.col("line") == pl.col("dear_line")
    lines = ledger.lines.join(plan, on="tx", how="left", maintain_order="left").with_columns(
        voided=pl.col("voided") | dear.fill_null(value=False),
        void_at=pl.when(dear).then("gone_at").otherwise("void_at"),
    )
    tx = ledger.tx.join(plan, on="tx", how="left", maintain_order="left")
    later = pl.col("late").fill_null(0)
    tx = tx.with_columns(total_at=pl.col("total_at") + later, length=pl.col("length") + later)
    return Theft(ledger.with_tx(tx).with_lines(lines), plan.select("tx", "loss"))


def _with_a_dear_line(ledger: Ledger, thief: Thief, habit: Habit) -> pl.DataFrame:
    """Return the thief's cash sales of several lines, with the dearest `line, extended, at`."""
    sales = own_work(ledger, thief).filter(
        pl.col("type") == "sale", pl.col("status") == "completed", pl.col("pay") == "cash"
    )
    dear = dearest_lines(ledger.keep(sales["tx"]), habit.least_minor, habit.most_minor)
    suitable = sales.join(
        dear.select("tx", "line", "extended", "at"), on="tx", maintain_order="left"
    )
    return suitable.filter(pl.col("net") > pl.col("extended"))


def _void(ledger: Ledger, plan: pl.DataFrame) -> Ledger:
    lines = ledger.lines.join(plan, on="tx", how="left", maintain_order="left").with_columns(
        last=pl.col("at").max().over("tx")
    )
    dear = pl.col("line") == pl.col("dear_line")
    last = pl.col("at") == pl.col("last")
    dear_at = pl.col("at").filter(dear).first().over("tx")
    arranged = pl.col("arranged").fill_null(value=False)
    lines = lines.with_columns(
        voided=pl.col("voided") | dear.fill_null(value=False),
        void_at=pl.when(dear).then(pl.col("last") + pl.col("wait")).otherwise("void_at"),
        at=pl.when(arranged & dear)
        .then("last")
        .when(arranged & last)
        .then(dear_at)
        .otherwise("at"),
    )
    tx = ledger.tx.join(plan, on="tx", how="left", maintain_order="left")
    later = pl.col("wait").fill_null(0)
    tx = tx.with_columns(total_at=pl.col("total_at") + later, length=pl.col("length") + later)
    return ledger.with_tx(tx).with_lines(lines)


HABIT = Habit(shift_share=0.6, per_shift=2.2, least_minor=700, most_minor=8_000)

SCHEME = Scheme(
    id="late_line_void",
    number=3,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("like_a_mistake", replace(HABIT, per_shift=1.4, most_minor=3_000), hidden),
    lookalikes=("new_starter",),
)
