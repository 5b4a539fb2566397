"""A cash sale cancelled after its total."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.cancel_after_total import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_each_is_a_totalled_sale_that_takes_no_money(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    cancelled = theft.ledger.tx.filter(pl.col("status") == "cancelled")
    assert theft.rows["loss"].to_list() == [3500] * 7
    assert cancelled["total_at"].to_list() == [14] * 7
    assert cancelled["pay"].null_count() == 7
    assert 0 < cancelled["refused"].null_count() < 7
    assert theft.ledger.tx.height == till.tx.height


def test_a_hidden_one_is_rung_again_with_its_cheapest_line(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    """35.00 is cancelled and 5.00 sold: 30.00 is gone."""
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    again = theft.ledger.without(till.tx["tx"])
    assert again.worth()["net"].to_list() == [500] * 7
    assert again.tx["pay"].unique().to_list() == ["cash"]
    assert sorted(theft.rows["loss"].to_list()) == [0] * 7 + [3000] * 7
