"""A line that is not there."""

import numpy as np

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.self_checkout_skip_scan import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief

HABIT = Habit(shift_share=1.0, per_shift=1.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene) -> Theft:
    return SCHEME.steal(till, thief, HABIT, scene, np.random.default_rng(3))


def test_the_dearest_lines_are_missing_and_the_last_two_never(
    till: Ledger, shopper: Thief, scene: Scene
) -> None:
    """Of 20.00, 10.00 and 5.00 only one line may go, the dearest."""
    theft = act(till, shopper, scene)
    assert theft.rows["loss"].to_list() == [2000] * 7
    left = theft.ledger.worth().join(theft.rows, on="tx")
    assert left["net"].to_list() == [1500] * 7


def test_the_time_that_the_item_took_has_passed(till: Ledger, shopper: Thief, scene: Scene) -> None:
    theft = act(till, shopper, scene)
    times = theft.ledger.lines.join(theft.rows, on="tx", how="semi")["at"].unique().sort()
    assert times.to_list() == [2, 10]


def test_the_scale_and_the_assistant_leave_events_only_on_those_visits(
    till: Ledger, shopper: Thief, scene: Scene
) -> None:
    theft = act(till, shopper, scene)
    assert set(theft.ledger.events["type"]) <= {"weight_mismatch", "assist"}
    assert theft.ledger.events["tx"].is_in(theft.rows["tx"].implode()).all()


def test_a_hidden_one_skips_the_second_dearest_line(
    till: Ledger, shopper: Thief, scene: Scene
) -> None:
    theft = SCHEME.evasive.steal(till, shopper, HABIT, scene, np.random.default_rng(3))
    assert theft.rows["loss"].to_list() == [1000] * 7
