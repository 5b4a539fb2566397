"""A cashier takes back a finished cash sale after the customer has left, and keeps the cash.

How: the sale is rung, paid in cash and handed over; minutes later, with nobody at the till, it is
post-voided. The books and the drawer agree once the cash is pocketed. The goods are not rung
again, which is what an honest correction would do.

Numbers: quick enough to be the last receipts on the roll (median 4 minutes; the indicator in
SCHEMES is 5-15), amounts large enough to be worth it and small enough not to be asked about;
a borrowed supervisor code in two of three. Our assumption, as is everything without a source;
void fraud on cash sales as a classic: Silver Star Analytics, "Threats to profits at point of
sale" (2014).

Hidden: the void is keyed under the number of a colleague who is at work (our assumption).
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.evasions import under_colleagues_ids
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.theft import (
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    from_some,
    moments,
    nothing,
    own_work,
    quiet_cash_sales,
    seconds,
)

BORROWED_CODE = 0.65
MEDIAN_DELAY_S = 240.0


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with some of the thief's cash sales taken back by post-voids."""
    chosen = moments(quiet_cash_sales(own_work(ledger, thief), habit), thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    numbers = ledger.next_numbers(chosen.height)
    delay = np.clip(seconds(rng, chosen.height, MEDIAN_DELAY_S), 40, 840)
    voids = chosen.select(
        pl.Series("tx", numbers),
        "register",
        "operator",
        "day",
        "pay",
        "card",
        "shopper",
        start=pl.col("start") + pl.col("length") + pl.Series(delay),
        length=pl.lit(25),
        total_at=pl.lit(8),
        type=pl.lit("void"),
        original=pl.col("tx"),
        approver=from_some(rng, scene.approvers, chosen.height, BORROWED_CODE),
    )
    return Theft(
        ledger.plus(Ledger.of(tx=voids)),
        pl.DataFrame({"tx": numbers, "loss": chosen["net"]}),
    )


HABIT = Habit(shift_share=0.55, per_shift=1.8, least_minor=900, most_minor=9_000)

SCHEME = Scheme(
    id="post_void",
    number=1,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=under_colleagues_ids(replace(HABIT, shift_share=0.4), steal),
    lookalikes=("new_starter",),
)
