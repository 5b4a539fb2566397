"""Coupons for goods that are not there."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.coupon_abuse import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief, Variant

HABIT = Habit(shift_share=1.0, per_shift=2.0, least_minor=1_200, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene, variant: Variant = "plain") -> Theft:
    steal = SCHEME.practice(variant)[1]
    return steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_several_are_keyed_on_the_whole_receipt_and_the_sum_is_the_loss(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    changes = theft.ledger.changes
    assert changes["type"].unique().to_list() == ["coupon"]
    assert changes["line"].null_count() == changes.height > theft.rows.height
    assert changes.group_by("tx").len()["len"].max() <= 4  # type: ignore[operator]
    paid = theft.ledger.worth().join(theft.rows, on="tx")
    assert (paid["net"] == 3500 - paid["loss"]).all()


def test_they_take_no_more_than_half_of_the_least_receipt(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    assert act(till, cashier, scene).rows["loss"].is_between(100, 600).all()


def test_the_same_few_codes_come_back(till: Ledger, cashier: Thief, scene: Scene) -> None:
    """The store sells items 0, 1 and 2, whose coupons are M10000 to M10002."""
    codes = act(till, cashier, scene).ledger.changes["code"]
    assert codes.is_in(["M10000", "M10001", "M10002"]).all()
    assert codes.n_unique() < codes.len() / 3


def test_hidden_one_coupon_stands_on_the_line_of_its_item(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene, "evasive")
    changes = theft.ledger.changes
    assert changes["tx"].is_unique().all()
    lines = changes.join(theft.ledger.lines, on=["tx", "line"])
    assert lines.height == changes.height > 0
    assert (lines["code"] == "M" + (lines["item"] + 10_000).cast(pl.String)).all()
    assert theft.rows["loss"].is_in([50, 100, 150, 200]).all()
