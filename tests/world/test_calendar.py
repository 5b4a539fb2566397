"""Honest oddities, planned."""

import numpy as np

from shrinkwatch.world.assortment import assortment
from shrinkwatch.world.calendar import HABITS, SPELLS, Calendar, calendar
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.shops import shops


def _plan(settings: WorldSettings) -> Calendar:
    rng = np.random.default_rng(settings.seed)
    return calendar(settings, shops(settings, rng), assortment(settings.weeks, rng), rng)


def test_everything_lies_within_the_period_whatever_its_length() -> None:
    for weeks in (1, 2, 8):
        for seed in range(20):
            settings = WorldSettings(weeks=weeks, seed=seed)
            plan = _plan(settings)
            assert plan.recall is not None
            assert plan.price_error is not None
            spans = [plan.recall[1], plan.price_error[1], *(span for _, span in plan.outages)]
            for span in spans:
                assert 0 <= span.first_day <= span.last_day < settings.days
            assert all(0 <= day < settings.days for day in plan.promotion_days)


def test_an_outage_is_some_hours_within_opening_time() -> None:
    settings = WorldSettings(seed=3)
    stores = shops(settings, np.random.default_rng(3))
    for store, span in _plan(settings).outages:
        assert stores[store].opens_s < span.begins_s < span.ends_s < stores[store].closes_s
        assert 1.5 * 3600 <= span.ends_s - span.begins_s <= 3 * 3600


def test_switched_off_it_plans_nothing() -> None:
    assert _plan(WorldSettings(lookalikes=False)) == Calendar()


def test_two_of_twenty_stores_are_young_one_opens_and_one_grows() -> None:
    settings = WorldSettings(seed=3)
    plan = _plan(settings)
    assert len(plan.growing) == len(plan.opening) == 1
    assert plan.growing[0] != plan.opening[0][0]
    assert 0 < plan.opening[0][1] < settings.days / 2


def test_a_growing_store_gains_four_percent_a_week_and_a_settled_one_nothing() -> None:
    shop, other = shops(WorldSettings(), np.random.default_rng(1))[:2]
    traffic = Calendar(growing=(shop.index,)).traffic(shop, 15)
    np.testing.assert_allclose(traffic[[0, 7, 14]], [1.0, 1.04, 1.0816])
    assert (Calendar(growing=(shop.index,)).traffic(other, 15) == 1).all()


def test_a_new_store_has_no_traffic_before_it_opens_and_all_of_it_six_weeks_later() -> None:
    shop = shops(WorldSettings(), np.random.default_rng(1))[0]
    plan = Calendar(opening=((shop.index, 10),))
    traffic = plan.traffic(shop, 60)
    assert plan.opens_on(shop) == 10
    assert (traffic[:10] == 0).all()
    assert traffic[10] == 0.45
    assert (np.diff(traffic[10:52]) > 0).all()
    assert (traffic[52:] == 1).all()


def test_every_habit_and_spell_has_its_share_of_the_stores() -> None:
    plan = _plan(WorldSettings(stores=40))
    for kind, one_in in HABITS.items():
        assert sum(name == kind for name, _ in plan.habits) == 40 // one_in
    for kind, (one_in, days) in SPELLS.items():
        spans = [span for name, _, span in plan.spells if name == kind]
        assert len(spans) == 40 // one_in
        assert {span.last_day - span.first_day + 1 for span in spans} == {days}


def test_a_trader_goes_to_two_to_four_stores_a_week_and_knows_five() -> None:
    visits = _plan(WorldSettings(stores=12)).traders
    assert {number for number, _, _ in visits} == {0, 1}
    for number in (0, 1):
        assert len({store for who, store, _ in visits if who == number}) <= 5
        for week in range(8):
            stores = [s for who, s, day in visits if who == number and day // 7 == week]
            assert 2 <= len(stores) == len(set(stores)) <= 4
