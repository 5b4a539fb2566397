"""A cashier lets friends' goods past the scanner: sweethearting.

How: a friend comes with a full basket to the cashier's lane. The dear items are moved over the
glass with a thumb on the code, or beside it; the movements and the time are those of an honest
sale, but lines are missing. The friend shows a loyalty card and pays what was rung.

Numbers: two to four friends among people who shop there anyway; one to three of the dearest items
unscanned, and at least two lines rung; three in four by card. Our assumption; that a cashier slides
goods around the scanner for friends, and that the friends are loyal to the cashier: M. K. Brady,
C. M. Voorhees and M. J. Brusco, "Service Sweethearting", Journal of Marketing (2012).

Hidden: the friends show no loyalty card and pay cash.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.shoppers import FIRST_EMPLOYEE, PER_STORE
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

FRIENDS = (2, 5)
BY_CARD = 0.75
LEFT_OUT = (1, 4)
LEAST_LINES = 3


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with sales to friends whose dearest lines are missing."""
    del scene
    chosen = moments(_full_baskets(ledger, thief, habit), thief, habit, rng)
    people = _friends(ledger, rng)
    if chosen.is_empty() or people.is_empty():
        return nothing(ledger)
    friend = people[rng.integers(0, people.height, chosen.height)]
    by_card = pl.Series(rng.random(chosen.height) < BY_CARD)
    visits = chosen.select("tx").hstack(friend).with_columns(by_card=by_card)
    return _rung_less(ledger, visits, rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with such sales for cash, without a name."""
    del scene
    chosen = moments(_full_baskets(ledger, thief, habit), thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    nobody = pl.lit(None, dtype=pl.Int32)
    visits = chosen.select(
        "tx", friend="shopper", shown=nobody, friend_card=nobody, by_card=pl.lit(value=False)
    )
    return _rung_less(ledger, visits, rng)


def _full_baskets(ledger: Ledger, thief: Thief, habit: Habit) -> pl.DataFrame:
    """Return the thief's sales of three lines or more, none of them lowered as a whole."""
    sales = own_work(ledger, thief).filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("pay").is_in(["cash", "debit", "credit"]),
        ~pl.col("employee_sale"),
        pl.col("exempt").is_null(),
        pl.col("net").is_between(habit.least_minor, habit.most_minor),
    )
    whole = ledger.changes.filter(pl.col("line").is_null())
    several = (
        ledger.keep(sales["tx"])
        .lines.filter(~pl.col("voided"), pl.col("kind") == "item")
        .group_by("tx")
        .len()
        .filter(pl.col("len") >= LEAST_LINES)
    )
    return sales.join(several, on="tx", how="semi", maintain_order="left").join(
        whole, on="tx", how="anti", maintain_order="left"
    )


def _friends(ledger: Ledger, rng: np.random.Generator) -> pl.DataFrame:
    """Return `friend, shown, friend_card`: some of those who shop there, regulars before others.

    shown: the loyalty card they were seen with, null for those who have none.
    """
    known = (
        ledger.tx.filter(
            pl.col("type") == "sale",
            pl.col("card").is_not_null(),
            pl.col("shopper") % PER_STORE < FIRST_EMPLOYEE,
        )
        .group_by(friend="shopper")
        .agg(visits=pl.len(), shown=pl.col("loyalty").max(), friend_card=pl.col("card").min())
        .sort("friend")
    )
    lot = rng.random(known.height) ** (1 / known["visits"].to_numpy())
    wanted = int(rng.integers(*FRIENDS))
    return known.with_columns(lot=lot).top_k(wanted, by="lot").drop("visits", "lot")


def _rung_less(ledger: Ledger, visits: pl.DataFrame, rng: np.random.Generator) -> Theft:
    """Return the ledger with these sales made to the friends, dear lines left out."""
    gone = _left_out(ledger, visits["tx"], rng)
    keys = gone.select("tx", "line")
    tx = ledger.tx.join(visits, on="tx", how="left", maintain_order="left")
    here, by_card = pl.col("by_card").is_not_null(), pl.col("by_card")
    tx = tx.with_columns(
        shopper=pl.coalesce("friend", "shopper"),
        loyalty=pl.when(here).then("shown").otherwise("loyalty"),
        customer=pl.when(~here).then("customer"),
        pay=pl.when(by_card)
        .then(pl.lit("debit"))
        .when(here)
        .then(pl.lit("cash"))
        .otherwise(pl.col("pay").cast(pl.String)),
        card=pl.when(by_card).then("friend_card").when(~here).then("card"),
    )
    left = Ledger(
        ledger.tx,
        ledger.lines.join(keys, on=["tx", "line"], how="anti", maintain_order="left"),
        ledger.changes.join(keys, on=["tx", "line"], how="anti", maintain_order="left"),
        ledger.events,
    )
    rows = gone.group_by("tx", maintain_order=True).agg(loss=pl.col("extended").sum())
    return Theft(left.with_tx(tx), rows)


def _left_out(ledger: Ledger, tx: pl.Series, rng: np.random.Generator) -> pl.DataFrame:
    """Return the lines that are not scanned: the one to three dearest, all but two at most."""
    wanted = pl.DataFrame({"tx": tx, "wanted": rng.integers(*LEFT_OUT, tx.len())})
    return (
        ledger.keep(tx)
        .lines_worth()
        .filter(~pl.col("voided"), pl.col("kind") == "item")
        .join(wanted, on="tx", maintain_order="left")
        .with_columns(
            place=pl.col("extended").rank("ordinal", descending=True).over("tx"),
            n=pl.len().over("tx"),
        )
        .filter(pl.col("place") <= pl.min_horizontal("wanted", pl.col("n") - 2))
    )


HABIT = Habit(shift_share=0.45, per_shift=1.5, least_minor=1_500, most_minor=25_000)

SCHEME = Scheme(
    id="under_ring",
    number=21,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("no_names", replace(HABIT, shift_share=0.35), hidden),
    lookalikes=("slow_cashier",),
)
