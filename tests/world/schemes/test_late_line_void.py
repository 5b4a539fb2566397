"""A late line void: the line of 20.00 goes, just before total."""

import numpy as np

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.late_line_void import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_the_dearest_line_is_voided_after_the_last_scan_and_before_total(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    voided = theft.ledger.lines.filter("voided").join(theft.ledger.tx, on="tx")
    assert theft.rows["loss"].to_list() == [2000] * 7
    assert voided["price"].to_list() == [2000] * 7
    assert (voided["void_at"] - 10).is_between(8, 40).all()
    assert (voided["void_at"] < voided["total_at"]).all()


def test_the_customer_s_change_hides_it_so_the_record_is_paid_in_cash(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    left = theft.ledger.worth().join(theft.rows, on="tx")
    assert left["net"].to_list() == [1500] * 7


def test_a_hidden_one_is_voided_within_seconds_of_its_own_scan(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = SCHEME.evasive.steal(till, cashier, HABIT, scene, np.random.default_rng(3))
    voided = theft.ledger.lines.filter("voided")
    assert voided["price"].to_list() == [2000] * 7
    assert (voided["void_at"] - voided["at"]).is_between(2, 40).all()
    whole = theft.ledger.tx.join(voided.select("tx", gone="void_at"), on="tx")
    assert (whole["total_at"] >= whole["gone"] + 2).all()
