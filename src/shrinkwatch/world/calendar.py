"""What happens to the chain in this period that is honest and looks odd, planned beforehand.

SCHEMES lists the look-alikes; each is written into `lookalikes.csv` so that a benchmark can count
the false alerts that it causes. New starters and service desks follow from the staff.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.world.assortment import Assortment
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.shops import Shop

GROWTH_A_WEEK = 0.04
FIRST_DAY_TRAFFIC, SETTLED_AFTER_DAYS = 0.45, 42
"""A new store begins with less than half of its traffic and has all of it after six weeks."""

HABITS = {
    "change_lane": 5,
    "cash_rounds": 6,
    "signs_for_all": 5,
    "family_card": 4,
    "slow_cashier": 6,
    "order_desk": 5,
}
"""Lasting habits that look odd: one store in so many has each."""

SPELLS = {
    "terminal_trouble": (4, 1),
    "scale_trouble": (5, 7),
    "new_software": (5, 2),
    "staff_evening": (3, 1),
}
"""Odd days: one store in so many has each, for so many days."""

STORES_PER_TRADER = 6


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of the period (from 0, both included) and, for an outage, seconds of the day."""

    first_day: int
    last_day: int
    begins_s: int = 0
    ends_s: int = 86_400


@dataclass(frozen=True, slots=True)
class Calendar:
    """The honest oddities of the period; stores by index, items by row.

    promotion_days: chain-wide days on which every third line is reduced and more people come.
    recall: an item that the maker calls back, and when. price_error: an item whose price in the
    file is too high for some days, so that every cashier overrides it.
    outages: store -> hours without a network. price_check_stores: where cashiers ring an item
    and cancel to tell a customer its price. bulk_stores: where a charity buys every week.
    helped_stores: where a supervisor opens a lane in the rush.
    growing: stores whose traffic grows from week to week. opening: store -> its first day.
    habits: kind of `HABITS` and store. spells: kind of `SPELLS`, store, days.
    traders: number, store and day of the visits of people who buy and bring back on their rounds.
    """

    promotion_days: tuple[int, ...] = ()
    recall: tuple[int, Span] | None = None
    price_error: tuple[int, Span] | None = None
    outages: tuple[tuple[int, Span], ...] = ()
    price_check_stores: tuple[int, ...] = ()
    bulk_stores: tuple[int, ...] = ()
    helped_stores: tuple[int, ...] = ()
    growing: tuple[int, ...] = ()
    opening: tuple[tuple[int, int], ...] = ()
    habits: tuple[tuple[str, int], ...] = ()
    spells: tuple[tuple[str, int, Span], ...] = ()
    traders: tuple[tuple[int, int, int], ...] = ()

    def outages_of(self, shop: Shop) -> list[Span]:
        """Return the outages of this store."""
        return [span for store, span in self.outages if store == shop.index]

    def has(self, habit: str, shop: Shop) -> bool:
        """Return whether the store has this habit of `HABITS`."""
        return (habit, shop.index) in self.habits

    def spell(self, kind: str, shop: Shop) -> Span | None:
        """Return when the store has this trouble of `SPELLS`, None where it has not."""
        found = (span for name, store, span in self.spells if (name, store) == (kind, shop.index))
        return next(found, None)

    def opens_on(self, shop: Shop) -> int:
        """Return the store's first day of trade, 0 where it was open before the period."""
        return dict(self.opening).get(shop.index, 0)

    def traffic(self, shop: Shop, days: int) -> NDArray[np.float64]:
        """Return each day's traffic relative to what it would be in a store that is settled.

        A growing store starts from its settled traffic; one that is not yet open has none.
        """
        day = np.arange(days)
        if shop.index in self.growing:
            return np.asarray((1 + GROWTH_A_WEEK) ** (day / 7))
        first = self.opens_on(shop)
        if first == 0:
            return np.ones(days)
        settled = np.minimum(1.0, (day - first) / SETTLED_AFTER_DAYS)
        return np.where(day < first, 0.0, FIRST_DAY_TRAFFIC + (1 - FIRST_DAY_TRAFFIC) * settled)


def calendar(
    settings: WorldSettings, stores: list[Shop], goods: Assortment, rng: np.random.Generator
) -> Calendar:
    """Return the plan of the period; an empty one when look-alikes are switched off."""
    if not settings.lookalikes:
        return Calendar()
    days, count = settings.days, len(stores)
    some = max(1, count // 10)
    order = rng.permutation(count)
    young = int(count * settings.growing_share)
    new = young // 2
    plan = Calendar(
        promotion_days=tuple(
            sorted({4 + 28 * m for m in range(-(-days // 28)) if 4 + 28 * m < days})
        ),
        recall=(_popular(goods, "grocery", rng), _span(days, 6, rng)),
        price_error=(_popular(goods, "household", rng), _span(days, 3, rng)),
        outages=tuple((int(s), _outage(stores[s], days, rng)) for s in order[: max(1, count // 5)]),
        price_check_stores=_pick(rng, count, some),
        bulk_stores=_pick(rng, count, max(1, count // 5)),
        helped_stores=_pick(rng, count, max(1, count // 4)),
    )
    youth = rng.permutation(count)[:young].tolist()
    return replace(
        plan,
        growing=tuple(sorted(youth[new:])),
        opening=tuple((store, int(rng.integers(days // 6, days // 2))) for store in youth[:new]),
        habits=tuple(
            (kind, store)
            for kind, one_in in HABITS.items()
            for store in _pick(rng, count, max(1, count // one_in))
        ),
        spells=tuple(
            (kind, store, _span(days, length, rng))
            for kind, (one_in, length) in SPELLS.items()
            for store in _pick(rng, count, max(1, count // one_in))
        ),
        traders=_rounds(count, days, rng),
    )


def _pick(rng: np.random.Generator, count: int, some: int) -> tuple[int, ...]:
    return tuple(sorted(int(index) for index in rng.permutation(count)[:some]))


def _span(days: int, length: int, rng: np.random.Generator) -> Span:
    """Return some days in the period's second half, where a detector has a history."""
    length = min(length, days)
    first = int(rng.integers(days // 2, max(days // 2 + 1, days - length + 1)))
    return Span(first, min(days - 1, first + length - 1))


def _rounds(count: int, days: int, rng: np.random.Generator) -> tuple[tuple[int, int, int], ...]:
    """Return the visits of the traders: each week to some of the stores that they know."""
    visits: list[tuple[int, int, int]] = []
    for number in range(max(1, count // STORES_PER_TRADER)):
        known = rng.permutation(count)[:5].tolist()
        for week in range(0, days, 7):
            stores = rng.permutation(known)[: int(rng.integers(2, 5))].tolist()
            visits += [(number, store, week + int(rng.integers(0, 6))) for store in stores]
    return tuple(visits)


def _outage(shop: Shop, days: int, rng: np.random.Generator) -> Span:
    day = int(rng.integers(days // 3, days))
    begins = int(rng.integers(shop.opens_s + 3600, shop.closes_s - 4 * 3600))
    return Span(day, day, begins, begins + int(rng.integers(5400, 3 * 3600)))


def _popular(goods: Assortment, department: str, rng: np.random.Generator) -> int:
    """Return one of the five best-selling items of a department."""
    here = np.flatnonzero(goods.departments() == department)
    best = here[np.argsort(-goods.popularity[here])[:5]]
    return int(rng.choice(best))
