"""Habits that look odd: each on a store that has it, held against the same store without."""

from dataclasses import replace

import polars as pl
import pytest

from shrinkwatch.world.calendar import HABITS, Calendar
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.mishaps import mishaps
from shrinkwatch.world.odd_habits import family, odd_habits
from shrinkwatch.world.staff import slow_cashier, slowed
from shrinkwatch.world.visits import Site, sales


def with_habit(site: Site, kind: str) -> Site:
    return replace(site, calendar=Calendar(habits=((kind, site.shop.index),)))


@pytest.fixture
def before(site: Site) -> Ledger:
    return mishaps(sales(site), site)


def test_a_store_without_habits_is_left_alone(before: Ledger, site: Site) -> None:
    assert odd_habits(before, replace(site, calendar=Calendar())).tx.equals(before.tx)


def test_another_store_s_habit_is_not_this_one_s(before: Ledger, site: Site) -> None:
    elsewhere = Calendar(habits=tuple((kind, 7) for kind in HABITS))
    assert odd_habits(before, replace(site, calendar=elsewhere)).tx.equals(before.tx)


def test_the_change_lane_opens_its_drawer_several_times_a_shift(before: Ledger, site: Site) -> None:
    after = odd_habits(before, with_habit(site, "change_lane"))
    opened = after.tx.filter(pl.col("type") == "no_sale")
    shifts = site.staff.sessions.filter(pl.col("register") == 0).height
    assert opened["register"].unique().to_list() == [0]
    assert 5 < opened.height / shifts < 9
    assert after.events.filter(pl.col("type") == "drawer_open").height == opened.height


def test_cash_rounds_are_round_and_nobody_signs(before: Ledger, site: Site) -> None:
    tx = odd_habits(before, with_habit(site, "cash_rounds")).tx
    rounds = tx.filter(pl.col("type") == "pickup")
    assert rounds.height > 2 * 14
    assert rounds["amount"].unique().to_list() == [-5000]
    assert rounds["approver"].null_count() == rounds.height
    assert tx.filter(pl.col("type") == "paid_out")["day"].to_list() == [0, 7]


def test_on_saturdays_every_signature_is_the_manager_s(before: Ledger, site: Site) -> None:
    tx = odd_habits(before, with_habit(site, "signs_for_all")).tx
    (manager,) = site.staff.of_role("manager")
    signed = tx.filter(pl.col("approver").is_not_null())
    saturday = signed["day"] % 7 == 5
    assert set(signed.filter(saturday)["approver"]) == {manager}
    assert manager not in set(signed.filter(~saturday)["approver"])
    assert signed.height == before.tx["approver"].drop_nulls().len()


def test_a_family_shows_one_loyalty_card_and_pays_with_many(before: Ledger, site: Site) -> None:
    head, relatives = family(site)
    shown = pl.col("loyalty") == head
    after = odd_habits(before, with_habit(site, "family_card")).tx.filter(shown)
    assert set(after["shopper"]) == {head, *relatives}
    cards = after["card"].drop_nulls().n_unique()
    assert cards > before.tx.filter(shown)["card"].drop_nulls().n_unique() + len(relatives) / 2


def test_the_slow_cashier_is_the_oldest_hand_and_nobody_else_slows_down(site: Site) -> None:
    slow = slow_cashier(site.staff)
    pace = slowed(site.staff).pace / site.staff.pace
    cashiers = list(site.staff.of_role("cashier"))
    assert site.staff.hired_day[slow] == min(site.staff.hired_day[cashiers])
    assert pace[slow] == pytest.approx(1.8)
    assert (pace > 1).sum() == 1
