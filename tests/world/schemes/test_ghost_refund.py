"""A return of the thief's own earlier cash sale."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.ghost_refund import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_it_names_an_own_cash_sale_of_the_last_four_days(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    refunds = act(till, cashier, scene).ledger.tx.filter(pl.col("type") == "return")
    sales = refunds.join(till.tx, left_on="original", right_on="tx", suffix="_sale")
    assert sales.height > 0
    assert sales["operator_sale"].unique().to_list() == [0]
    assert sales["pay_sale"].unique().to_list() == ["cash"]
    assert (sales["day"] - sales["day_sale"]).is_between(0, 4).all()
    assert refunds["customer"].null_count() == refunds.height


def test_with_a_waiting_line_all_day_it_does_not_happen_before_evening(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    """At noon the store closes; sales end at 11:30:30 and start again every ten minutes."""
    crowded = till.with_tx(till.tx.with_columns(length=pl.lit(380)))
    refunds = act(crowded, cashier, scene).ledger.tx.filter(pl.col("type") == "return")
    assert (refunds["start"] % 86_400 > 12 * 3600 - 40 * 60).all()


def test_a_hidden_one_is_not_in_the_last_forty_minutes_and_names_a_customer_now_and_then(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    thefts = [
        SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(seed))
        for seed in range(12)
    ]
    back = pl.concat([t.ledger.tx.filter(pl.col("type") == "return") for t in thefts])
    assert (back["start"] % 86_400 < 12 * 3600 - 40 * 60 + 600).all()
    assert 0.1 < back["customer"].is_not_null().mean() < 0.6  # type: ignore[operator]
