"""The staff price of 20 percent for strangers."""

import numpy as np

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.employee_discount_abuse import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_every_line_of_the_receipt_is_lowered_and_it_is_called_a_staff_sale(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    assert theft.rows["loss"].to_list() == [700] * 7
    marked = theft.ledger.tx.filter("employee_sale")
    assert marked["tx"].sort().to_list() == theft.rows["tx"].sort().to_list()
    assert theft.ledger.changes.height == 21


def test_a_hidden_one_leaves_no_card(till: Ledger, cashier: Thief, scene: Scene) -> None:
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    shown = theft.ledger.tx.join(theft.rows, on="tx", how="semi")
    assert shown["card"].null_count() == shown["loyalty"].null_count() == shown.height == 7
