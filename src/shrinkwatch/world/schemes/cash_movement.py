"""A cashier pays money out of the till for nothing, or sends it to a safe that it never reaches.

How: in a quiet moment a pay-out is keyed in a round sum (petty cash without a receipt), mostly
without a signature; or notes are picked up in the middle of the shift and pocketed on the way.
The drawer agrees with the books either way.

Numbers: round sums of 10 to 60; one in four is a pickup, of fifties; a code is borrowed for one in
four. SCHEMES' 11 is the indicator (round sums, no approver, late deposit). Our assumption.

Hidden: small odd sums, always signed with a borrowed code, as honest petty cash is.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.cash_office import NOTE_MINOR, PAID_OUT_LENGTH_S, PICKUP_LENGTH_S
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import quiet_moments
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
    seconds,
)

PICKED_UP = 0.25
BORROWED_CODE = 0.25
ROUND_MINOR = 1_000


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with pay-outs and pickups in round sums, seldom signed."""
    chosen = moments(quiet_moments(own_work(ledger, thief), idle_s=60), thief, habit, rng)
    count = chosen.height
    picked = rng.random(count) < PICKED_UP
    least, most = -(-habit.least_minor // ROUND_MINOR), habit.most_minor // ROUND_MINOR
    paid = ROUND_MINOR * rng.integers(least, most + 1, count)
    sums = np.where(picked, NOTE_MINOR * rng.integers(1, 3, count), paid)
    approver = from_some(rng, scene.approvers, count, BORROWED_CODE)
    return _moved(ledger, chosen, picked, sums, approver, rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with pay-outs of small odd sums, signed."""
    chosen = moments(quiet_moments(own_work(ledger, thief), idle_s=60), thief, habit, rng)
    count = chosen.height
    sums = 10 * rng.integers(habit.least_minor // 10, habit.most_minor // 10, count)
    approver = from_some(rng, scene.approvers, count, 1.0)
    return _moved(ledger, chosen, np.zeros(count, dtype=np.bool_), sums, approver, rng)


def _moved(
    ledger: Ledger,
    chosen: pl.DataFrame,
    picked: np.ndarray[tuple[int], np.dtype[np.bool_]],
    sums: np.ndarray[tuple[int], np.dtype[np.int64]],
    approver: pl.Series,
    rng: np.random.Generator,
) -> Theft:
    """Return the ledger with a pickup or a pay-out of these sums after each moment."""
    if chosen.is_empty():
        return nothing(ledger)
    numbers = ledger.next_numbers(chosen.height)
    wait = pl.Series(12 + seconds(rng, chosen.height, 25.0), dtype=pl.Int64)
    tx = chosen.select(
        "register",
        "operator",
        "day",
        tx=pl.Series(numbers),
        start=pl.col("start") + pl.col("length") + wait,
        type=pl.Series(np.where(picked, "pickup", "paid_out")),
        length=pl.Series(np.where(picked, PICKUP_LENGTH_S, PAID_OUT_LENGTH_S)),
        amount=pl.Series(-sums),
        approver=approver,
        pay=pl.lit("cash"),
    )
    return Theft(ledger.plus(Ledger.of(tx=tx)), pl.DataFrame({"tx": numbers, "loss": sums}))


HABIT = Habit(shift_share=0.4, per_shift=1.2, least_minor=1_000, most_minor=6_000)

SCHEME = Scheme(
    id="cash_movement",
    number=11,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("under_limit", replace(HABIT, least_minor=300, most_minor=1_500), hidden),
    lookalikes=("cash_rounds",),
)
