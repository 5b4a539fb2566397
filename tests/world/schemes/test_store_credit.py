"""Credit for complaints that nobody made."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.store_credit import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief, Variant

HABIT = Habit(shift_share=1.0, per_shift=2.0, least_minor=1_000, most_minor=5_000)


def act(till: Ledger, thief: Thief, scene: Scene, variant: Variant = "plain") -> Theft:
    steal = SCHEME.practice(variant)[1]
    return steal(till, thief, HABIT, scene, np.random.default_rng(3))


def _given(theft: Theft) -> pl.DataFrame:
    return theft.ledger.tx.filter(pl.col("type") == "other").sort("tx")


def test_credit_without_goods_or_name_and_its_sum_is_the_loss(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    given = _given(theft)
    assert given["pay"].unique().to_list() == ["store_credit"]
    assert given["customer"].null_count() == given.height
    assert (-given["amount"]).to_list() == theft.rows["loss"].to_list()
    assert theft.rows["loss"].is_in([1000, 1500, 2000, 3000, 5000]).all()
    assert theft.ledger.lines.join(given, on="tx", how="semi").is_empty()


def test_notes_pay_for_later_sales_that_colleagues_rang(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    """With the middle line left out each sale is 15.00, which most notes cover."""
    by_colleague = till.tx.filter(pl.col("operator") == 1)["tx"]
    cheap = till.with_lines(till.lines.filter(pl.col("line") != 2))
    shop = cheap.mark(by_colleague, pay="cash")
    spent = act(shop, cashier, scene).ledger.tx.filter(
        pl.col("type") == "sale", pl.col("pay") == "store_credit"
    )
    assert 0 < spent.height < by_colleague.len()
    assert spent["tx"].is_in(by_colleague.implode()).all()


def test_hidden_small_signed_and_in_a_customer_s_name(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    given = _given(act(till, cashier, scene, "evasive"))
    assert given["amount"].is_in([-500, -1000]).all()
    assert given["approver"].is_in([3, 4]).all()
    assert given["customer"].is_in([7, 100]).all()
