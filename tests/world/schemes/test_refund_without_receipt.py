"""A cash return that names no original and no customer."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.refund_without_receipt import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_it_names_neither_a_sale_nor_a_customer_and_pays_cash(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    refunds = act(till, cashier, scene).ledger.tx.filter(pl.col("type") == "return")
    assert refunds.height == 7
    assert refunds["original"].null_count() == refunds["customer"].null_count() == 7
    assert refunds["pay"].unique().to_list() == ["cash"]


def test_the_loss_is_what_the_till_pays_out(till: Ledger, cashier: Thief, scene: Scene) -> None:
    theft = act(till, cashier, scene)
    paid = theft.ledger.worth().join(theft.rows, on="tx")
    assert (paid["net"] == -paid["loss"]).all()
    assert paid["loss"].is_in([500, 1000, 2000]).all()
