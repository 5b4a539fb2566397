"""Real customers served in training mode."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.training_mode_sale import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_each_sale_keeps_its_goods_and_opens_the_drawer(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    rung = theft.ledger.tx.filter("training")
    assert rung["tx"].sort().equals(theft.rows["tx"].sort())
    assert theft.rows["loss"].to_list() == [3500] * 7
    opened = theft.ledger.events.filter(pl.col("type") == "drawer_open")
    assert set(opened["tx"]) == set(rung["tx"])
    assert opened["at"].unique().to_list() == [16]


def test_a_hidden_one_is_in_the_first_hour_and_leaves_the_drawer_shut(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    """The thief's first sale is at 10:00."""
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    rung = theft.ledger.tx.filter("training")
    assert rung.height == 7
    assert (rung["start"] % 86_400).is_between(36_000, 39_600).all()
    assert theft.ledger.events.is_empty()
