"""A shopper at the self-checkout puts the dearest things into the bag without scanning them.

How: on some visits one to three of the dearer items are moved past the scanner. The time that the
item takes passes without a line; the bag scale notices about half the time, and now and then an
assistant comes, who believes in a mistake.

Numbers: 0.44 % of the value at fixed self-checkouts is not scanned (Beck, ECR 2018); the settings
say how much of it is habit. 1-3 items a visit and the scale's 45 % are our assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.evasions import rarely
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.skipped import noticed
from shrinkwatch.world.theft import Habit, Scene, Scheme, Theft, Thief, moments, nothing


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger without the lines that the shopper did not scan."""
    visits = ledger.tx.filter(
        pl.col("shopper") == thief.actor,
        pl.col("register").is_in(list(scene.self_checkout)),
        pl.col("day").is_between(thief.first_day, thief.last_day),
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("loyalty").is_not_null() | pl.col("card").is_not_null(),
    )
    chosen = moments(_with_enough(ledger, visits, habit), thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    gone = _skipped(ledger, chosen, habit, rng)
    rows = gone.group_by("tx", maintain_order=True).agg(loss=pl.col("extended").sum())
    keys = gone.select("tx", "line")
    left = Ledger(
        ledger.tx,
        ledger.lines.join(keys, on=["tx", "line"], how="anti", maintain_order="left"),
        ledger.changes.join(keys, on=["tx", "line"], how="anti", maintain_order="left"),
        ledger.events,
    )
    return Theft(left.plus(Ledger.of(events=noticed(gone, rng))), rows)


def _with_enough(ledger: Ledger, visits: pl.DataFrame, habit: Habit) -> pl.DataFrame:
    """Return the visits whose basket has at least three lines, one of them worth hiding."""
    baskets = (
        ledger.keep(visits["tx"])
        .lines.filter(~pl.col("voided"), pl.col("kind") == "item")
        .group_by("tx")
        .agg(n=pl.len(), dearest=pl.col("price").max())
        .filter(pl.col("n") >= 3, pl.col("dearest") >= habit.least_minor)
    )
    return visits.filter(pl.col("tx").is_in(baskets["tx"].implode()))


def _skipped(
    ledger: Ledger, chosen: pl.DataFrame, habit: Habit, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the lines that are not scanned: the one to three dearest, never the whole basket."""
    visits = chosen.select("tx", wanted=pl.Series(rng.integers(1, 4, chosen.height)))
    return (
        ledger.keep(chosen["tx"])
        .lines_worth()
        .filter(~pl.col("voided"), pl.col("kind") == "item")
        .join(visits, on="tx", maintain_order="left")
        .with_columns(
            place=pl.col("extended").rank("ordinal", descending=True).over("tx"),
            n=pl.len().over("tx"),
        )
        .filter(
            pl.col("place") <= pl.min_horizontal("wanted", pl.col("n") - 2),
            pl.col("extended").is_between(habit.least_minor, habit.most_minor),
        )
    )


HABIT = Habit(shift_share=0.75, per_shift=1.0, least_minor=350, most_minor=6_000, spell_weeks=16.0)

SCHEME = Scheme(
    id="self_checkout_skip_scan",
    number=31,
    actor="shopper",
    habit=HABIT,
    steal=steal,
    evasive=rarely(HABIT, steal),
)
