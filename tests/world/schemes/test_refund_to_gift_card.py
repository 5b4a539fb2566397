"""A refund on a gift card, and what the card buys."""

import numpy as np
import polars as pl
import pytest

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.refund_to_gift_card import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief, Variant

HABIT = Habit(shift_share=1.0, per_shift=2.0, least_minor=400, most_minor=100_000)
ME = 90_000
"""The first operator of the first store shops under this number."""


@pytest.fixture
def shop(till: Ledger) -> Ledger:
    """Besides, on each day at 9:00 a colleague rings a sale of 10.00 for cash."""
    days = np.arange(10)
    tx = pl.DataFrame({"tx": 200 + days, "day": days, "start": days * 86_400 + 32_400})
    tx = tx.with_columns(
        register=pl.lit(0), operator=pl.lit(1), pay=pl.lit("cash"), length=pl.lit(20)
    )
    lines = pl.DataFrame({"tx": 200 + days, "line": 1, "item": 0, "price": 1000, "at": 2})
    return till.plus(Ledger.of(tx=tx, lines=lines))


def act(shop: Ledger, thief: Thief, scene: Scene, variant: Variant = "plain") -> Theft:
    steal = SCHEME.practice(variant)[1]
    return steal(shop, thief, HABIT, scene, np.random.default_rng(3))


def _spent(theft: Theft) -> pl.DataFrame:
    return theft.ledger.tx.filter(pl.col("type") == "sale", pl.col("pay") == "gift_card")


def test_every_refund_loads_a_card_of_its_own_with_what_it_gives_back(
    shop: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(shop, cashier, scene)
    back = theft.ledger.tx.filter(pl.col("type") == "return")
    assert back["pay"].unique().to_list() == ["gift_card"]
    assert back["gift_card"].is_unique().all()
    assert back["gift_card"].min() == 50
    worth = theft.ledger.worth().join(theft.rows, on="tx")
    assert (worth["net"] == -worth["loss"]).all()
    assert worth["loss"].is_in([1000, 2000]).all()


def test_the_card_pays_later_where_the_thief_s_loyalty_card_is_shown(
    shop: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(shop, cashier, scene)
    spent = _spent(theft)
    assert spent.height > 0
    assert spent["loyalty"].unique().to_list() == [ME]
    assert spent["operator"].unique().to_list() == [1]
    loaded = theft.ledger.tx.filter(pl.col("type") == "return")
    pairs = spent.join(loaded, on="gift_card", suffix="_back")
    assert pairs.height == spent.height
    assert (pairs["start"] - pairs["start_back"]).is_between(600, 21 * 86_400).all()


def test_an_own_staff_purchase_is_paid_by_the_card_first(
    shop: Ledger, cashier: Thief, scene: Scene
) -> None:
    mine = pl.Series([207, 208, 209])
    theft = act(shop.mark(mine, shopper=ME, employee_sale=True, pay="debit"), cashier, scene)
    assert set(mine) <= set(_spent(theft)["tx"])


def test_hidden_the_card_pays_for_nobody(shop: Ledger, cashier: Thief, scene: Scene) -> None:
    spent = _spent(act(shop, cashier, scene, "evasive"))
    assert spent.height > 0
    assert spent["loyalty"].null_count() == spent.height
