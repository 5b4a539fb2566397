"""A cashier parks a paid sale and never fetches it back, or fetches it back with less in it.

How: the customer pays cash and leaves; the cashier suspends instead of finishing. Either the
record dies (6 in 10), or it is resumed in a quiet moment, the dear lines are taken out and the
small rest is paid from the customer's cash; the difference stays in a pocket.

Numbers: our assumption; the indicator (never resumed, resumed with fewer lines) is SCHEMES' 6.

Hidden: every parked sale is fetched back, and only its dearest line is missing then.
"""

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
    cheapest = worth.sort("tx", "extended", "line").unique("tx", keep="first", maintain_order=True)
    return _stripped(ledger, chosen, resumed, cheapest, rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with some cash sales suspended and resumed without their dearest line."""
    del scene
    suitable = quiet_cash_sales(own_work(ledger, thief), habit, idle_s=75)
    several = (
        ledger.keep(suitable["tx"])
        .lines.filter(~pl.col("voided"))
        .group_by("tx")
        .len()
        .filter(pl.col("len") >= 2)["tx"]
    )
    suitable = suitable.filter(pl.col("tx").is_in(several.implode()))
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    worth = ledger.keep(chosen["tx"]).lines_worth().filter(~pl.col("voided"))
    rest = worth.filter(pl.col("extended").rank("ordinal", descending=True).over("tx") > 1)
    return _stripped(ledger, chosen, chosen, rest, rng)


def _stripped(
    ledger: Ledger,
    chosen: pl.DataFrame,
    resumed: pl.DataFrame,
    left: pl.DataFrame,
    rng: np.random.Generator,
) -> Theft:
    """Return the theft: `chosen` is parked, `resumed` of it comes back with the lines `left`."""
    parked = ledger.mark(chosen["tx"], status="suspended", pay=None, total_at=None)
    events = chosen.select("tx", type=pl.lit("suspend"), at="total_at")
    stripped, kept = _resume(ledger, resumed, left, rng)
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
    ledger: Ledger, resumed: pl.DataFrame, left: pl.DataFrame, rng: np.random.Generator
) -> tuple[Ledger, pl.DataFrame]:
    """Return the resumed sales with the lines that are left, and `tx, kept` of the parked."""
    numbers = pl.DataFrame({"original": resumed["tx"], "tx": ledger.next_numbers(resumed.height)})
    tx = resumed.drop("tx").with_columns(
        numbers,
        start=pl.col("start") + pl.col("length") + pl.Series(rng.integers(30, 70, resumed.height)),
        length=pl.lit(40),
        total_at=pl.lit(16),
        status=pl.lit("resumed"),
    )
    lines = left.join(
        numbers, left_on="tx", right_on="original", suffix="_new", maintain_order="left"
    ).with_columns(parked="tx", tx="tx_new", at=pl.lit(2))
    changes = ledger.changes.join(
        lines.select("line", tx="parked", new="tx"), on=["tx", "line"], maintain_order="left"
    ).with_columns(tx="new")
    resume = tx.select("tx", type=pl.lit("resume"), at=pl.lit(0))
    return (
        Ledger.of(tx=tx, lines=lines, changes=changes, events=resume),
        lines.group_by(tx="parked").agg(kept=pl.col("extended").sum()),
    )


HABIT = Habit(shift_share=0.55, per_shift=1.8, least_minor=900, most_minor=9_000)

SCHEME = Scheme(
    id="suspend_strip",
    number=6,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("one_line", HABIT, hidden),
    lookalikes=("new_starter",),
)
