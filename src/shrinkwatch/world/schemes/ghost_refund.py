"""An employee refunds cash for their own earlier sales, with no customer there, near closing.

How: the receipt number of a cash sale that the same operator rang hours or days before is typed
in, its dear item "comes back", and the cash leaves with the operator. No customer is named, and
it is done in the last half hour or when the shop is empty.

Numbers: sales up to four days old; two in three in the last 40 minutes. Our assumption; the
indicator is SCHEMES' 15.

Hidden: in the middle of the day, for anybody's sales up to ten days old, and the customer of
the sale is named in a third, as in honest returns.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import (
    dearest_lines,
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

BORROWED_CODE = 0.4
OLDEST_DAYS = 4
EVENING_S = 40 * 60
EMPTY_S = 240
OLDEST_HIDDEN_DAYS = 10
NAMED = 0.35


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with cash refunds of the thief's own earlier cash sales."""
    work = own_work(ledger, thief)
    late = pl.col("start") % 86_400 > scene.closes - EVENING_S
    empty = pl.col("idle") >= EMPTY_S
    suitable = quiet_moments(work, idle_s=45).filter(late | empty)
    evenings_first = suitable.filter(late | pl.Series(rng.random(suitable.height) < 0.3))
    chosen = moments(evenings_first, thief, habit, rng)
    sales = _cash_sales(ledger, work, habit)
    pairs = earlier_sales(sales, chosen, OLDEST_DAYS, 0, rng).with_columns(customer=pl.lit(None))
    return _refunded(ledger, chosen, pairs, scene, rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with cash refunds at any hour for sales that anybody rang."""
    early = pl.col("start") % 86_400 <= scene.closes - EVENING_S
    suitable = quiet_moments(own_work(ledger, thief), idle_s=45).filter(early)
    chosen = moments(suitable, thief, habit, rng)
    anyones = ledger.tx.filter(~pl.col("tx").is_in(list(thief.spoken_for)))
    pairs = earlier_sales(_cash_sales(ledger, anyones, habit), chosen, OLDEST_HIDDEN_DAYS, 0, rng)
    nameless = pl.Series(rng.random(pairs.height) >= NAMED, dtype=pl.Boolean)
    customer = pairs["shopper"].set(nameless, None)
    return _refunded(ledger, chosen, pairs.with_columns(customer=customer), scene, rng)


def _refunded(
    ledger: Ledger,
    chosen: pl.DataFrame,
    pairs: pl.DataFrame,
    scene: Scene,
    rng: np.random.Generator,
) -> Theft:
    """Return the ledger with a cash refund of each pair's sale after its moment."""
    if pairs.is_empty():
        return nothing(ledger)
    numbers = ledger.next_numbers(pairs.height)
    at = pairs.select(tx="moment").join(chosen, on="tx", maintain_order="left")
    tx = refunds_after(at, numbers, rng).with_columns(
        original=pairs["tx"],
        customer=pairs["customer"],
        pay=pl.lit("cash"),
        approver=from_some(rng, scene.approvers, at.height, BORROWED_CODE),
    )
    keyed = pl.Series(np.where(rng.random(pairs.height) < 0.5, "key", "scan"))
    lines = returned(pairs.with_columns(tx=pl.Series(numbers)), reasons(pairs.height, rng), keyed)
    return Theft(
        ledger.plus(Ledger.of(tx=tx, lines=lines)),
        pl.DataFrame({"tx": numbers, "loss": pairs["extended"]}),
    )


def _cash_sales(ledger: Ledger, work: pl.DataFrame, habit: Habit) -> pl.DataFrame:
    """Return `tx, day, start, shopper, item, quantity, extended` of the cash sales in `work`."""
    untouched = ~pl.col("tx").is_in(ledger.tx["original"].drop_nulls().implode())
    sales = work.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("pay") == "cash",
        untouched,
    )
    dear = dearest_lines(ledger.keep(sales["tx"]), habit.least_minor, habit.most_minor)
    return sales.select("tx", "day", "start", "shopper").join(
        dear.select("tx", "item", "quantity", "extended"), on="tx", maintain_order="left"
    )


HABIT = Habit(shift_share=0.55, per_shift=1.6, least_minor=600, most_minor=9_000)

SCHEME = Scheme(
    id="ghost_refund",
    number=15,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("other_hours", replace(HABIT, shift_share=0.4), hidden),
    lookalikes=("service_desk",),
)
