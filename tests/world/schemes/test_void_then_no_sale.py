"""A cancelled cash sale, and the drawer opened within two minutes."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.void_then_no_sale import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_each_cancel_is_followed_by_a_no_sale_of_the_same_person(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    cancelled = theft.ledger.tx.filter(pl.col("status") == "cancelled").sort("start")
    opened = theft.ledger.tx.filter(pl.col("type") == "no_sale").sort("start")
    assert cancelled.height == opened.height == 7
    wait = opened["start"] - cancelled["start"] - 30
    assert wait.is_between(10, 115).all()
    assert cancelled["total_at"].to_list() == [14] * 7
    assert cancelled["pay"].null_count() == 7


def test_the_loss_is_the_sale_and_the_no_sale_adds_nothing(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    assert sorted(act(till, cashier, scene).rows["loss"].to_list()) == [0] * 7 + [3500] * 7


def test_a_hidden_one_waits_four_to_fourteen_minutes(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    cancelled = theft.ledger.tx.filter(pl.col("status") == "cancelled").sort("start")
    opened = theft.ledger.tx.filter(pl.col("type") == "no_sale").sort("start")
    assert (opened["start"] - cancelled["start"] - 30).is_between(240, 840).all()
