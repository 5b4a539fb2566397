"""A cashier cancels a sale that the customer paid in exact cash, then opens the drawer for it.

How: a customer puts exact cash on the counter and walks off without a receipt; the cashier
cancels the transaction after total and, within two minutes, opens the drawer with the no-sale
key to make the cash vanish from the till.

Numbers: drawer opened 10-115 s after the cancel (SCHEMES: 0-120 s); small sums, since customers
who do not wait for a receipt buy little. Our assumption.

Hidden: the drawer stays shut until other customers have come and gone, 4-14 minutes.
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

SOON_S = (10, 116)
LATER_S = (240, 841)


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with some cash sales cancelled after total, a no-sale soon after each."""
    del scene
    return _cancelled(ledger, thief, habit, SOON_S, rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with some cash sales cancelled and a no-sale minutes after each."""
    del scene
    return _cancelled(ledger, thief, habit, LATER_S, rng)


def _cancelled(
    ledger: Ledger,
    thief: Thief,
    habit: Habit,
    wait_s: tuple[int, int],
    rng: np.random.Generator,
) -> Theft:
    suitable = quiet_cash_sales(own_work(ledger, thief), habit, idle_s=60)
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    opened = drawer_opened(ledger, chosen, pl.Series(rng.integers(*wait_s, chosen.height)))
    cancelled = ledger.mark(chosen["tx"], status="cancelled", pay=None)
    rows = pl.concat(
        [
            chosen.select("tx", loss="net"),
            opened.tx.select("tx", loss=pl.lit(0, dtype=pl.Int64)),
        ]
    )
    return Theft(cancelled.plus(opened), rows)


HABIT = Habit(shift_share=0.6, per_shift=2.2, least_minor=400, most_minor=5_000)

SCHEME = Scheme(
    id="void_then_no_sale",
    number=5,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("delayed", replace(HABIT, per_shift=1.4), hidden),
    lookalikes=("change_lane", "new_starter"),
)
