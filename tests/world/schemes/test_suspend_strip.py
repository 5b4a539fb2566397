"""A parked sale: dead, or fetched back with its cheapest line only."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.suspend_strip import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_a_parked_sale_is_never_paid(till: Ledger, cashier: Thief, scene: Scene) -> None:
    parked = act(till, cashier, scene).ledger.tx.filter(pl.col("status") == "suspended")
    assert parked.height == 7
    assert parked["pay"].null_count() == 7


def test_what_is_fetched_back_is_the_cheapest_line_and_the_rest_is_the_loss(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    back = theft.ledger.tx.filter(pl.col("status") == "resumed")
    assert 0 < back.height < 7
    net = theft.ledger.worth().join(back.select("tx"), on="tx")["net"]
    assert net.to_list() == [500] * back.height
    losses = theft.rows.filter(pl.col("loss") > 0)["loss"].to_list()
    assert sorted(losses) == [3000] * back.height + [3500] * (7 - back.height)


def test_a_hidden_one_lacks_only_the_dearest_line(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    back = theft.ledger.tx.filter(pl.col("status") == "resumed")
    net = theft.ledger.worth().join(back.select("tx"), on="tx")["net"]
    assert net.to_list() == [1500] * 7
    assert sorted(theft.rows["loss"].to_list()) == [0] * 7 + [2000] * 7
