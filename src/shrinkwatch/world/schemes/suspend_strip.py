"""A cashier parks a paid sale and never fetches it back, or fetches it back with less in it.

How: the customer pays cash and leaves; the cashier suspends instead of finishing. Either the
record dies (6 in 10), or it is resumed in a quiet moment, the dear lines are taken out and the
small rest is paid from the customer's cash; the difference stays in a pocket.

Numbers: our assumption; the indicator (never resumed, resumed with fewer lines) is SCHEMES' 6.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.evasions import rarely
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.theft import (
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

NEVER_RESUMED = 0.6


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with some cash sales suspended, and some of those resumed with less."""
    del scene
    suitable = quiet_cash_sales(own_work(ledger, thief), habit, idle_s=75)
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    worth = ledger.keep(chosen["tx"]).lines_worth().filter(~pl.col("voided"))
    several = worth.group_by("tx").agg(n=pl.len()).filter(pl.col("n") >= 2)["tx"]
    resumed = chosen.filter(
        pl.col("tx").is_in(several.implode()),
        pl.Series(rng.random(chosen.height) >= NEVER_RESUMED),
    )
    parked = ledger.mark(chosen["tx"], status="suspended", pay=None, total_at=None)
    events = chosen.select("tx", type=pl.lit("suspend"), at="total_at")
    stripped, kept = _resume(ledger, resumed, worth, rng)
    rows = (
        chosen.select("tx", loss="net")
        .join(kept, on="tx", how="left", maintain_order="left")
        .select("tx", loss=pl.col("loss") - pl.col("kept").fill_null(0))
    )
    also = stripped.tx.select("tx", loss=pl.lit(0, dtype=pl.Int64))
    return Theft(
        Ledger.concat([parked, Ledger.of(events=events), stripped]), pl.concat([rows, also])
    )


def _resume(
    ledger: Ledger, resumed: pl.DataFrame, worth: pl.DataFrame, rng: np.random.Generator
) -> tuple[Ledger, pl.DataFrame]:
    """Return the resumed sales with only their cheapest line, and `tx, kept` of the parked."""
    numbers = pl.DataFrame({"original": resumed["tx"], "tx": ledger.next_numbers(resumed.height)})
    tx = resumed.drop("tx").with_columns(
        numbers,
        start=pl.col("start") + pl.col("length") + pl.Series(rng.integers(30, 70, resumed.height)),
        length=pl.lit(40),
        total_at=pl.lit(16),
        status=pl.lit("resumed"),
    )
    cheapest = (
        worth.sort("tx", "extended", "line")
        .unique("tx", keep="first", maintain_order=True)
        .join(numbers, left_on="tx", right_on="original", suffix="_new", maintain_order="left")
    )
    lines = cheapest.with_columns(
        parked="tx", tx="tx_new", kept_line="line", line=pl.lit(1, dtype=pl.Int32), at=pl.lit(2)
    )
    changes = ledger.changes.join(
        lines.select(tx="parked", line="kept_line", new="tx"),
        on=["tx", "line"],
        maintain_order="left",
    ).with_columns(tx="new", line=pl.lit(1, dtype=pl.Int32))
    resume = tx.select("tx", type=pl.lit("resume"), at=pl.lit(0))
    return (
        Ledger.of(tx=tx, lines=lines, changes=changes, events=resume),
        lines.select(tx="parked", kept="extended"),
    )


HABIT = Habit(shift_share=0.55, per_shift=1.8, least_minor=900, most_minor=9_000)

SCHEME = Scheme(
    id="suspend_strip",
    number=6,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=rarely(HABIT, steal),
)
