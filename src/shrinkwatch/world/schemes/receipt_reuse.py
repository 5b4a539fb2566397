"""An employee refunds the same receipt again and again, for cash.

How: a receipt that a customer left, or a copy from the till, names a cash sale with a dear item.
That item "comes back" two, three or four times, each time for cash, and never once in truth.

Numbers: two to four refunds on a receipt, within 30 days of the sale, which is as long as the till
takes returns; a copy is printed for half of them, a borrowed code signs half. Our assumption; the
indicator (refunded more than sold, several refunds on one receipt) is SCHEMES' 16.

Hidden: another line of the receipt each time, so that no more is refunded than was sold.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import (
    earlier_sales,
    quiet_moments,
    reasons,
    refunds_after,
    returned,
)
from shrinkwatch.world.theft import (
    Evasion,
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    from_some,
    moments,
    nothing,
    own_work,
)

BORROWED_CODE = 0.5
COPIED = 0.5
OLDEST_DAYS = 20
LATEST_DAYS = 30
USES = (2, 5)


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with refunds of one line of each receipt, several times over."""
    chosen = moments(quiet_moments(own_work(ledger, thief), idle_s=60), thief, habit, rng)
    goods = _goods(ledger, thief, habit).filter(pl.col("place") == 1)
    uses = _uses(chosen, goods, rng).drop("place").join(goods, on="sale", maintain_order="left")
    return _refunded(ledger, uses, chosen, scene, rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with refunds of one line of each receipt after the other."""
    chosen = moments(quiet_moments(own_work(ledger, thief), idle_s=60), thief, habit, rng)
    goods = _goods(ledger, thief, habit).filter(pl.col("place").max().over("sale") > 1)
    uses = _uses(chosen, goods, rng).join(goods, on=["sale", "place"], maintain_order="left")
    return _refunded(ledger, uses, chosen, scene, rng)


def _goods(ledger: Ledger, thief: Thief, habit: Habit) -> pl.DataFrame:
    """Return the tempting lines of cash sales as `sale, place, item, quantity, extended`.

    place: 1 for the dearest line of a sale, 2 for the next one.
    """
    sales = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("pay") == "cash",
        ~pl.col("training"),
        ~pl.col("tx").is_in(list(thief.spoken_for)),
    )
    return (
        ledger.keep(sales["tx"])
        .lines_worth()
        .filter(
            ~pl.col("voided"),
            pl.col("kind") == "item",
            pl.col("extended").is_between(habit.least_minor, habit.most_minor),
        )
        .sort("tx", "extended", "line", descending=[False, True, False])
        .select(
            "item",
            "quantity",
            "extended",
            sale="tx",
            place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("tx"),
        )
        .join(sales.select("day", "start", sale="tx"), on="sale", maintain_order="left")
    )


def _uses(chosen: pl.DataFrame, goods: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return `moment, sale, place`: which receipt serves when, and for how many times by then."""
    receipts = goods.filter(pl.col("place") == 1).select("day", "start", tx="sale")
    pairs = earlier_sales(receipts, chosen, OLDEST_DAYS, 0, rng).sort("moment_start", "moment")
    sizes = rng.integers(*USES, pairs.height)
    turn = pl.Series(np.repeat(np.arange(pairs.height), sizes)[: pairs.height], dtype=pl.Int64)
    old = pl.col("moment_day") - pl.col("day") <= LATEST_DAYS
    return (
        pairs.with_columns(turn=turn)
        .with_columns(pl.col("tx", "day").first().over("turn"))
        .filter(old)
        .with_columns(place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("turn"))
        .filter(pl.col("place").max().over("turn") > 1)
        .select("moment", "place", sale="tx")
    )


def _refunded(
    ledger: Ledger,
    uses: pl.DataFrame,
    chosen: pl.DataFrame,
    scene: Scene,
    rng: np.random.Generator,
) -> Theft:
    uses = uses.sort("moment")
    if uses.is_empty():
        return nothing(ledger)
    count = uses.height
    numbers = ledger.next_numbers(count)
    at = uses.select(tx="moment").join(chosen, on="tx", maintain_order="left")
    copied = pl.Series(rng.random(count) < COPIED)
    tx = refunds_after(at, numbers, rng).with_columns(
        original=uses["sale"],
        pay=pl.lit("cash"),
        approver=from_some(rng, scene.approvers, count, BORROWED_CODE),
        reprints=pl.when(copied).then(pl.lit(1)),
    )
    events = tx.filter(copied).select("tx", type=pl.lit("reprint"), at=pl.lit(4))
    scanned = pl.Series(["scan"] * count)
    lines = returned(uses.with_columns(tx=pl.Series(numbers)), reasons(count, rng), scanned)
    return Theft(
        ledger.plus(Ledger.of(tx=tx, lines=lines, events=events)),
        pl.DataFrame({"tx": numbers, "loss": uses["extended"]}),
    )


HABIT = Habit(shift_share=0.5, per_shift=1.5, least_minor=900, most_minor=9_000)

SCHEME = Scheme(
    id="receipt_reuse",
    number=16,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("within_sold", replace(HABIT, least_minor=400, shift_share=0.4), hidden),
    at_desk=True,
    lookalikes=("service_desk",),
)
