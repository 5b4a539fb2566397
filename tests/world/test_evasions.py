"""Ways to hide that suit several schemes."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from shrinkwatch.world.evasions import colleague_at, rare, under_colleagues_ids
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.post_void import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def test_the_rare_thief_strikes_a_third_as_often_and_once_on_a_shift() -> None:
    """0.6 of the shifts × 2.0 on each = 1.2 a shift; a third of it is 0.4."""
    habit = rare(Habit(shift_share=0.6, per_shift=2.0, least_minor=400, most_minor=9_000))
    assert habit.shift_share == pytest.approx(0.4)
    assert habit.per_shift == 1.0


def _early(till: Ledger) -> Ledger:
    """Let operator 1, who is there once a day in the fixture, also ring at nine."""
    more = till.tx.filter(pl.col("operator") == 1).with_columns(
        tx=pl.col("tx") + 1000, start=pl.col("day").cast(pl.Int64) * 86_400 + 32_400
    )
    return till.plus(Ledger.of(tx=more))


def test_false_records_carry_a_colleague_s_number_and_honest_ones_keep_their_own(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    """Operator 1 is there from 9:00 to 11:40; the sales taken back are from 10:00 to 11:30."""
    ledger = _early(till)
    hidden = under_colleagues_ids(HABIT, SCHEME.steal)
    theft = hidden.steal(ledger, cashier, HABIT, scene, np.random.default_rng(3))
    voids = theft.ledger.tx.filter(pl.col("type") == "void")
    inside = voids.filter(pl.col("start") % 86_400 <= 42_000)
    assert inside.height >= 5
    assert set(inside["operator"]) == {1}
    assert theft.ledger.without(voids["tx"]).tx.sort("tx").equals(ledger.tx.sort("tx"))


def test_nobody_lends_a_number_who_is_not_there(till: Ledger, cashier: Thief, scene: Scene) -> None:
    """In the fixture operator 1 rings once a day, at 11:40, and operator 9 is a machine."""
    moments = till.tx.filter(pl.col("operator") == 0).select("tx", "day", "start")
    rng = np.random.default_rng(0)
    assert colleague_at(till, moments, cashier, scene, rng).is_empty()
    alone = replace(scene, colleagues=(0,))
    assert colleague_at(_early(till), moments, cashier, alone, rng).is_empty()
    assert colleague_at(_early(till), moments, cashier, scene, rng).height == moments.height
