"""How many steal, who and from when to when."""

import numpy as np
import pytest

from shrinkwatch.world.chain import sites
from shrinkwatch.world.schemes import all_schemes
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.thieves import Plan, plan_thefts

SETTINGS = WorldSettings(stores=8, weeks=8, transactions_per_store_day=50.0)


@pytest.fixture(scope="module")
def plans() -> list[list[Plan]]:
    staffs = [site.staff for site in sites(SETTINGS)]
    return [
        plan_thefts(SETTINGS, staffs, all_schemes(), np.random.default_rng(seed))
        for seed in range(60)
    ]


def test_the_number_follows_from_the_published_scale(plans: list[list[Plan]]) -> None:
    """8 stores × 3.4 cases × (8 weeks + 6 weeks of a series) / 52.18 weeks = 7.30."""
    assert np.mean([len(plan) for plan in plans]) == pytest.approx(7.30, abs=0.15)


def test_schemes_are_dealt_in_turn_so_that_seven_thieves_have_seven(
    plans: list[list[Plan]],
) -> None:
    for plan in plans:
        assert len({entry.scheme.id for entry in plan}) == len(plan)


def test_nobody_is_drawn_twice(plans: list[list[Plan]]) -> None:
    for plan in plans:
        people = [(entry.store, entry.thief.actor) for entry in plan]
        assert len(set(people)) == len(people)


def test_every_series_overlaps_the_period_and_lasts_six_weeks_on_average(
    plans: list[list[Plan]],
) -> None:
    thieves = [entry.thief for plan in plans for entry in plan]
    assert all(thief.last_day >= -1 and thief.first_day < SETTINGS.days for thief in thieves)
    weeks = np.mean([thief.last_day - thief.first_day for thief in thieves]) / 7
    assert 5.5 < weeks < 8.5  # those that overlap are longer than average


def test_thieves_are_cashiers_or_clerks(plans: list[list[Plan]]) -> None:
    staffs = [site.staff for site in sites(SETTINGS)]
    roles = {
        staffs[entry.store].table["role"][entry.thief.actor] for plan in plans for entry in plan
    }
    assert roles == {"cashier", "service_desk"}


def test_intensity_multiplies_boldness() -> None:
    staffs = [site.staff for site in sites(SETTINGS)]
    twice = WorldSettings(stores=8, weeks=8, transactions_per_store_day=50.0, intensity=2.0)
    one, two = (
        plan_thefts(settings, staffs, all_schemes(), np.random.default_rng(1))
        for settings in (SETTINGS, twice)
    )
    assert [2 * entry.thief.boldness for entry in one] == pytest.approx(
        [entry.thief.boldness for entry in two]
    )
