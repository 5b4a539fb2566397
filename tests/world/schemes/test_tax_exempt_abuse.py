"""A cash sale booked free of tax."""

import numpy as np

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.tax_exempt_abuse import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief, Variant

HABIT = Habit(shift_share=1.0, per_shift=2.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene, variant: Variant = "plain") -> Theft:
    steal = SCHEME.practice(variant)[1]
    return steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_the_loss_is_the_tax_in_the_price(till: Ledger, cashier: Thief, scene: Scene) -> None:
    """10.00 has 2.00 of tax in it, 20.00 none, 5.00 has 0.45: the till expects 32.55."""
    theft = act(till, cashier, scene)
    assert theft.rows["loss"].unique().to_list() == [245]
    paid = theft.ledger.worth().join(theft.rows, on="tx")
    assert paid["net"].unique().to_list() == [3255]


def test_one_number_of_the_four_is_used_again_and_again_without_a_name(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    sold = act(till, cashier, scene).ledger.tx.drop_nulls("exempt")
    assert sold["exempt"].n_unique() == 1
    assert sold["exempt"].is_between(94_100, 94_103).all()
    assert sold["customer"].null_count() == sold.height > 3
    assert sold["pay"].unique().to_list() == ["cash"]


def test_hidden_the_numbers_change_and_have_their_names(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    sold = act(till, cashier, scene, "evasive").ledger.tx.drop_nulls("exempt")
    assert sold["exempt"].n_unique() > 1
    assert (sold["exempt"] == sold["customer"]).all()
