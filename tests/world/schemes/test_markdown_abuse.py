"""Marked down and bought by the same hand."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.markdown_abuse import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=800, most_minor=100_000)


def test_one_or_two_dear_lines_cost_half_or_less_and_an_own_card_pays(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    """Of 20.00, 10.00 and 5.00 the first, or the first two, lose 50 to 75 %."""
    theft = SCHEME.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    changes = theft.ledger.changes.join(till.lines, on=["tx", "line"])
    assert set(changes["price"]) == {1000, 2000}
    assert (-changes["amount"] / changes["price"]).is_between(0.49, 0.75).all()
    assert changes["approver"].unique().to_list() == [0]
    bought = theft.ledger.tx.join(theft.rows, on="tx")
    assert bought.height == 7
    assert bought["card"].is_in(list(cashier.own_cards)).all()
    assert -changes["amount"].sum() == theft.rows["loss"].sum()


def test_a_hidden_one_bears_a_colleague_s_number_where_one_is_there(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    more = till.tx.filter(pl.col("operator") == 1).with_columns(
        tx=pl.col("tx") + 1000, start=pl.col("day").cast(pl.Int64) * 86_400 + 32_400
    )
    ledger = till.plus(Ledger.of(tx=more))
    theft = SCHEME.evasive.steal(ledger, cashier, HABIT, scene, np.random.default_rng(3))
    changes = theft.ledger.changes.join(till.lines, on=["tx", "line"])
    assert changes["approver"].unique().to_list() == [1]
    assert (-changes["amount"] / changes["price"]).is_between(0.299, 0.301).all()
