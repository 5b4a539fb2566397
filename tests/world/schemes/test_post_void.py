"""A false post-void: one a day on each of seven days, each of a sale of 35.00."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.post_void import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_each_takes_back_a_whole_cash_sale_minutes_after_it(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    voids = theft.ledger.tx.filter(pl.col("type") == "void")
    sales = voids.join(till.tx, left_on="original", right_on="tx", suffix="_sale")
    assert theft.rows["loss"].to_list() == [3500] * 7
    assert sales["pay_sale"].unique().to_list() == ["cash"]
    delay = sales["start"] - sales["start_sale"] - sales["length_sale"].cast(pl.Int64)
    assert delay.is_between(40, 840).all()


def test_the_approver_is_absent_or_one_who_may_approve(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    voids = act(till, cashier, scene).ledger.tx.filter(pl.col("type") == "void")
    assert voids["approver"].drop_nulls().is_in([3, 4]).all()
