"""A return of somebody's card sale to the thief's own card."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.refund_to_other_card import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_the_money_goes_to_the_thief_s_card_and_not_to_the_one_that_paid(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    refunds = act(till, cashier, scene).ledger.tx.filter(pl.col("type") == "return")
    sales = refunds.join(till.tx, left_on="original", right_on="tx", suffix="_sale")
    assert refunds["card"].is_in([900, 901]).all()
    assert sales["card_sale"].unique().to_list() == [500]
    assert (sales["start_sale"] < sales["start"]).all()


def test_each_receipt_is_used_once_and_its_dearest_line_comes_back(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    assert theft.rows["loss"].unique().to_list() == [2000]
    originals = theft.ledger.tx["original"].drop_nulls()
    assert originals.n_unique() == originals.len()


def test_a_hidden_one_s_cards_pay_for_purchases_too(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    own = theft.ledger.tx.filter(pl.col("card").is_in([900, 901]))
    refunds = own.filter(pl.col("type") == "return")
    bought = own.filter(pl.col("type") == "sale")
    assert refunds.height == theft.rows.height > 0
    assert bought.height == min(2 * refunds.height, 20 - refunds.height)
    assert not bought["tx"].is_in(refunds["original"].implode()).any()
