"""An employee refunds other people's card purchases to a card of their own.

How: a receipt that a customer left behind, or one from the electronic journal, is used to return
its dearest item; the money goes not to the card that paid but to the employee's or a friend's.
Those cards gather refunds and buy nothing.

Numbers: one or two cards per thief; receipts 1-20 days old. Our assumption; the indicator
(refund tender differs from the original's, a card with a negative balance) is SCHEMES' 14.

Hidden: the card also buys: two purchases in the same store for each refund (our assumption).
"""

import numpy as np
import polars as pl

from shrinkwatch.world.evasions import rare
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

BORROWED_CODE = 0.5
OLDEST_DAYS = 20
PURCHASES = 2


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with refunds of others' card sales to the thief's cards."""
    chosen = moments(quiet_moments(own_work(ledger, thief), idle_s=75), thief, habit, rng)
    pairs = earlier_sales(_card_sales(ledger, habit), chosen, OLDEST_DAYS, 0, rng)
    if pairs.is_empty():
        return nothing(ledger)
    numbers = ledger.next_numbers(pairs.height)
    at = pairs.select(tx="moment").join(chosen, on="tx", maintain_order="left")
    tx = refunds_after(at, numbers, rng).with_columns(
        original=pairs["tx"],
        pay=pl.lit("credit"),
        card=pl.Series(rng.choice(np.array(thief.own_cards), at.height), dtype=pl.Int32),
        approver=from_some(rng, scene.approvers, at.height, BORROWED_CODE),
    )
    scanned = pl.Series(["scan"] * pairs.height)
    lines = returned(pairs.with_columns(tx=pl.Series(numbers)), reasons(pairs.height, rng), scanned)
    return Theft(
        ledger.plus(Ledger.of(tx=tx, lines=lines)),
        pl.DataFrame({"tx": numbers, "loss": pairs["extended"]}),
    )


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with refunds to cards that also pay for purchases at the store."""
    theft = steal(ledger, thief, habit, scene, rng)
    used = pl.concat([theft.rows["tx"], pl.Series(thief.spoken_for, dtype=pl.Int64)])
    sales = theft.ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("pay").is_in(["credit", "debit"]),
        pl.col("loyalty").is_null(),
        ~pl.col("employee_sale"),
        ~pl.col("tx").is_in(pl.concat([used, theft.ledger.tx["original"].drop_nulls()]).implode()),
    )["tx"]
    count = min(PURCHASES * theft.rows.height, sales.len())
    bought = sales.gather(np.sort(rng.choice(sales.len(), count, replace=False)))
    cards = rng.choice(np.array(thief.own_cards), count)
    paid = pl.DataFrame({"tx": bought, "own": pl.Series(cards, dtype=pl.Int32)})
    tx = theft.ledger.tx.join(paid, on="tx", how="left", maintain_order="left")
    return Theft(theft.ledger.with_tx(tx.with_columns(card=pl.coalesce("own", "card"))), theft.rows)


def _card_sales(ledger: Ledger, habit: Habit) -> pl.DataFrame:
    """Return `tx, day, start, item, quantity, extended` of card sales with a dear item."""
    untouched = ~pl.col("tx").is_in(ledger.tx["original"].drop_nulls().implode())
    sales = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("pay").is_in(["credit", "debit"]),
        untouched,
    )
    dear = dearest_lines(ledger.keep(sales["tx"]), habit.least_minor, habit.most_minor)
    return sales.select("tx", "day", "start").join(
        dear.select("tx", "item", "quantity", "extended"), on="tx", maintain_order="left"
    )


HABIT = Habit(shift_share=0.5, per_shift=1.5, least_minor=1_500, most_minor=15_000)

SCHEME = Scheme(
    id="refund_to_other_card",
    number=14,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("card_that_buys", rare(HABIT), hidden),
    at_desk=True,
    lookalikes=("service_desk",),
)
