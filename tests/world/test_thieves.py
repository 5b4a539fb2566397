"""How many steal, who and from when to when."""

from dataclasses import replace

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


def _people(plan: list[Plan]) -> list[tuple[int, int]]:
    return [(entry.store, entry.thief.actor) for entry in plan]


def test_the_number_follows_from_the_published_scale(plans: list[list[Plan]]) -> None:
    """8 stores × 3.4 cases × (8 weeks + 6 weeks of a series) / 52.18 weeks = 7.30."""
    thieves = [len(set(_people(plan))) for plan in plans]
    assert np.mean(thieves) == pytest.approx(7.30, abs=0.15)


def test_schemes_are_dealt_in_turn_so_that_seven_thieves_have_seven() -> None:
    staffs = [site.staff for site in sites(SETTINGS)]
    single = replace(SETTINGS, mixed_share=0.0)
    for seed in range(20):
        plan = plan_thefts(single, staffs, all_schemes(), np.random.default_rng(seed))
        assert len({entry.scheme.id for entry in plan}) == len(plan) == len(set(_people(plan)))


def test_a_share_of_the_thieves_practises_two_schemes_each_half_as_often(
    plans: list[list[Plan]],
) -> None:
    """438 thieves × 0.15 = 66 ± 7.5; both of a thief's plans have the same boldness."""
    thieves = [
        [entry for entry, who in zip(plan, _people(plan), strict=True) if who == person]
        for plan in plans
        for person in dict.fromkeys(_people(plan))
    ]
    mixed = [entries for entries in thieves if len(entries) == 2]
    assert max(len(entries) for entries in thieves) == 2
    assert len(mixed) / len(thieves) == pytest.approx(0.15, abs=0.05)
    assert all(one.scheme.id != two.scheme.id and one.thief == two.thief for one, two in mixed)
    bold = [np.log(e[0].thief.boldness) for e in thieves if len(e) == 1]
    assert np.mean([np.log(e[0].thief.boldness) for e in mixed]) == pytest.approx(
        np.mean(bold) - np.log(2), abs=0.2
    )


def test_about_the_share_asked_for_is_evasive(plans: list[list[Plan]]) -> None:
    hidden = [entry.variant == "evasive" for plan in plans for entry in plan]
    assert np.mean(hidden) == pytest.approx(0.25, abs=0.06)


def test_a_clerk_s_second_scheme_suits_the_desk(plans: list[list[Plan]]) -> None:
    staffs = [site.staff for site in sites(SETTINGS)]
    for entry in (entry for plan in plans for entry in plan):
        role = staffs[entry.store].table["role"][entry.thief.actor]
        assert entry.scheme.at_desk or role == "cashier"


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
