"""Practice at the till: a new starter's first hours, and a refresher for the others now and then.

Goods are rung in training mode and nothing is sold; in a third of the sales the drawer opens all
the same, because the trainer shows how. One shift in eighty has a refresher, at any hour (a new
key, a new card reader). Our assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.calendar import Span
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site

TRAINING_SALES = 6
REFRESHERS, REFRESHER_SALES = 0.0125, 3
SOFTWARE_SALES = 8
SETTLED_DAYS = 30
DRAWER_OPENED = 0.35


def practice(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with the practice sales of new starters and of those who know the till."""
    return practised(ledger, pl.concat([_first_shifts(site), _refreshers(site)]), site)


def new_software(ledger: Ledger, site: Site, span: Span) -> Ledger:
    """Return the ledger with everybody practising on new till software, all through the shift."""
    days = site.staff.sessions.filter(pl.col("day").is_between(span.first_day, span.last_day))
    apart = int((days["ends"] - days["begins"]).to_numpy().min(initial=36_000)) // 9
    slots = _in_turn(days, SOFTWARE_SALES, 300 + pl.col("begins"), apart)
    return practised(ledger, slots, site)


def practised(ledger: Ledger, slots: pl.DataFrame, site: Site) -> Ledger:
    """Return the ledger with a practice sale at each of `register, operator, day, start`."""
    if slots.is_empty():
        return ledger
    numbers = ledger.next_numbers(slots.height)
    model = ledger.tx.filter(pl.col("type") == "sale", pl.col("status") == "completed").sample(
        slots.height, with_replacement=True, seed=int(site.rng.integers(1 << 30))
    )
    tx = slots.with_columns(
        pl.Series("tx", numbers),
        total_at=model["total_at"],
        length=model["length"],
        training=pl.lit(value=True),
        pay=pl.lit("cash"),
    )
    pairs = pl.DataFrame({"new": numbers, "tx": model["tx"]})
    lines = ledger.lines.join(pairs, on="tx", maintain_order="left").with_columns(tx="new")
    changes = ledger.changes.join(pairs, on="tx", maintain_order="left").with_columns(tx="new")
    shown = tx.filter(pl.Series(site.rng.random(tx.height) < DRAWER_OPENED))
    drawer = shown.select("tx", type=pl.lit("drawer_open"), at=pl.col("total_at") + 2)
    return ledger.plus(Ledger.of(tx=tx, lines=lines, changes=changes, events=drawer))


def _first_shifts(site: Site) -> pl.DataFrame:
    """Return `register, operator, day, start` of sales in starters' first hours on two shifts."""
    hired = site.staff.hired_day[site.staff.sessions["operator"].to_numpy()]
    first = (
        site.staff.sessions.filter(pl.Series(hired >= 0))
        .sort("operator", "day")
        .filter(pl.col("day").rank("dense").over("operator") <= 2)
    )
    return _in_turn(first, TRAINING_SALES, 240 + pl.col("begins"), 480)


def _refreshers(site: Site) -> pl.DataFrame:
    """Return the same for the refreshers of those who have been there for a month."""
    rng, sessions = site.rng, site.staff.sessions
    settled = site.staff.hired_day[sessions["operator"].to_numpy()] < -SETTLED_DAYS
    some = sessions.filter(pl.Series(settled & (rng.random(sessions.height) < REFRESHERS)))
    into = pl.Series(rng.random(some.height), dtype=pl.Float64)
    some = some.with_columns(
        since=pl.col("begins") + ((pl.col("ends") - pl.col("begins")) * 0.9 * into).cast(pl.Int64)
    )
    return _in_turn(some, REFRESHER_SALES, pl.col("since"), 150)


def _in_turn(sessions: pl.DataFrame, sales: int, since: pl.Expr, apart_s: int) -> pl.DataFrame:
    """Return so many starts for each session, one after the other, from `since` of the day on."""
    slots = sessions.join(pl.DataFrame({"slot": np.arange(sales)}), how="cross")
    return slots.select(
        "register",
        "operator",
        "day",
        start=pl.col("day").cast(pl.Int64) * 86_400 + since + apart_s * pl.col("slot"),
    )
