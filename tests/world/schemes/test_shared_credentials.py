"""A number that serves where its owner is not."""

import numpy as np
import polars as pl
import pytest

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.shared_credentials import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=6.0, least_minor=400, most_minor=100_000)


@pytest.fixture
def two_tills(till: Ledger) -> Ledger:
    """Register 2, operator 1: a sale a minute after each of operator 0's, and until evening."""
    own = till.tx.filter(pl.col("operator") == 0)
    beside = own.with_columns(
        tx=pl.col("tx") + 1000, register=2, operator=1, start=pl.col("start") + 60
    )
    later = beside.with_columns(tx=pl.col("tx") + 1000, start=pl.col("start") + 4 * 3600)
    return till.plus(Ledger.of(tx=pl.concat([beside, later])))


def _false(theft: Theft) -> pl.DataFrame:
    return theft.ledger.tx.join(theft.rows, on="tx").sort("start")


def test_returns_are_keyed_at_another_till_or_after_hours_or_signed_by_the_thief(
    two_tills: Ledger, cashier: Thief, scene: Scene
) -> None:
    false = _false(SCHEME.steal(two_tills, cashier, HABIT, scene, np.random.default_rng(3)))
    elsewhere = false.filter(pl.col("register") == 2)
    own = false.filter(pl.col("register") == 0)
    gone = elsewhere.filter(pl.col("start") % 86_400 > 36_000 + 9 * 600 + 30 + 900)
    assert false["type"].unique().to_list() == ["return"]
    assert false["operator"].unique().to_list() == [0]
    assert own["approver"].unique().to_list() == [0]
    assert 0.3 < (elsewhere.height - gone.height) / false.height < 0.6
    assert 0.1 < gone.height / false.height < 0.4
    assert not elsewhere["approver"].is_in([0]).any()


def test_at_another_till_the_thief_is_busy_at_the_own_one_within_minutes(
    two_tills: Ledger, cashier: Thief, scene: Scene
) -> None:
    false = _false(SCHEME.steal(two_tills, cashier, HABIT, scene, np.random.default_rng(3)))
    early = false.filter(pl.col("register") == 2, pl.col("start") % 86_400 < 43_000)
    mine = two_tills.tx.filter(pl.col("operator") == 0).select("day", rung="start")
    near = early.join(mine, on="day").filter((pl.col("rung") - pl.col("start")).abs() < 600)
    assert near["tx"].n_unique() == early.height > 0


def test_a_hidden_one_is_at_another_till_while_the_own_is_idle_and_signed(
    two_tills: Ledger, cashier: Thief, scene: Scene
) -> None:
    """Operator 0 rings every ten minutes for 30 s, the neighbour a minute later."""
    false = _false(SCHEME.evasive.steal(two_tills, cashier, HABIT, scene, np.random.default_rng(3)))
    assert false["approver"].is_in(list(scene.approvers)).all()
    elsewhere = false.filter(pl.col("register") == 2)
    assert elsewhere.height > 0.7 * false.height
    into = (elsewhere["start"] % 86_400 - 36_000) % 600
    assert into.is_between(90, 480).all()
