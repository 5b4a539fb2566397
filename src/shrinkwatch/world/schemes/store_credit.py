"""An employee writes out store credit for complaints that nobody made.

How: in a quiet moment credit is issued without goods coming back, as is done when a customer was
wronged; no name is taken down, the note goes into a pocket, and a friend shops with it.

Numbers: the round sums of honest goodwill, from 10.00; a borrowed code in a third, against three
in four of the honest ones signed; half spent in the same store within two weeks. Our assumption;
the indicator (credit issued without a return) is SCHEMES' 28.

Hidden: 5.00 or 10.00, always with a code and a customer's name from the files.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.credit import SUMS_MINOR, issued
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import quiet_moments
from shrinkwatch.world.spending import covered
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

BORROWED_CODE = 0.35
SMALL_MINOR = (500, 1_000)
SPENT = 0.5
SPENT_WITHIN_S = 14 * 86_400
LEAST_SHARE = 0.4


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with credit for nobody, half of which is spent."""
    sums = tuple(minor for minor in SUMS_MINOR if minor >= habit.least_minor)
    given = _given(ledger, thief, habit, sums, rng)
    if given.is_empty():
        return nothing(ledger)
    signed = given.with_columns(
        approver=from_some(rng, scene.approvers, given.height, BORROWED_CODE)
    )
    return _spent(ledger, signed, thief, rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with small credit, signed and in the names of real customers."""
    given = _given(ledger, thief, habit, SMALL_MINOR, rng)
    known = ledger.tx.filter(pl.col("type") == "sale")["shopper"].drop_nulls()
    if given.is_empty():
        return nothing(ledger)
    signed = given.with_columns(
        approver=from_some(rng, scene.approvers, given.height, 1.0),
        customer=known.gather(rng.integers(0, known.len(), given.height)),
    )
    return _spent(ledger, signed, thief, rng)


def _given(
    ledger: Ledger,
    thief: Thief,
    habit: Habit,
    sums: tuple[int, ...],
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return the records of credit issued after quiet moments, of one of these sums each."""
    chosen = moments(quiet_moments(own_work(ledger, thief), idle_s=60), thief, habit, rng)
    wait = pl.Series(12 + seconds(rng, chosen.height, 25.0), dtype=pl.Int64)
    at = chosen.select(
        pl.Series("tx", ledger.next_numbers(chosen.height)),
        "register",
        "operator",
        "day",
        start=pl.col("start") + pl.col("length") + wait,
    )
    amount = -pl.Series(rng.choice(np.array(sums), at.height), dtype=pl.Int64)
    return issued(at, rng).with_columns(amount=amount)


def _spent(ledger: Ledger, given: pl.DataFrame, thief: Thief, rng: np.random.Generator) -> Theft:
    """Return the ledger with the credit, and later cash sales paid by half of it instead."""
    notes = given.select(card_no="tx", face=-pl.col("amount"), since="start").filter(
        pl.Series(rng.random(given.height) < SPENT)
    )
    used = pl.concat(
        [ledger.tx["original"].drop_nulls(), pl.Series(thief.spoken_for, dtype=pl.Int64)]
    )
    sales = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("pay") == "cash",
        pl.col("operator") != thief.actor,
        ~pl.col("training"),
        ~pl.col("tx").is_in(used.implode()),
    ).select("tx", "start")
    worth = sales.join(ledger.keep(sales["tx"]).worth(), on="tx", maintain_order="left")
    paid = covered(notes, worth, LEAST_SHARE, SPENT_WITHIN_S)["tx"]
    return Theft(
        ledger.mark(paid, pay="store_credit").plus(Ledger.of(tx=given)),
        given.select("tx", loss=-pl.col("amount")),
    )


HABIT = Habit(shift_share=0.4, per_shift=1.4, least_minor=1_000, most_minor=5_000)

SCHEME = Scheme(
    id="store_credit",
    number=28,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("under_limit", replace(HABIT, shift_share=0.35), hidden),
    at_desk=True,
    lookalikes=("service_desk",),
)
