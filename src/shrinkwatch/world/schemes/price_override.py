"""A cashier types in a far lower price for friends.

How: a friend comes to the cashier's lane; one or two dear items get an override of 40-80 %, with
a made-up reason, on the cashier's own authority or with a code borrowed from one supervisor.

Numbers: honest overrides are 10-50 % deep (damaged goods, price match); depth and frequency here
are our assumption.

Hidden: 15-30 % off, no deeper than a damaged box would be, and always signed.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import dearest_lines
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

BORROWED_CODE = 0.35
DEPTH = (0.4, 0.8)
ORDINARY_DEPTH = (0.15, 0.3)


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with deep price overrides on the dearest line of some sales."""
    return _overridden(ledger, thief, habit, scene, rng, DEPTH, BORROWED_CODE)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with signed overrides of an ordinary depth on some dear lines."""
    return _overridden(ledger, thief, habit, scene, rng, ORDINARY_DEPTH, 1.0)


def _overridden(
    ledger: Ledger,
    thief: Thief,
    habit: Habit,
    scene: Scene,
    rng: np.random.Generator,
    deep: tuple[float, float],
    signed: float,
) -> Theft:
    sales = own_work(ledger, thief).filter(
        pl.col("type") == "sale", pl.col("status") == "completed", ~pl.col("employee_sale")
    )
    dear = dearest_lines(ledger.keep(sales["tx"]), habit.least_minor, habit.most_minor)
    suitable = sales.join(
        dear.select("tx", "line", "extended", "at"), on="tx", maintain_order="left"
    )
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    depth = rng.uniform(*deep, chosen.height)
    lower = (chosen["extended"].to_numpy() * depth).astype(np.int64)
    code = rng.choice(np.array(scene.approvers)) if scene.approvers else None
    borrowed = rng.random(chosen.height) < signed
    changes = chosen.select(
        "tx",
        "line",
        type=pl.lit("override"),
        amount=-pl.Series(lower),
        reason=pl.Series(
            rng.choice(np.array(["damaged", "price_match", "wrong_label"]), lower.size)
        ),
        approver=pl.when(pl.Series(borrowed)).then(pl.lit(code)),
    )
    events = chosen.select("tx", type=pl.lit("override"), at=pl.col("at") + 4)
    return Theft(
        ledger.plus(Ledger.of(changes=changes, events=events)),
        pl.DataFrame({"tx": chosen["tx"], "loss": lower}),
    )


HABIT = Habit(shift_share=0.6, per_shift=2.2, least_minor=1_000, most_minor=20_000)

SCHEME = Scheme(
    id="price_override",
    number=22,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("under_limit", HABIT, hidden),
    lookalikes=("price_file_error", "promotion_day"),
)
