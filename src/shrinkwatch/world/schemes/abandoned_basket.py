"""A cashier scans a customer's goods, takes exact cash, and never closes the receipt.

How: prices add up on the display, the customer puts the sum on the counter and leaves; the total
is never pressed, the basket is given up, and the drawer is opened with the no-sale key soon after
to give change to nobody.

Numbers: drawer opened 5-150 s after the basket was given up; SCHEMES' 4 is the indicator. Sums are
small, since customers who do not wait for a receipt buy little. Our assumption.

Hidden: no drawer is opened for it; the cash lies beside the till until the next sale opens it.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.theft import (
    Evasion,
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    drawer_opened,
    moments,
    nothing,
    own_work,
    quiet_cash_sales,
)

OPENED_S = (5, 151)


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with some cash sales given up before total and a no-sale after each."""
    theft = hidden(ledger, thief, habit, scene, rng)
    given_up = ledger.tx.join(theft.rows, on="tx", how="semi", maintain_order="left")
    wait = pl.Series(rng.integers(*OPENED_S, given_up.height))
    opened = drawer_opened(theft.ledger, given_up, wait)
    also = opened.tx.select("tx", loss=pl.lit(0, dtype=pl.Int64))
    return Theft(theft.ledger.plus(opened), pl.concat([theft.rows, also]))


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with some cash sales given up before total."""
    del scene
    suitable = quiet_cash_sales(own_work(ledger, thief), habit, idle_s=60)
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    given_up = ledger.mark(chosen["tx"], status="cancelled", pay=None, refused=None, total_at=None)
    return Theft(given_up, chosen.select("tx", loss="net"))


HABIT = Habit(shift_share=0.55, per_shift=2.0, least_minor=300, most_minor=4_500)

SCHEME = Scheme(
    id="abandoned_basket",
    number=4,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("with_the_next_sale", replace(HABIT, per_shift=1.4), hidden),
    lookalikes=("cancel_as_price_check", "terminal_trouble"),
)
