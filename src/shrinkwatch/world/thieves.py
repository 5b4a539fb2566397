"""Who steals in the simulated chain, from when to when, and the doing of it, store by store."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from shrinkwatch.world import gift_cards as cards
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.shoppers import FIRST_ACCOMPLICE, PER_STORE
from shrinkwatch.world.staff import Staff
from shrinkwatch.world.theft import Scene, Scheme, Theft, Thief, Variant
from shrinkwatch.world.visits import Site

WEEKS_A_YEAR = 365.25 / 7
BOLDNESS_SIGMA = 0.4
SPELL_SHAPE = 4.0
GIFT_CARDS_PER_THIEF = 500
VISITS_A_WEEK = 2.0

TEMPTED = 25
"""Shoppers of one store who might skip scans; the quota is filled from them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One thief's doings in a store: where, who, by which scheme, openly or hidden."""

    store: int
    scheme: Scheme
    thief: Thief
    variant: Variant


def plan_thefts(
    settings: WorldSettings,
    staffs: Sequence[Staff],
    schemes: Mapping[str, Scheme],
    rng: np.random.Generator,
) -> list[Plan]:
    """Return who among the employees of the chain steals in the period, and how.

    The number is stores × cases per year × (weeks + mean spell) / weeks of a year, rounded at
    random: a case counts when any of its days may lie in the period. Schemes are dealt in turn
    from a shuffled pack; people are drawn without replacement. Who practises two schemes has two
    plans.
    """
    pack = [scheme for scheme in schemes.values() if scheme.actor == "operator"]
    if not pack:
        return []
    count = cases(settings, settings.cases_per_store_year, pack, rng)
    order = rng.permutation(len(pack))
    plans: list[Plan] = []
    taken: set[tuple[int, int]] = set()
    for number in range(count):
        scheme = pack[int(order[number % len(pack)])]
        first, last = series(settings, scheme, rng)
        who = _candidate(staffs, scheme, last, taken, rng)
        if who is None:
            continue
        taken.add(who)
        bold = float(rng.lognormal(0.0, BOLDNESS_SIGMA)) * settings.intensity
        thief = Thief(who[1], first, last, bold, _cards(who[0], number, rng))
        practised = (scheme, *_second(staffs[who[0]], who[1], scheme, pack, settings, rng))
        thief = replace(thief, boldness=thief.boldness / len(practised))
        plans += [Plan(who[0], each, thief, variant_of(settings, rng)) for each in practised]
    return plans


def _second(
    staff: Staff,
    row: int,
    first: Scheme,
    pack: Sequence[Scheme],
    settings: WorldSettings,
    rng: np.random.Generator,
) -> tuple[Scheme, ...]:
    """Return the other scheme of a thief who practises two, or nothing."""
    at_desk = staff.table["role"][row] == "service_desk"
    others = [other for other in pack if other is not first and (other.at_desk or not at_desk)]
    mixed = rng.random() < settings.mixed_share and bool(others)
    return (others[int(rng.integers(len(others)))],) if mixed else ()


def cases(
    settings: WorldSettings, a_year: float, pack: Sequence[Scheme], rng: np.random.Generator
) -> int:
    """Return how many cases lie in the period at so many a store and year, rounded at random."""
    spell = float(np.mean([scheme.habit.spell_weeks for scheme in pack]))
    expected = settings.stores * a_year * (settings.weeks + spell) / WEEKS_A_YEAR
    return int(expected) + int(rng.random() < expected % 1)


def variant_of(settings: WorldSettings, rng: np.random.Generator) -> Variant:
    """Return whether a thief hides what is done."""
    return "evasive" if rng.random() < settings.evasive_share else "plain"


def series(settings: WorldSettings, scheme: Scheme, rng: np.random.Generator) -> tuple[int, int]:
    """Return the first and last day of a series that overlaps the period."""
    length = max(7.0, 7 * scheme.habit.spell_weeks * rng.gamma(SPELL_SHAPE, 1 / SPELL_SHAPE))
    first = int(np.floor(rng.uniform(-length, settings.days)))
    return first, int(first + length)


def _candidate(
    staffs: Sequence[Staff],
    scheme: Scheme,
    last_day: int,
    taken: set[tuple[int, int]],
    rng: np.random.Generator,
) -> tuple[int, int] | None:
    """Return a store and an operator row for the scheme, or None when nobody is left."""
    free = [
        (store, row)
        for store, staff in enumerate(staffs)
        for row in _able(staff, scheme, rng)
        if (store, row) not in taken and staff.hired_day[row] + 7 < last_day
    ]
    return free[int(rng.integers(len(free)))] if free else None


def _able(staff: Staff, scheme: Scheme, rng: np.random.Generator) -> tuple[int, ...]:
    desk = staff.of_role("service_desk")
    at_desk = scheme.at_desk and bool(desk) and rng.random() < 0.6
    return desk if at_desk else staff.of_role("cashier")


def _cards(store: int, number: int, rng: np.random.Generator) -> tuple[int, ...]:
    """Return one or two payment cards at a thief's hand, unlike any shopper's."""
    first = 2 * (store * PER_STORE + FIRST_ACCOMPLICE + number % 2000)
    return (first, first + 1)[: int(rng.integers(1, 3))]


def commit(
    ledger: Ledger,
    site: Site,
    plans: Sequence[Plan],
    schemes: Mapping[str, Scheme],
    settings: WorldSettings,
) -> tuple[Ledger, pl.DataFrame]:
    """Return the store's ledger with its thefts, and `tx, loss, scheme, variant, thief` of them.

    `thief` is the operator's row or the shopper's number. Employees steal as planned; habitual
    skip-scanners are added until the store's share of unscanned value is reached.
    """
    found: list[pl.DataFrame] = []
    for number, plan in enumerate(plans):
        habit, steal = plan.scheme.practice(plan.variant)
        stolen = tuple(tx for rows in found for tx in rows["tx"].to_list())
        thief = replace(plan.thief, spoken_for=stolen)
        theft = steal(ledger, thief, habit, _scene(site, number), site.rng)
        ledger = theft.ledger
        found.append(_signed(theft, plan.scheme, plan.variant, thief.actor))
    for scheme in schemes.values():
        if scheme.actor == "shopper" and site.shop.self_checkouts:
            ledger, rows = _shoplift(ledger, site, scheme, settings)
            found += rows
    return ledger, pl.concat([_nobody(), *found])


def _signed(theft: Theft, scheme: Scheme, variant: Variant, actor: int) -> pl.DataFrame:
    return theft.rows.select(
        "tx",
        pl.col("loss").cast(pl.Int64),
        scheme=pl.lit(scheme.id),
        variant=pl.lit(variant),
        thief=pl.lit(actor, dtype=pl.Int64),
    )


def _nobody() -> pl.DataFrame:
    columns = {"tx": pl.Int64, "loss": pl.Int64, "scheme": pl.String, "variant": pl.String}
    return pl.DataFrame(schema={**columns, "thief": pl.Int64})


def _scene(site: Site, number: int) -> Scene:
    shop, goods = site.shop, site.goods
    share = np.diff(goods.demand(shop.format), prepend=0.0)
    first = shop.index * cards.PER_STORE + cards.FIRST_STOLEN
    return Scene(
        closes=shop.closes_s,
        price=goods.price,
        stocked=np.flatnonzero(share > 0),
        approvers=site.staff.of_role("supervisor"),
        colleagues=site.staff.of_role("cashier", "service_desk"),
        self_checkout=shop.self_checkouts,
        first_gift_card=first + number * GIFT_CARDS_PER_THIEF,
        gift_card_item=goods.gift_card,
        staff_discount=shop.format.staff_discount,
        promotion_days=site.calendar.promotion_days,
        desk=shop.desk,
        first_shopper=shop.index * PER_STORE,
        tax=goods.tax,
    )


def _shoplift(
    ledger: Ledger, site: Site, scheme: Scheme, settings: WorldSettings
) -> tuple[Ledger, list[pl.DataFrame]]:
    """Let regulars of the self-checkout skip scans until the store's share of value is gone."""
    rng = site.rng
    alone = ledger.tx.filter(
        pl.col("register").is_in(list(site.shop.self_checkouts)),
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("loyalty").is_not_null() | pl.col("card").is_not_null(),
    )
    value = int(alone.join(ledger.worth(), on="tx", maintain_order="left")["net"].sum())
    quota = value * settings.habitual_non_scan
    visits = Counter(alone["shopper"].to_list())
    often = max(2, round(VISITS_A_WEEK * settings.weeks))
    regulars = np.array(sorted(who for who, n in visits.items() if n >= often), dtype=np.int64)
    tempted = rng.permutation(regulars)[:TEMPTED].tolist()
    theirs = alone.filter(pl.col("shopper").is_in(tempted))["tx"]
    others, ledger = ledger.without(theirs), ledger.keep(theirs)
    found: list[pl.DataFrame] = []
    gone = 0
    for shopper in tempted:
        if gone >= quota:
            break
        first, last = series(settings, scheme, rng)
        bold = float(rng.lognormal(0.0, BOLDNESS_SIGMA)) * settings.intensity
        thief = Thief(shopper, first, last, bold, ())
        variant = variant_of(settings, rng)
        habit, steal = scheme.practice(variant)
        theft = steal(ledger, thief, habit, _scene(site, 0), rng)
        loss = int(theft.rows["loss"].sum())
        if loss == 0 or rng.random() * loss > quota - gone:
            gone += loss
            continue
        gone += loss
        ledger = theft.ledger
        found.append(_signed(theft, scheme, variant, shopper))
    return others.plus(ledger), found
