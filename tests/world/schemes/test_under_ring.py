"""A friend's basket with the dear item not rung."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.under_ring import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief, Variant

HABIT = Habit(shift_share=1.0, per_shift=2.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene, variant: Variant = "plain") -> Theft:
    steal = SCHEME.practice(variant)[1]
    return steal(till, thief, HABIT, scene, np.random.default_rng(3))


def _sold(theft: Theft) -> pl.DataFrame:
    return theft.ledger.tx.join(theft.rows, on="tx", how="semi").sort("tx")


def test_the_dearest_of_three_is_missing_and_the_time_stays(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    """10.00 at 2 s and 5.00 at 10 s are rung; the 20.00 between them is not."""
    theft = act(till, cashier, scene)
    lines = theft.ledger.lines.join(theft.rows, on="tx", how="semi").sort("tx", "at")
    assert lines["price"].to_list() == [1000, 500] * theft.rows.height
    assert lines["at"].to_list() == [2, 10] * theft.rows.height
    assert theft.rows["loss"].unique().to_list() == [2000]
    assert _sold(theft)["length"].unique().to_list() == [30]


def test_the_same_few_people_come_and_mostly_pay_by_their_card(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    """Two people pay by card at this store: shoppers 7 and 100, both with card 500."""
    sold = _sold(act(till, cashier, scene))
    assert sold["shopper"].is_in([7, 100]).all()
    assert sold["card"].drop_nulls().unique().to_list() == [500]
    assert (sold["pay"] == "debit").mean() > 0.4  # type: ignore[operator]
    assert (sold["card"].is_null() == (sold["pay"] == "cash")).all()


def test_a_friend_shows_the_loyalty_card_they_have(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    members = till.tx.filter(pl.col("shopper") == 7)["tx"]
    sold = _sold(act(till.mark(members, loyalty=7), cashier, scene))
    shown = sold.filter(pl.col("shopper") == 7)["loyalty"]
    assert shown.len() > 0
    assert shown.unique().to_list() == [7]
    assert sold.filter(pl.col("shopper") != 7)["loyalty"].null_count() == sold.height - shown.len()


def test_a_receipt_lowered_as_a_whole_or_of_two_lines_does_not_tempt(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    lowered = till.tx.select("tx", type=pl.lit("manual_discount"), amount=pl.lit(-100))
    assert act(till.plus(Ledger.of(changes=lowered)), cashier, scene).rows.is_empty()
    short = till.with_lines(till.lines.filter(pl.col("line") < 3))
    assert act(short, cashier, scene).rows.is_empty()


def test_hidden_it_is_cash_and_no_name(till: Ledger, cashier: Thief, scene: Scene) -> None:
    sold = _sold(act(till.mark(till.tx["tx"], loyalty=100), cashier, scene, "evasive"))
    assert sold["pay"].unique().to_list() == ["cash"]
    assert sold["loyalty"].null_count() == sold["card"].null_count() == sold.height > 0
