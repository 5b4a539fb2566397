"""A cashier gives discounts by hand, each just under the limit that needs a signature.

How: the cashier may take up to 20 % off without asking. Friends get 15 or 20 % off the whole
receipt; or a stranger pays the full price in cash, the discount is keyed after, and the
difference is pocketed.

Numbers: the limit of 20 % is the simulated chain's policy (`shrinkwatch.world.mishaps`); honest
discounts cluster at 5 and 10 %. Our assumption.

Hidden: on promotion days, when everybody gives four times as many; seldom and 10 % otherwise.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.evasions import rare
from shrinkwatch.world.ledger import Ledger
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

SHARES = (0.15, 0.2)
SMALL = 0.1
REASONS = ("customer_service", "missed_promotion", "bulk")

IN_THE_CROWD = Habit(shift_share=1.0, per_shift=5.0, least_minor=2_500, most_minor=40_000)
"""What a hidden thief dares on a promotion day."""


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with unapproved discounts of 15 or 20 % on some whole receipts."""
    del scene
    chosen = moments(_suitable(ledger, thief, habit), thief, habit, rng)
    return _lowered(ledger, chosen, rng.choice(np.array(SHARES), chosen.height), rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with many discounts on promotion days and a few small ones on others."""
    suitable = _suitable(ledger, thief, habit)
    special = pl.col("day").is_in(list(scene.promotion_days))
    crowd = moments(suitable.filter(special), thief, IN_THE_CROWD, rng)
    chosen = pl.concat([crowd, moments(suitable.filter(~special), thief, habit, rng)])
    share = np.where(chosen["day"].is_in(list(scene.promotion_days)), SHARES[0], SMALL)
    return _lowered(ledger, chosen, share, rng)


def _suitable(ledger: Ledger, thief: Thief, habit: Habit) -> pl.DataFrame:
    return own_work(ledger, thief).filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        ~pl.col("employee_sale"),
        pl.col("net").is_between(habit.least_minor, habit.most_minor),
    )


def _lowered(
    ledger: Ledger, chosen: pl.DataFrame, share: NDArray[np.float64], rng: np.random.Generator
) -> Theft:
    """Return the ledger with these shares off the chosen receipts."""
    if chosen.is_empty():
        return nothing(ledger)
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
    evasive=Evasion("in_promotion", rare(HABIT), hidden),
    lookalikes=("promotion_day", "bulk_buyer"),
)
