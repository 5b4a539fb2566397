"""One receipt, refunded again and again."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.receipt_reuse import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief, Variant

HABIT = Habit(shift_share=1.0, per_shift=2.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene, variant: Variant = "plain") -> Theft:
    steal = SCHEME.practice(variant)[1]
    return steal(till, thief, HABIT, scene, np.random.default_rng(3))


def _refunds(theft: Theft) -> pl.DataFrame:
    backs = theft.ledger.tx.filter(pl.col("type") == "return")
    return backs.join(theft.ledger.lines.select("tx", "item"), on="tx")


def test_every_receipt_serves_two_to_four_times_for_cash(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    refunds = _refunds(act(till, cashier, scene))
    uses = refunds.group_by("original").len()["len"]
    assert uses.is_between(2, 4).all()
    assert uses.len() > 1
    assert refunds["pay"].unique().to_list() == ["cash"]


def test_it_is_the_dearest_line_each_time_so_more_is_refunded_than_was_sold(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    assert theft.rows["loss"].unique().to_list() == [2000]
    assert _refunds(theft)["item"].unique().to_list() == [1]


def test_hidden_no_line_comes_back_twice(till: Ledger, cashier: Thief, scene: Scene) -> None:
    refunds = _refunds(act(till, cashier, scene, "evasive"))
    assert refunds.height > 2
    assert not refunds.select("original", "item").is_duplicated().any()
    assert refunds.group_by("original").len()["len"].min() > 1  # type: ignore[operator]


def test_the_sale_was_before_and_within_thirty_days(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    pairs = _refunds(act(till, cashier, scene)).join(
        till.tx, left_on="original", right_on="tx", suffix="_sale"
    )
    assert (pairs["start"] > pairs["start_sale"]).all()
    assert (pairs["day"] - pairs["day_sale"]).is_between(0, 30).all()
