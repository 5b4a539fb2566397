"""Lasting habits of some stores and people that look like theft and are none.

A lane that gives change for the trolleys, cash that is taken to the safe at fixed hours, a manager
who signs for everybody on Saturdays, a family with one loyalty card. Which stores have which
is in `shrinkwatch.world.calendar`; all rates are our assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.shoppers import PER_STORE, is_member
from shrinkwatch.world.visits import Site

CHANGE_LANE = 0
CHANGE_PER_SHIFT = 7.0
ROUNDS_S = (14 * 3600, 18 * 3600)
ROUND_MINOR = 5_000
CLEANER_MINOR = 2_000
SATURDAY = 5
RELATIVES = 6


def odd_habits(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with the habits that the calendar has for this store."""
    has = site.calendar.has
    if has("change_lane", site.shop):
        ledger = ledger.plus(_change_lane(ledger, site))
    if has("cash_rounds", site.shop):
        ledger = ledger.plus(_cash_rounds(ledger, site))
    if has("signs_for_all", site.shop):
        ledger = _signs_for_all(ledger, site)
    if has("family_card", site.shop):
        ledger = _family_card(ledger, site)
    return ledger


def _change_lane(ledger: Ledger, site: Site) -> Ledger:
    """Open the first lane's drawer again and again to change notes into coins for trolleys."""
    rng = site.rng
    shifts = site.staff.sessions.filter(pl.col("register") == CHANGE_LANE)
    often = rng.poisson(CHANGE_PER_SHIFT, shifts.height)
    asked = shifts[np.repeat(np.arange(shifts.height), often)]
    into = pl.Series(rng.random(asked.height), dtype=pl.Float64)
    tx = asked.select(
        pl.Series("tx", ledger.next_numbers(asked.height)),
        "register",
        "operator",
        "day",
        start=pl.col("day").cast(pl.Int64) * 86_400
        + pl.col("begins")
        + ((pl.col("ends") - pl.col("begins")) * into).cast(pl.Int64),
        type=pl.lit("no_sale"),
        length=pl.lit(5),
    )
    return Ledger.of(tx=tx, events=tx.select("tx", type=pl.lit("drawer_open"), at=pl.lit(1)))


def _cash_rounds(ledger: Ledger, site: Site) -> Ledger:
    """Take fifty from every lane at two and at six without a signature, and pay the cleaner."""
    there = site.staff.sessions.join(pl.DataFrame({"second": ROUNDS_S}), how="cross").filter(
        pl.col("begins") < pl.col("second") - 1800, pl.col("second") < pl.col("ends")
    )
    columns = ("register", "operator", "day")
    midnight = pl.col("day").cast(pl.Int64) * 86_400
    late = pl.Series(site.rng.integers(0, 900, there.height))
    rounds = there.select(
        *columns,
        start=midnight + pl.col("second") + late,
        type=pl.lit("pickup"),
        length=pl.lit(25),
        amount=pl.lit(-ROUND_MINOR),
    )
    mondays = site.staff.sessions.filter(
        pl.col("register") == 0, pl.col("begins") == site.shop.opens_s, pl.col("day") % 7 == 0
    )
    cleaner = mondays.select(
        *columns,
        start=midnight + pl.col("begins") + 2400,
        type=pl.lit("paid_out"),
        length=pl.lit(40),
        amount=pl.lit(-CLEANER_MINOR),
    )
    tx = pl.concat([rounds, cleaner]).with_columns(pay=pl.lit("cash"))
    return Ledger.of(tx=tx.with_columns(pl.Series("tx", ledger.next_numbers(tx.height))))


def _signs_for_all(ledger: Ledger, site: Site) -> Ledger:
    """Let the manager's code stand wherever somebody signs on a Saturday, on the floor or not."""
    (manager,) = site.staff.of_role("manager")
    saturday = pl.col("day") % 7 == SATURDAY
    tx = ledger.tx.with_columns(
        approver=pl.when(saturday & pl.col("approver").is_not_null())
        .then(pl.lit(manager, dtype=pl.Int32))
        .otherwise("approver")
    )
    days = ledger.tx.select("tx", "day")
    changes = ledger.changes.join(days, on="tx", how="left", maintain_order="left").with_columns(
        approver=pl.when(saturday & pl.col("approver").is_not_null())
        .then(pl.lit(manager, dtype=pl.Int32))
        .otherwise("approver")
    )
    return Ledger(tx, ledger.lines, changes.drop("day"), ledger.events)


def family(site: Site) -> tuple[int, list[int]]:
    """Return the shopper whose loyalty card a family shares, and the others of the family.

    They come often and pay with cards of their own; none of the others is a member.
    """
    visits = np.diff(site.shoppers.cumulative, prepend=0.0)
    number = site.shop.index * PER_STORE + np.argsort(-visits, kind="stable")
    member = is_member(number, site.shop.format.loyalty)
    return int(number[member][0]), [int(one) for one in number[~member][:RELATIVES]]


def _family_card(ledger: Ledger, site: Site) -> Ledger:
    """Show one loyalty card on every visit of a family whose members pay for themselves."""
    head, relatives = family(site)
    theirs = pl.col("shopper").is_in(relatives) & pl.col("loyalty").is_null()
    bought = theirs & (pl.col("type") == "sale") & ~pl.col("employee_sale")
    loyalty = pl.when(bought).then(pl.lit(head, dtype=pl.Int32)).otherwise("loyalty")
    return ledger.with_tx(ledger.tx.with_columns(loyalty=loyalty))
