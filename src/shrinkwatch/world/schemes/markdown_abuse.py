"""An employee marks dear goods down and buys them within the hour, or has a friend buy them.

How: things of value get a sticker for damage or the end of the season, far cheaper than they need
to be; the same person rings them at their own till, and one of their own cards pays.

Numbers: one or two dear lines of a receipt, 50-75 % off; the thief's one or two cards pay every
time. SCHEMES' 30 is the indicator (marked down and bought by the same hand). Our assumption.

Hidden: the stickers bear the number of a colleague who is at work, and 30 % is off.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.evasions import colleague_at
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

DEPTH, ORDINARY_DEPTH = (0.5, 0.75), (0.3, 0.3)
REASONS = ("damaged", "end_of_season", "short_dated")


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with goods marked down by the thief and bought at the thief's till."""
    del scene
    return _bought(ledger, thief, habit, DEPTH, rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with goods marked down a little, under colleagues' numbers."""
    theft = _bought(ledger, thief, habit, ORDINARY_DEPTH, rng)
    moved = ledger.tx.join(theft.rows, on="tx", how="semi").select("tx", "day", "start").sort("tx")
    names = colleague_at(theft.ledger, moved, thief, scene, rng)
    changes = theft.ledger.changes.join(names, on="tx", how="left", maintain_order="left")
    own = (pl.col("type") == "markdown") & (pl.col("approver") == thief.actor)
    lent = changes.with_columns(
        approver=pl.when(own).then(pl.coalesce("colleague", "approver")).otherwise("approver")
    ).drop("colleague")
    left = Ledger(theft.ledger.tx, theft.ledger.lines, lent, theft.ledger.events)
    return Theft(left, theft.rows)


def _bought(
    ledger: Ledger,
    thief: Thief,
    habit: Habit,
    deep: tuple[float, float],
    rng: np.random.Generator,
) -> Theft:
    """Return the theft: one or two dear lines of some receipts marked down, an own card pays."""
    lowered = ledger.changes.filter(pl.col("line").is_null())["tx"].unique()
    sales = own_work(ledger, thief).filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("refused").is_null(),
        ~pl.col("employee_sale"),
        ~pl.col("tx").is_in(lowered.implode()),
    )
    lines = ledger.keep(sales["tx"]).lines_worth()
    dear = lines.filter(
        ~pl.col("voided"),
        pl.col("kind") == "item",
        pl.col("extended").is_between(habit.least_minor, habit.most_minor),
    ).join(ledger.changes, on=["tx", "line"], how="anti", maintain_order="left")
    suitable = sales.join(dear.select("tx").unique(), on="tx", how="semi", maintain_order="left")
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    wanted = chosen.select("tx", wanted=pl.Series(rng.integers(1, 3, chosen.height)))
    marked = dear.join(wanted, on="tx", maintain_order="left").filter(
        pl.col("extended").rank("ordinal", descending=True).over("tx") <= pl.col("wanted")
    )
    depth = pl.Series(rng.uniform(*deep, marked.height))
    changes = marked.select(
        "tx",
        "line",
        type=pl.lit("markdown"),
        amount=-(pl.col("extended") * depth).floor().cast(pl.Int64),
        reason=pl.Series(rng.choice(np.array(REASONS), marked.height)),
        approver=pl.lit(thief.actor),
    )
    cards = pl.Series(rng.choice(np.array(thief.own_cards), chosen.height), dtype=pl.Int32)
    tx = ledger.tx.join(chosen.select("tx", own=cards), on="tx", how="left", maintain_order="left")
    here = pl.col("own").is_not_null()
    paid = tx.with_columns(
        pay=pl.when(here).then(pl.lit("debit")).otherwise(pl.col("pay").cast(pl.String)),
        card=pl.coalesce("own", "card"),
        gift_card=pl.when(~here).then("gift_card"),
        loyalty=pl.when(~here).then("loyalty"),
    )
    rows = changes.group_by("tx", maintain_order=True).agg(loss=-pl.col("amount").sum())
    return Theft(ledger.with_tx(paid).plus(Ledger.of(changes=changes)), rows)


HABIT = Habit(shift_share=0.4, per_shift=1.2, least_minor=800, most_minor=20_000)

SCHEME = Scheme(
    id="markdown_abuse",
    number=30,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("colleagues_id", replace(HABIT, shift_share=0.35), hidden),
    lookalikes=("staff_evening",),
)
