"""A gift card sold for a tender that does not exist."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.gift_card_activation import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=2500, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_the_tender_is_other_and_the_loss_is_the_face_value(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    sold = theft.ledger.tx.join(theft.rows, on="tx")
    face = theft.ledger.lines.filter(pl.col("kind") == "gift_card").sort("tx")
    assert sold["pay"].unique().to_list() == ["other"]
    assert face["price"].to_list() == theft.rows.sort("tx")["loss"].to_list()
    assert face["gift_card"].to_list() == list(range(50, 57))


def test_a_card_is_spent_after_it_was_activated_and_within_a_week(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    sold = theft.ledger.lines.filter(pl.col("kind") == "gift_card").join(theft.ledger.tx, on="tx")
    spent = theft.ledger.tx.filter(pl.col("pay") == "gift_card").join(sold, on="gift_card")
    age = spent["start"] - spent["start_right"]
    assert age.is_between(86_400, 7 * 86_400).all()


def test_a_hidden_one_is_small_and_not_spent_there(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    assert set(theft.rows["loss"]) <= {1000, 2500}
    assert theft.ledger.tx["gift_card"].null_count() == theft.ledger.tx.height
    assert theft.ledger.tx["refused"].null_count() == theft.ledger.tx.height
