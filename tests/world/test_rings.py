"""Which customers defraud the chain, where and when."""

import numpy as np
import pytest

from shrinkwatch.world.chain import sites
from shrinkwatch.world.rings import plan_customers, tours
from shrinkwatch.world.schemes import all_schemes
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.theft import Thief
from shrinkwatch.world.thieves import Plan

SETTINGS = WorldSettings(
    stores=8, weeks=8, transactions_per_store_day=50.0, customer_cases_per_store_year=3.0
)


@pytest.fixture(scope="module")
def plans() -> list[list[Plan]]:
    shops = sites(SETTINGS)
    return [
        plan_customers(SETTINGS, shops, all_schemes(), np.random.default_rng(seed))
        for seed in range(60)
    ]


def test_the_number_follows_from_the_cases(plans: list[list[Plan]]) -> None:
    """8 stores × 3 cases × (8 weeks + 9 weeks of a series) / 52.18 weeks = 7.82.

    A ring whose tours all fall outside the period is not seen; that is rare.
    """
    people = [{entry.thief.actor for entry in plan} for plan in plans]
    assert np.mean([len(each) for each in people]) == pytest.approx(7.6, abs=0.4)


def test_who_stays_has_one_plan_and_who_goes_round_one_for_each_visit(
    plans: list[list[Plan]],
) -> None:
    for entry in (entry for plan in plans for entry in plan):
        home = entry.thief.actor // 100_000
        if entry.scheme.stores is None:
            assert entry.store == home
        else:
            assert entry.thief.first_day == entry.thief.last_day
            assert 0 <= entry.thief.first_day < SETTINGS.days


def test_no_schemes_of_customers_are_no_plans() -> None:
    shops = sites(WorldSettings.tiny())
    operators = {name: s for name, s in all_schemes().items() if s.actor == "operator"}
    rng = np.random.default_rng(1)
    assert plan_customers(WorldSettings.tiny(), shops, operators, rng) == []


def test_a_tour_is_three_to_six_stores_within_five_days_every_week_or_two() -> None:
    ring = Thief(actor=200_007, first_day=0, last_day=55, boldness=1.0, own_cards=())
    visits = tours(2, (3, 6), ring, SETTINGS, np.random.default_rng(1))
    days = np.array([day for _, day in visits])
    begins = np.flatnonzero(np.diff(days, prepend=-9) > 3)
    for tour in np.split(np.arange(days.size), begins[1:]):
        assert days[tour].max() - days[tour].min() <= 4
        assert len({visits[visit][0] for visit in tour}) == tour.size
        assert 3 <= tour.size <= 6
    assert 4 <= begins.size <= 7


def test_a_small_chain_has_small_tours() -> None:
    ring = Thief(actor=7, first_day=0, last_day=20, boldness=1.0, own_cards=())
    settings = WorldSettings(stores=2, weeks=3)
    stores = [store for store, _ in tours(0, (3, 6), ring, settings, np.random.default_rng(1))]
    assert set(stores) == {0, 1}
