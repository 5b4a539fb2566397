"""A discount by hand of 15 or 20 percent of 35.00."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.manual_discount import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_the_whole_receipt_loses_525_or_700(till: Ledger, cashier: Thief, scene: Scene) -> None:
    theft = act(till, cashier, scene)
    changes = theft.ledger.changes
    assert changes["line"].null_count() == changes.height == 7
    assert changes["amount"].is_in([-525, -700]).all()
    assert changes["approver"].null_count() == 7
    assert theft.rows["loss"].sum() == -changes["amount"].sum()


def test_a_hidden_one_hides_among_the_discounts_of_a_promotion_day(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    """Day 4 is one; on the six others at most one of 10 % of 35.00."""
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    days = theft.rows.join(till.tx.select("tx", "day"), on="tx")
    crowd = days.filter(pl.col("day") == 4)
    assert crowd.height >= 2
    assert set(crowd["loss"]) == {525}
    assert set(days.filter(pl.col("day") != 4)["loss"]) == {350}
