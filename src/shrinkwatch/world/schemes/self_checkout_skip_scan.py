"""A shopper at the self-checkout puts the dearest things into the bag without scanning them.

How: on some visits one to three of the dearer items are moved past the scanner. The time that the
item takes passes without a line; the bag scale notices about half the time, and now and then an
assistant comes, who believes in a mistake.

Numbers: 0.44 % of the value at fixed self-checkouts is not scanned (Beck, ECR 2018); the settings
say how much of it is habit. 1-3 items a visit and the scale's 45 % are our assumption.

Hidden: one item a visit, and not the dearest, so that what is paid stays likely.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.skipped import noticed
from shrinkwatch.world.theft import Evasion, Habit, Scene, Scheme, Theft, Thief, moments, nothing


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger without the lines that the shopper did not scan."""
    chosen = moments(_visits(ledger, thief, habit, scene), thief, habit, rng)
    return _unscanned(ledger, _dearest(ledger, chosen, habit, rng), rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger without one middling line of some visits."""
    chosen = moments(_visits(ledger, thief, habit, scene), thief, habit, rng)
    return _unscanned(ledger, _ranked(ledger, chosen, habit).filter(pl.col("place") == 2), rng)


def _visits(ledger: Ledger, thief: Thief, habit: Habit, scene: Scene) -> pl.DataFrame:
    """Return the shopper's visits to the self-checkout at which something is worth hiding."""
    visits = ledger.tx.filter(
        pl.col("shopper") == thief.actor,
        pl.col("register").is_in(list(scene.self_checkout)),
        pl.col("day").is_between(thief.first_day, thief.last_day),
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("loyalty").is_not_null() | pl.col("card").is_not_null(),
    )
    return _with_enough(ledger, visits, habit)


def _unscanned(ledger: Ledger, gone: pl.DataFrame, rng: np.random.Generator) -> Theft:
    """Return the ledger without the lines `gone`, and what the till noticed of it."""
    if gone.is_empty():
        return nothing(ledger)
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


def _dearest(
    ledger: Ledger, chosen: pl.DataFrame, habit: Habit, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the lines that are not scanned: the one to three dearest, never the whole basket."""
    visits = chosen.select("tx", wanted=pl.Series(rng.integers(1, 4, chosen.height)))
    lines = _ranked(ledger, chosen, habit).join(visits, on="tx", maintain_order="left")
    return lines.filter(pl.col("place") <= pl.min_horizontal("wanted", pl.col("n") - 2))


def _ranked(ledger: Ledger, chosen: pl.DataFrame, habit: Habit) -> pl.DataFrame:
    """Return the tempting lines, each with its `place` by worth among the `n` of its basket."""
    lines = ledger.keep(chosen["tx"]).lines_worth()
    lines = lines.filter(~pl.col("voided"), pl.col("kind") == "item")
    return lines.with_columns(
        place=pl.col("extended").rank("ordinal", descending=True).over("tx"),
        n=pl.len().over("tx"),
    ).filter(pl.col("extended").is_between(habit.least_minor, habit.most_minor))


HABIT = Habit(shift_share=0.75, per_shift=1.0, least_minor=350, most_minor=6_000, spell_weeks=16.0)

SCHEME = Scheme(
    id="self_checkout_skip_scan",
    number=31,
    actor="shopper",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("middling", HABIT, hidden),
    lookalikes=("scale_trouble",),
)
