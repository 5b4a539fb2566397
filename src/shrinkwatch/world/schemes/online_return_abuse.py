"""A customer has orders refunded in the store that nobody ever brings back.

How: a box with something else in it, or no box and a good story: the order is in the system, the
desk is busy, and the card that paid gets its money. Some orders are refunded again, weeks later,
for the part that was "missing".

Numbers: on one day in seven of the series, 20.00 to 200.00; two refunds in five are on an order
that was refunded before. Our assumption; the indicator (refunded and kept; returned in store, never
received) is SCHEMES' 41.

Hidden: every order once, and half as often.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.orders import FIRST_STOLEN, goods_of_orders, refunds_of_orders
from shrinkwatch.world.refunds import counter, refunds_after
from shrinkwatch.world.theft import (
    Evasion,
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    moments,
    nothing,
)

AGAIN = 0.4


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with refunds of orders, some of them refunded twice and more."""
    return _refunded(ledger, thief, habit, scene, AGAIN, rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with one refund of each order."""
    return _refunded(ledger, thief, habit, scene, 0.0, rng)


def _refunded(
    ledger: Ledger,
    thief: Thief,
    habit: Habit,
    scene: Scene,
    again: float,
    rng: np.random.Generator,
) -> Theft:
    chosen = moments(counter(ledger, thief, scene, idle_s=40), thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    count = chosen.height
    numbers = ledger.next_numbers(count)
    used = ledger.tx["order"].drop_nulls().to_numpy().max(initial=0)
    first = max(int(used), scene.first_shopper + FIRST_STOLEN) + 1
    at = refunds_after(chosen, numbers, rng).with_columns(
        shopper=pl.lit(thief.actor),
        card=pl.lit(2 * thief.actor),
        order=first + pl.Series(np.cumsum(rng.random(count) >= again)),
    )
    price = scene.price[scene.stocked]
    tempting = scene.stocked[(price >= habit.least_minor) & (price <= habit.most_minor)]
    item = rng.choice(tempting if tempting.size else scene.stocked, count)
    lines = goods_of_orders(pl.Series("tx", numbers), item, scene.price, rng)
    return Theft(
        ledger.plus(Ledger.of(tx=refunds_of_orders(at, rng), lines=lines)),
        pl.DataFrame({"tx": numbers, "loss": scene.price[item]}),
    )


HABIT = Habit(
    shift_share=0.14, per_shift=1.1, least_minor=2_000, most_minor=20_000, spell_weeks=10.0
)

SCHEME = Scheme(
    id="online_return_abuse",
    number=41,
    actor="customer",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("one_refund_an_order", replace(HABIT, shift_share=0.07), hidden),
    lookalikes=("order_desk",),
)
