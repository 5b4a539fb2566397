"""Orders refunded in the store and never received."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.online_return_abuse import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief, Variant

HABIT = Habit(shift_share=1.0, per_shift=2.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene, variant: Variant = "plain") -> Theft:
    steal = SCHEME.practice(variant)[1]
    return steal(till, thief, HABIT, scene, np.random.default_rng(3))


def _refunds(theft: Theft) -> pl.DataFrame:
    return theft.ledger.tx.filter(pl.col("type") == "return")


def test_the_customer_is_known_and_the_card_that_paid_gets_the_price(
    till: Ledger, shopper: Thief, scene: Scene
) -> None:
    theft = act(till, shopper, scene)
    refunds = _refunds(theft)
    assert refunds["customer"].unique().to_list() == [7]
    assert refunds["card"].unique().to_list() == [14]
    assert refunds["order"].null_count() == 0
    worth = theft.ledger.worth().join(theft.rows, on="tx")
    assert (worth["net"] == -worth["loss"]).all()


def test_some_orders_are_refunded_again(till: Ledger, shopper: Thief, scene: Scene) -> None:
    orders = _refunds(act(till, shopper, scene))["order"]
    assert 1 < orders.n_unique() < orders.len()


def test_hidden_every_order_is_refunded_once(till: Ledger, shopper: Thief, scene: Scene) -> None:
    orders = _refunds(act(till, shopper, scene, "evasive"))["order"]
    assert orders.is_unique().all()


def test_its_orders_are_not_those_of_others(till: Ledger, shopper: Thief, scene: Scene) -> None:
    taken = till.mark(till.tx["tx"].head(3), order=90_050)
    assert _refunds(act(taken, shopper, scene))["order"].min() > 90_050  # type: ignore[operator]
