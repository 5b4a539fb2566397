"""Pay-outs for nothing, and pickups that reach no safe."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.cash_movement import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Thief

HABIT = Habit(shift_share=1.0, per_shift=4.0, least_minor=400, most_minor=3_000)


def test_each_takes_a_round_sum_out_of_the_till(till: Ledger, cashier: Thief, scene: Scene) -> None:
    """Pay-outs of 10, 20 or 30, or pickups of 50 or 100."""
    theft = SCHEME.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    moved = theft.ledger.tx.join(theft.rows, on="tx")
    assert (moved["amount"] == -moved["loss"]).all()
    assert set(moved.filter(pl.col("type") == "paid_out")["loss"]) <= {1000, 2000, 3000}
    assert set(moved.filter(pl.col("type") == "pickup")["loss"]) <= {5000, 10_000}
    assert set(moved["type"]) == {"paid_out", "pickup"}
    assert 0 < moved["approver"].is_not_null().mean() < 0.6  # type: ignore[operator]
    assert theft.ledger.keep(moved["tx"]).lines.is_empty()


def test_a_hidden_one_is_an_odd_sum_and_signed(till: Ledger, cashier: Thief, scene: Scene) -> None:
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    moved = theft.ledger.tx.join(theft.rows, on="tx")
    assert set(moved["type"]) == {"paid_out"}
    assert moved["approver"].is_in(list(scene.approvers)).all()
    assert moved["loss"].is_between(400, 3_000).all()
    assert (moved["loss"] % 500 != 0).mean() > 0.7  # type: ignore[operator]
