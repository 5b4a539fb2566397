"""A deep price override on the dearest line."""

import numpy as np

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.price_override import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_the_line_of_20_loses_40_to_80_percent(till: Ledger, cashier: Thief, scene: Scene) -> None:
    theft = act(till, cashier, scene)
    changes = theft.ledger.changes
    assert changes["type"].unique().to_list() == ["override"]
    assert changes["line"].unique().to_list() == [2]
    assert (-changes["amount"]).is_between(800, 1600).all()
    assert changes["amount"].sum() == -theft.rows["loss"].sum()


def test_one_code_or_none_signs_for_all(till: Ledger, cashier: Thief, scene: Scene) -> None:
    codes = act(till, cashier, scene).ledger.changes["approver"].drop_nulls()
    assert codes.n_unique() <= 1


def test_a_hidden_one_is_shallow_and_signed(till: Ledger, cashier: Thief, scene: Scene) -> None:
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    changes = theft.ledger.changes
    assert changes["amount"].is_between(-600, -300).all()
    assert changes["approver"].n_unique() == 1
    assert changes["approver"].null_count() == 0
