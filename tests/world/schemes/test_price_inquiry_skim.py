"""A price that was asked for and paid, and goods that were not rung."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.price_inquiry_skim import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_the_dearest_line_becomes_a_price_check_and_a_no_sale(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    """Of 35.00 the line of 20.00 is not rung."""
    theft = act(till, cashier, scene)
    checks = theft.ledger.tx.filter(pl.col("type") == "price_check").sort("start")
    opened = theft.ledger.tx.filter(pl.col("type") == "no_sale").sort("start")
    named = theft.ledger.lines.join(checks, on="tx", how="semi")
    assert named["price"].to_list() == [2000] * 7
    assert named["quantity"].to_list() == [0.0] * 7
    wait = opened["start"] - checks["start"] - checks["length"].cast(pl.Int64)
    assert wait.is_between(5, 60).all()
    assert theft.ledger.worth().filter(pl.col("net") == 1500).height == 7
    assert sorted(theft.rows["loss"].to_list()) == [0] * 7 + [2000] * 7


def test_a_receipt_with_nothing_left_on_it_is_never_written(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    single = till.with_lines(till.lines.filter(pl.col("line") == 2))
    theft = act(single, cashier, scene)
    sales = theft.ledger.tx.filter(pl.col("type") == "sale")
    assert sales.height == till.tx.height - 7
    assert sales.join(theft.ledger.lines, on="tx", how="anti").is_empty()


def test_a_hidden_one_opens_no_drawer(till: Ledger, cashier: Thief, scene: Scene) -> None:
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    assert theft.ledger.tx.filter(pl.col("type") == "no_sale").is_empty()
    assert theft.rows["loss"].to_list() == [2000] * 7
