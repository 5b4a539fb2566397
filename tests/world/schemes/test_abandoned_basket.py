"""A basket that was paid for and never totalled."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.abandoned_basket import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_each_basket_is_given_up_before_total_and_the_drawer_opened(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    given_up = theft.ledger.tx.filter(pl.col("status") == "cancelled").sort("start")
    opened = theft.ledger.tx.filter(pl.col("type") == "no_sale").sort("start")
    assert given_up["total_at"].null_count() == given_up.height == opened.height == 7
    assert (opened["start"] - given_up["start"] - 30).is_between(5, 150).all()
    assert opened["operator"].unique().to_list() == [0]
    assert sorted(theft.rows["loss"].to_list()) == [0] * 7 + [3500] * 7


def test_a_hidden_one_opens_no_drawer(till: Ledger, cashier: Thief, scene: Scene) -> None:
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    assert theft.ledger.tx.height == till.tx.height
    assert theft.rows["loss"].to_list() == [3500] * 7
