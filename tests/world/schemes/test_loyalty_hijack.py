"""The thief's points on strangers' purchases."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.loyalty_hijack import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief, Variant

HABIT = Habit(shift_share=1.0, per_shift=4.0, least_minor=400, most_minor=100_000)


def act(till: Ledger, thief: Thief, scene: Scene, variant: Variant = "plain") -> Theft:
    steal = SCHEME.practice(variant)[1]
    return steal(till, thief, HABIT, scene, np.random.default_rng(3))


def _ids(theft: Theft) -> list[int]:
    sold = theft.ledger.tx.join(theft.rows, on="tx", how="semi")
    return sold["loyalty"].unique().sort().to_list()


def test_one_card_is_shown_and_a_point_is_worth_a_hundredth(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    """35.00 bring points worth 0.35; operator 0 shops under number 90,000."""
    theft = act(till, cashier, scene)
    assert _ids(theft) == [90_000]
    assert theft.rows["loss"].unique().to_list() == [35]


def test_whoever_has_a_card_keeps_their_points(till: Ledger, cashier: Thief, scene: Scene) -> None:
    members = till.mark(till.tx["tx"], loyalty=100)
    assert act(members, cashier, scene).rows.is_empty()


def test_the_price_that_the_customer_pays_does_not_change(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    assert theft.ledger.worth()["net"].unique().to_list() == [3500]


def test_hidden_four_cards_in_turn(till: Ledger, cashier: Thief, scene: Scene) -> None:
    """The own, the household's (a thousand later), and those of two who shop there."""
    members = till.tx.filter(pl.col("operator") == 1)["tx"]
    friends = pl.DataFrame({"tx": members, "friend": np.arange(50, 50 + members.len())})
    tx = till.tx.join(friends, on="tx", how="left").with_columns(loyalty=pl.col("friend"))
    used = _ids(act(till.with_tx(tx), cashier, scene, "evasive"))
    assert set(used) - set(range(50, 60)) == {90_000, 91_000}
    assert 0 < len(used) - 2 <= 2
