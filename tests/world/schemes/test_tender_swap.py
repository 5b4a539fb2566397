"""Cash that gave way to something else."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.tender_swap import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_cash_was_voided_and_a_coupon_a_voucher_or_a_gift_card_pays(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    swapped = theft.ledger.tx.join(theft.rows, on="tx")
    assert swapped["loss"].to_list() == [3500] * 7
    assert swapped["refused"].unique().to_list() == ["cash"]
    assert set(swapped["pay"]) <= {"coupon", "other", "gift_card"}
    by_card = swapped.filter(pl.col("pay") == "gift_card")
    assert by_card["gift_card"].is_unique().all()
    assert (by_card["gift_card"] >= scene.first_gift_card).all()


def test_a_hidden_one_is_small_and_rare() -> None:
    habit, _ = SCHEME.practice("evasive")
    assert habit.most_minor == 1_500
    assert (
        habit.shift_share * habit.per_shift < SCHEME.habit.shift_share * SCHEME.habit.per_shift / 2
    )
