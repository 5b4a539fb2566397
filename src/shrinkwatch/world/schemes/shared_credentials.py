"""An employee's number and password serve where the employee is not, to refund cash to nobody.

How: the number is given to a friend, or used from a second till to have an alibi: a false return
without a receipt is keyed under it while its owner serves customers elsewhere, or after the owner
has gone home; or the owner approves their own false return.

Numbers: 45 % at another till at the same time, 25 % after the owner has gone (a quarter of an hour
after the last record at least), the rest signed by the owner. Returns of 10 to 70 for cash.
SCHEMES' 40 is the indicator (two registers at once; active while clocked out; self-approval). Our
assumption.

Hidden: only while the own till is idle, and signed with a supervisor's code.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import picked_goods, quiet_moments, refunds_after
from shrinkwatch.world.theft import (
    Evasion,
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    days_of,
    from_some,
    moments,
    nothing,
    own_work,
)

TWO_TILLS, GONE_HOME = 0.45, 0.25
BORROWED_CODE = 0.3
AT_ONCE_S = 300
GONE_S = 900
QUIET_S, OWN_IDLE_S = 60, 480


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with false returns under the thief's number, wherever the thief is."""
    work = own_work(ledger, thief)
    chosen = moments(quiet_moments(work, QUIET_S), thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    lot = pl.Series(rng.random(chosen.height))
    other = _at_other_tills(ledger, thief, scene)
    at_once = (pl.col("at") - pl.col("moment_start")).is_between(-AT_ONCE_S, AT_ONCE_S)
    home = pl.col("at") > pl.col("last_end") + GONE_S
    last = work.group_by("day").agg(last_end=(pl.col("start") + pl.col("length")).max())
    early, late = chosen.filter(lot < TWO_TILLS), chosen.filter(lot > 1 - GONE_HOME)
    places = pl.concat(
        [_one_each(early, other, last, at_once, rng), _one_each(late, other, last, home, rng)]
    ).unique("tx", keep="first", maintain_order=True)
    own = chosen.join(places, left_on="tx", right_on="moment", how="anti", maintain_order="left")
    elsewhere = places.drop("moment")
    code = from_some(rng, scene.approvers, elsewhere.height, BORROWED_CODE)
    signed = pl.concat([code, pl.Series([thief.actor] * own.height, dtype=pl.Int32)])
    at = pl.concat([elsewhere, own.select(elsewhere.columns)])
    return _refunded(ledger, at, signed, thief, habit, scene, rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with false returns at another till while the thief's own is idle."""
    work = own_work(ledger, thief)
    chosen = moments(quiet_moments(work, OWN_IDLE_S), thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    other = _at_other_tills(ledger, thief, scene)
    last = work.group_by("day").agg(last_end=(pl.col("start") + pl.col("length")).max())
    walked = (pl.col("at") - pl.col("moment_end")).is_between(30, AT_ONCE_S)
    places = _one_each(chosen, other, last, walked, rng)
    own = chosen.join(places, left_on="tx", right_on="moment", how="anti", maintain_order="left")
    elsewhere = places.drop("moment")
    at = pl.concat([elsewhere, own.select(elsewhere.columns)])
    signed = from_some(rng, scene.approvers, at.height, 1.0)
    return _refunded(ledger, at, signed, thief, habit, scene, rng)


def _at_other_tills(ledger: Ledger, thief: Thief, scene: Scene) -> pl.DataFrame:
    """Return what others rang at staffed tills with nobody waiting, and `at`, when it was done."""
    others = days_of(ledger, thief).filter(
        pl.col("operator") != thief.actor, ~pl.col("register").is_in(list(scene.self_checkout))
    )
    return quiet_moments(others, QUIET_S).select(
        "tx",
        "register",
        "day",
        "start",
        "length",
        at=pl.col("start") + pl.col("length"),
    )


def _one_each(
    chosen: pl.DataFrame,
    other: pl.DataFrame,
    last: pl.DataFrame,
    fits: pl.Expr,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return one of the other tills' records for each moment that has one that fits.

    Columns `moment, tx, register, day, start, length`; never at the register of the moment.
    """
    pairs = (
        chosen.select(
            "day",
            moment="tx",
            moment_start="start",
            moment_end=pl.col("start") + pl.col("length"),
            own_register="register",
        )
        .join(last, on="day", maintain_order="left")
        .join(other, on="day", maintain_order="left")
        .filter(fits, pl.col("register") != pl.col("own_register"))
    )
    return (
        pairs.with_columns(lot=pl.Series(rng.random(pairs.height), dtype=pl.Float64))
        .sort("moment", "lot")
        .unique("moment", keep="first", maintain_order=True)
        .unique("tx", keep="first", maintain_order=True)
        .select("moment", "tx", "register", "day", "start", "length")
    )


def _refunded(
    ledger: Ledger,
    at: pl.DataFrame,
    signed: pl.Series,
    thief: Thief,
    habit: Habit,
    scene: Scene,
    rng: np.random.Generator,
) -> Theft:
    """Return the ledger with a false cash return under the thief's number after each record."""
    numbers = ledger.next_numbers(at.height)
    rung = at.with_columns(operator=pl.lit(thief.actor, dtype=pl.Int32))
    tx = refunds_after(rung, numbers, rng).with_columns(pay=pl.lit("cash"), approver=signed)
    lines = picked_goods(numbers, habit, scene, rng)
    loss = -(lines["quantity"] * lines["price"]).round().cast(pl.Int64)
    return Theft(
        ledger.plus(Ledger.of(tx=tx, lines=lines)), pl.DataFrame({"tx": numbers, "loss": loss})
    )


HABIT = Habit(shift_share=0.45, per_shift=1.3, least_minor=1_000, most_minor=7_000)

SCHEME = Scheme(
    id="shared_credentials",
    number=40,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("one_till_at_a_time", replace(HABIT, shift_share=0.35), hidden),
    lookalikes=("signs_for_all", "helping_supervisor"),
)
