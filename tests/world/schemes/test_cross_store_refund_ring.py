"""What a ring does in one store on one day."""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.cross_store_refund_ring import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=2.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def _refunds(theft: Theft) -> pl.DataFrame:
    return theft.ledger.tx.filter(pl.col("type") == "return")


def test_a_ring_without_receipts_shows_one_identity_and_takes_cash_or_credit(
    till: Ledger, shopper: Thief, scene: Scene
) -> None:
    theft = act(till, shopper, scene)
    refunds = _refunds(theft)
    assert refunds.height == theft.rows.height > 3
    assert refunds["customer"].unique().to_list() == [7]
    assert set(refunds["pay"]) == {"cash", "store_credit"}
    assert refunds["original"].null_count() == refunds.height
    goods = theft.ledger.lines.filter(pl.col("kind") == "return")
    assert goods["entry"].unique().to_list() == ["scan"]


def test_a_ring_with_found_receipts_has_strangers_purchases_put_on_its_card(
    till: Ledger, shopper: Thief, scene: Scene
) -> None:
    refunds = _refunds(act(till, replace(shopper, actor=8), scene))
    assert refunds["card"].unique().to_list() == [16]
    assert refunds["customer"].null_count() == refunds.height
    sales = refunds.join(till.tx, left_on="original", right_on="tx", suffix="_sale")
    assert sales.height == refunds.height > 0
    assert sales["card_sale"].unique().to_list() == [500]
    assert sales["original"].is_unique().all()


def test_half_of_the_rings_go_to_one_clerk(till: Ledger, shopper: Thief, scene: Scene) -> None:
    """Ring 13's is the second colleague, operator 1; ring 5's is the third, who is never there."""
    paired = _refunds(act(till, replace(shopper, actor=13), scene))
    assert paired["operator"].unique().to_list() == [1]
    absent = _refunds(act(till, replace(shopper, actor=5), scene))
    assert 0 in absent["operator"].to_list()


def test_it_happens_on_the_day_of_the_visit(till: Ledger, shopper: Thief, scene: Scene) -> None:
    visit = replace(shopper, first_day=4, last_day=4)
    assert _refunds(act(till, visit, scene))["day"].unique().to_list() == [4]
