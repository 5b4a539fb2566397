"""A ring goes round the chain's stores and turns stolen goods, or found receipts, into money.

How: every week or two one of the ring visits three to six stores within five days. Some rings take
goods from the shelf to the desk, without a receipt, for cash or a credit note, and show the same
identity each time. Others pick up receipts of card purchases in the car park, take what stands on
them from the shelf, and have the money put on their own card. Half of the rings go to the same
clerk in each store where they find one on duty.

Numbers: one or two returns a visit, 15.00 to 150.00; receipts up to 20 days old. All our
assumption; the indicator (one card or customer, several stores within days, repeated pairing with
an operator) is SCHEMES' 19.

Hidden: two visits in three are left out, and there is never more than one return.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.evasions import rarely
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import (
    counter,
    dearest_lines,
    earlier_sales,
    picked_goods,
    reasons,
    refunds_after,
    returned,
)
from shrinkwatch.world.theft import Habit, Scene, Scheme, Theft, Thief, moments, nothing

OLDEST_DAYS = 20
IN_CASH = 0.55


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with the ring's returns of the day; even numbers work with receipts."""
    there = counter(ledger, thief, scene, idle_s=40)
    if thief.actor // 2 % 2 == 0:
        there = _at_the_accomplice(there, thief, scene)
    chosen = moments(there, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    way = _with_found_receipts if thief.actor % 2 == 0 else _without_receipts
    return way(ledger, chosen, thief, habit, scene, rng)


def _at_the_accomplice(there: pl.DataFrame, thief: Thief, scene: Scene) -> pl.DataFrame:
    """Return the moments at the ring's accomplice, or all of them when that one is not there."""
    clerk = scene.colleagues[thief.actor % len(scene.colleagues)]
    mine = there.filter(pl.col("operator") == clerk)
    return there if mine.is_empty() else mine


def _without_receipts(
    ledger: Ledger,
    chosen: pl.DataFrame,
    thief: Thief,
    habit: Habit,
    scene: Scene,
    rng: np.random.Generator,
) -> Theft:
    """Return the ledger with returns of goods from the shelf, in one customer's name."""
    count = chosen.height
    numbers = ledger.next_numbers(count)
    cash = rng.random(count) < IN_CASH
    tx = refunds_after(chosen, numbers, rng).with_columns(
        shopper=pl.lit(thief.actor),
        customer=pl.lit(thief.actor),
        pay=pl.Series(np.where(cash, "cash", "store_credit")),
    )
    lines = picked_goods(numbers, habit, scene, rng).with_columns(entry=pl.lit("scan"))
    loss = -(lines["quantity"] * lines["price"]).round().cast(pl.Int64)
    return Theft(
        ledger.plus(Ledger.of(tx=tx, lines=lines)), pl.DataFrame({"tx": numbers, "loss": loss})
    )


def _with_found_receipts(
    ledger: Ledger,
    chosen: pl.DataFrame,
    thief: Thief,
    habit: Habit,
    scene: Scene,
    rng: np.random.Generator,
) -> Theft:
    """Return the ledger with returns on strangers' receipts, paid to the ring's card."""
    del scene
    pairs = earlier_sales(_card_sales(ledger, thief, habit), chosen, OLDEST_DAYS, 0, rng)
    if pairs.is_empty():
        return nothing(ledger)
    numbers = ledger.next_numbers(pairs.height)
    at = pairs.select(tx="moment").join(chosen, on="tx", maintain_order="left")
    tx = refunds_after(at, numbers, rng).with_columns(
        shopper=pl.lit(thief.actor),
        original=pairs["tx"],
        pay=pairs["pay"],
        card=pl.lit(2 * thief.actor),
    )
    scanned = pl.Series(["scan"] * pairs.height)
    lines = returned(pairs.with_columns(tx=pl.Series(numbers)), reasons(pairs.height, rng), scanned)
    return Theft(
        ledger.plus(Ledger.of(tx=tx, lines=lines)),
        pl.DataFrame({"tx": numbers, "loss": pairs["extended"]}),
    )


def _card_sales(ledger: Ledger, thief: Thief, habit: Habit) -> pl.DataFrame:
    """Return `tx, day, start, pay, item, quantity, extended` of strangers' card sales."""
    untouched = ~pl.col("tx").is_in(ledger.tx["original"].drop_nulls().implode())
    sales = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("pay").is_in(["credit", "debit"]),
        pl.col("shopper") != thief.actor,
        ~pl.col("tx").is_in(list(thief.spoken_for)),
        untouched,
    )
    dear = dearest_lines(ledger.keep(sales["tx"]), habit.least_minor, habit.most_minor)
    return sales.select("tx", "day", "start", "pay").join(
        dear.select("tx", "item", "quantity", "extended"), on="tx", maintain_order="left"
    )


HABIT = Habit(
    shift_share=0.95, per_shift=1.4, least_minor=1_500, most_minor=15_000, spell_weeks=8.0
)

SCHEME = Scheme(
    id="cross_store_refund_ring",
    number=19,
    actor="customer",
    habit=HABIT,
    steal=steal,
    evasive=rarely(HABIT, steal),
    stores=(3, 6),
    lookalikes=("trader",),
)
