"""Customers who live on false returns: alone in their store, or going round several as a ring."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.shoppers import PER_STORE
from shrinkwatch.world.theft import Scheme, Thief
from shrinkwatch.world.thieves import BOLDNESS_SIGMA, Plan, cases, series, variant_of
from shrinkwatch.world.visits import Site

DAYS_BETWEEN_TOURS = (8, 17)
DAYS_OF_A_TOUR = 5


def plan_customers(
    settings: WorldSettings,
    sites: Sequence[Site],
    schemes: Mapping[str, Scheme],
    rng: np.random.Generator,
) -> list[Plan]:
    """Return which customers defraud the chain in the period, where and when.

    Their number follows from `customer_cases_per_store_year` as that of the employees does from
    theirs (`shrinkwatch.world.thieves`). A customer is one of a store's households and shops there
    honestly too. Who goes round has a plan for each visit, of one day.
    """
    pack = [scheme for scheme in schemes.values() if scheme.actor == "customer"]
    if not pack:
        return []
    order = rng.permutation(len(pack))
    plans: list[Plan] = []
    for number in range(cases(settings, settings.customer_cases_per_store_year, pack, rng)):
        scheme = pack[int(order[number % len(pack)])]
        first, last = series(settings, scheme, rng)
        home = int(rng.integers(len(sites)))
        often = sites[home].shoppers.cumulative
        who = home * PER_STORE + int(np.searchsorted(often, rng.random(), side="right"))
        bold = float(rng.lognormal(0.0, BOLDNESS_SIGMA)) * settings.intensity
        thief = Thief(who, first, last, bold, (2 * who,))
        variant = variant_of(settings, rng)
        if scheme.stores is None:
            plans.append(Plan(home, scheme, thief, variant))
        else:
            plans += [
                Plan(store, scheme, replace(thief, first_day=day, last_day=day), variant)
                for store, day in tours(home, scheme.stores, thief, settings, rng)
            ]
    return plans


def tours(
    home: int,
    most: tuple[int, int],
    thief: Thief,
    settings: WorldSettings,
    rng: np.random.Generator,
) -> list[tuple[int, int]]:
    """Return the visits of a ring as store and day, in order of the days.

    Every week or two it goes round a few of the stores that it knows, within five days.
    """
    others = [store for store in range(settings.stores) if store != home]
    known = [home, *rng.permutation(others)[: most[1] - 1].tolist()]
    visits: list[tuple[int, int]] = []
    day = thief.first_day
    while day <= min(thief.last_day, settings.days - 1):
        count = min(len(known), int(rng.integers(most[0], most[1] + 1)))
        when = np.sort(day + rng.integers(0, DAYS_OF_A_TOUR, count))
        stores = rng.permutation(known)[:count].tolist()
        visits += list(zip(stores, when.tolist(), strict=True))
        day += int(rng.integers(*DAYS_BETWEEN_TOURS))
    return [(store, day) for store, day in visits if 0 <= day < settings.days]
