"""An employee rings returns of goods that nobody brought back, without a receipt, for cash.

How: with nobody at the desk, an item of a known price is keyed or scanned from the shelf as a
return without an original; the cash goes into a pocket and the stock record gains goods that do
not exist.

Numbers: 15.6 % of returns by value are made without a receipt (NRF and Appriss Retail, 2021
Returns Survey) and 12.8 % of those are fraudulent; at most shops, sums above about 100 need a
second signature, so thieves stay below. Frequencies are our assumption.

Hidden: the returns are spread over the numbers of colleagues at work (our assumption).
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.evasions import under_colleagues_ids
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import picked_goods, quiet_moments, refunds_after
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
)

BORROWED_CODE = 0.5


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with false cash returns that name no original."""
    suitable = quiet_moments(own_work(ledger, thief), idle_s=60)
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    numbers = ledger.next_numbers(chosen.height)
    tx = refunds_after(chosen, numbers, rng).with_columns(
        pay=pl.lit("cash"),
        approver=from_some(rng, scene.approvers, chosen.height, BORROWED_CODE),
    )
    lines = picked_goods(numbers, habit, scene, rng)
    loss = -(lines["quantity"] * lines["price"]).round().cast(pl.Int64)
    return Theft(
        ledger.plus(Ledger.of(tx=tx, lines=lines)), pl.DataFrame({"tx": numbers, "loss": loss})
    )


HABIT = Habit(shift_share=0.6, per_shift=1.8, least_minor=1_200, most_minor=8_000)

SCHEME = Scheme(
    id="refund_without_receipt",
    number=13,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=under_colleagues_ids(replace(HABIT, shift_share=0.45), steal),
    at_desk=True,
    lookalikes=("recall", "service_desk", "trader"),
)
