"""A cashier gives discounts by hand, each just under the limit that needs a signature.

How: the cashier may take up to 20 % off without asking. Friends get 15 or 20 % off the whole
receipt; or a stranger pays the full price in cash, the discount is keyed after, and the
difference is pocketed.

Numbers: the limit of 20 % is the simulated chain's policy (`shrinkwatch.world.mishaps`); honest
discounts cluster at 5 and 10 %. Our assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.evasions import rarely
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.theft import (
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    moments,
    nothing,
    own_work,
)

SHARES = (0.15, 0.2)
REASONS = ("customer_service", "missed_promotion", "bulk")


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with unapproved discounts of 15 or 20 % on some whole receipts."""
    del scene
    suitable = own_work(ledger, thief).filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        ~pl.col("employee_sale"),
        pl.col("net").is_between(habit.least_minor, habit.most_minor),
    )
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    share = rng.choice(np.array(SHARES), chosen.height)
    lower = np.floor(chosen["net"].to_numpy() * share).astype(np.int64)
    changes = chosen.select(
        "tx",
        type=pl.lit("manual_discount"),
        amount=-pl.Series(lower),
        reason=pl.Series(rng.choice(np.array(REASONS), chosen.height)),
    )
    return Theft(
        ledger.plus(Ledger.of(changes=changes)),
        pl.DataFrame({"tx": chosen["tx"], "loss": lower}),
    )


HABIT = Habit(shift_share=0.7, per_shift=3.0, least_minor=2_500, most_minor=40_000)

SCHEME = Scheme(
    id="manual_discount",
    number=23,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=rarely(HABIT, steal),
)
