"""Ways to hide a theft that suit several schemes: seldom, or under somebody else's number."""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.theft import Evasion, Habit, Scene, Steal, Theft, Thief

SELDOM = 1 / 3
"""How often a rare thief strikes, beside one who is not (our assumption)."""


def rare(habit: Habit) -> Habit:
    """Return the habit practised a third as often, and hardly ever twice on one shift."""
    often = habit.shift_share * habit.per_shift * SELDOM
    return replace(habit, shift_share=min(often, 1.0), per_shift=1.0)


def rarely(habit: Habit, steal: Steal) -> Evasion:
    """Return the evasion of one who does the same, but seldom: no count stands out."""
    return Evasion("rare", rare(habit), steal)


def under_colleagues_ids(habit: Habit, steal: Steal) -> Evasion:
    """Return the evasion of one who rings the false records under colleagues' numbers.

    Numbers are typed in full view at most tills. For each false record one is taken of somebody
    who is at work then; where nobody else is, the thief's own. What was rung honestly before
    stays under the thief's.
    """

    def hidden(
        ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
    ) -> Theft:
        theft = steal(ledger, thief, habit, scene, rng)
        new = theft.rows.join(ledger.tx, on="tx", how="anti", maintain_order="left")
        return Theft(lent_names(theft.ledger, new["tx"], thief, scene, rng), theft.rows)

    return Evasion("colleagues_id", habit, hidden)


def lent_names(
    ledger: Ledger, tx: pl.Series, thief: Thief, scene: Scene, rng: np.random.Generator
) -> Ledger:
    """Return the ledger with these transactions under the numbers of colleagues then at work."""
    moments = ledger.tx.filter(pl.col("tx").is_in(tx.implode())).select("tx", "day", "start")
    found = colleague_at(ledger, moments.sort("tx"), thief, scene, rng)
    named = ledger.tx.join(found, on="tx", how="left", maintain_order="left")
    return ledger.with_tx(named.with_columns(operator=pl.coalesce("colleague", "operator")))


def colleague_at(
    ledger: Ledger, moments: pl.DataFrame, thief: Thief, scene: Scene, rng: np.random.Generator
) -> pl.DataFrame:
    """Return `tx, colleague` for those of the moments (`tx, day, start`) at which one was there."""
    own = moments.with_columns(operator=pl.lit(thief.actor, dtype=pl.Int32))
    return at_work(ledger, own, scene.colleagues, rng)


def at_work(
    ledger: Ledger, moments: pl.DataFrame, people: tuple[int, ...], rng: np.random.Generator
) -> pl.DataFrame:
    """Return `tx, colleague` for those of the moments at which one of the people was at a till.

    moments: `tx, day, start, operator`; nobody is a colleague of themselves. Who is there is known
    from the first and the last record of the day.
    """
    present = (
        ledger.tx.filter(pl.col("operator").is_in(list(people)))
        .group_by("day", colleague="operator")
        .agg(since=pl.col("start").min(), until=pl.col("start").max())
        .sort("day", "colleague")
    )
    pairs = moments.join(present, on="day", maintain_order="left").filter(
        pl.col("start").is_between("since", "until"), pl.col("colleague") != pl.col("operator")
    )
    return (
        pairs.with_columns(lot=pl.Series(rng.random(pairs.height), dtype=pl.Float64))
        .sort("tx", "lot")
        .unique("tx", keep="first", maintain_order=True)
        .select("tx", "colleague")
    )
