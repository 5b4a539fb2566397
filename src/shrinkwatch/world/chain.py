"""A chain of shops over some weeks: every till record, the tables beside it and the answer sheets.

`simulate` makes it in memory; `shrinkwatch.world.files.write` writes it as contract files. Every
store has a random stream of its own, so the same seed makes the same chain everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from shrinkwatch.world.answers import incidents, lookalike_sheet, numbered
from shrinkwatch.world.assortment import assortment
from shrinkwatch.world.calendar import Calendar, calendar
from shrinkwatch.world.favours import favours
from shrinkwatch.world.lapses import lapses
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.lookalikes import lookalikes
from shrinkwatch.world.mishaps import mishaps
from shrinkwatch.world.orders import brought_back, fetched
from shrinkwatch.world.papers import Papers, papers
from shrinkwatch.world.refund_cards import refund_cards
from shrinkwatch.world.returns import returns
from shrinkwatch.world.rings import plan_customers
from shrinkwatch.world.routine import routine
from shrinkwatch.world.schemes import all_schemes
from shrinkwatch.world.second_returns import second_returns
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.settle import settle
from shrinkwatch.world.shoppers import shoppers
from shrinkwatch.world.shops import Shop, shops
from shrinkwatch.world.staff import Staff, slowed, staff
from shrinkwatch.world.stock.carried import unscanned
from shrinkwatch.world.stock.sheets import Stock
from shrinkwatch.world.stock.store_stock import STREAM, Till, store_stock
from shrinkwatch.world.stock.transfers import transfers
from shrinkwatch.world.tables import tables
from shrinkwatch.world.theft import Scheme
from shrinkwatch.world.thieves import Plan, commit, plan_thefts
from shrinkwatch.world.till_sessions import till_sessions
from shrinkwatch.world.visits import Site, sales

PARTS = ("lines", "price_changes", "tenders", "events")


@dataclass(frozen=True, slots=True)
class World:
    """The simulated chain.

    transactions: one row per till record in order of arrival, under the contract's names; money in
    minor units (`*_minor`), times UTC, `local_s` seconds since the period's first local midnight.
    lines, price_changes, tenders, events: what belongs to them; `tx` is the row in transactions,
    by which they are sorted; `at_s` counts seconds from `began_at`.
    tables: stores, registers, operators, items, shifts, till_sessions, stock_moves and
    stock_counts, as CONTRACT §2 names their columns.
    incidents: the answer sheet of the thefts. lookalikes: that of the honest oddities.
    stock_causes: the answer sheet of the stock, `store_id, sku, at, cause, quantity`: why a book
    is too high (negative: too low) by so many units.
    naive: whether the feed's times are written without their offset.
    """

    settings: WorldSettings
    transactions: pl.DataFrame
    lines: pl.DataFrame
    price_changes: pl.DataFrame
    tenders: pl.DataFrame
    events: pl.DataFrame
    tables: dict[str, pl.DataFrame]
    incidents: pl.DataFrame
    lookalikes: pl.DataFrame
    stock_causes: pl.DataFrame
    naive: bool = False


def simulate(settings: WorldSettings, told: Callable[[int], None] | None = None) -> World:
    """Return the chain that these settings describe; the same settings give the same chain.

    told: called after each store with how many are done.

    >>> world = simulate(WorldSettings.tiny())
    >>> sorted(world.tables)[:5]
    ['items', 'operators', 'registers', 'shifts', 'stock_counts']

    Raises ValueError when a scheme is named that no file of `world/schemes` has.
    """
    schemes = _practised(settings)
    shops_open = sites(settings)
    chance = np.random.default_rng(_seeds(settings)[1])
    plans = plan_thefts(settings, [site.staff for site in shops_open], schemes, chance)
    plans += plan_customers(settings, shops_open, schemes, chance)
    sent = transfers(shops_open, np.random.default_rng([settings.seed, STREAM, settings.stores]))
    done = []
    for number, site in enumerate(shops_open, 1):
        done.append(_store(site, plans, sent, schemes, settings))
        if told is not None:
            told(number)
    children, transactions = _joined([store.page for store in done])
    return World(
        settings=settings,
        transactions=transactions,
        lines=children["lines"],
        price_changes=children["price_changes"],
        tenders=children["tenders"],
        events=children["events"],
        tables={
            **tables(shops_open, settings),
            "till_sessions": pl.concat([store.till_sessions for store in done]),
            "stock_moves": pl.concat([store.stock.moves for store in done]).sort("at"),
            "stock_counts": pl.concat([store.stock.counts for store in done]),
        },
        incidents=numbered(pl.concat([store.incidents for store in done])),
        lookalikes=lookalike_sheet(shops_open, settings),
        stock_causes=pl.concat([store.stock.causes for store in done]),
    )


def _practised(settings: WorldSettings) -> dict[str, Scheme]:
    known = all_schemes()
    if settings.schemes is None:
        return known
    unknown = sorted(set(settings.schemes) - known.keys())
    if unknown:
        raise ValueError(f"no such scheme: {', '.join(unknown)}; known: {', '.join(known)}")
    return {name: known[name] for name in sorted(settings.schemes)}


def sites(settings: WorldSettings) -> list[Site]:
    """Return the chain's stores with their staff, goods and plans, before anything is sold.

    Each has its own stream of chance, so that what is stolen in one changes nothing in another.
    """
    seeds = _seeds(settings)
    rng = np.random.default_rng(seeds[0])
    goods = assortment(settings.weeks, rng)
    stores = shops(settings, rng)
    plan = calendar(settings, stores, goods, rng)
    streams = [np.random.default_rng(seed) for seed in seeds[2:]]
    return [
        Site(
            shop=shop,
            stores=settings.stores,
            days=settings.days,
            goods=goods,
            staff=_people(shop, settings.days, stream, plan),
            shoppers=shoppers(shop, settings.days, stream),
            calendar=plan,
            rng=stream,
        )
        for shop, stream in zip(stores, streams, strict=True)
    ]


def _people(shop: Shop, days: int, stream: np.random.Generator, plan: Calendar) -> Staff:
    """Return the store's staff; in some stores the longest-serving cashier has become slow."""
    people = staff(shop, days, stream, plan.opens_on(shop))
    return slowed(people) if plan.has("slow_cashier", shop) else people


def _seeds(settings: WorldSettings) -> list[np.random.SeedSequence]:
    """Return a seed for the chain, one for who steals, and one per store."""
    return np.random.SeedSequence(settings.seed).spawn(settings.stores + 2)


def honest(site: Site) -> tuple[Ledger, pl.DataFrame]:
    """Return the store's ledger of the period without any theft.

    And beside it `tx, day, item, out`: the goods that honest shoppers forgot to scan.
    """
    ledger = fetched(favours(sales(site), site), site)
    ledger = mishaps(ledger, site)
    ledger = second_returns(returns(ledger, site), site)
    ledger = brought_back(refund_cards(ledger, site), site)
    ledger = lookalikes(ledger, site)
    whole = settle(lapses(routine(ledger, site), site))
    return whole, unscanned(ledger, whole)


@dataclass(frozen=True, slots=True)
class _Store:
    """What one store leaves behind: its papers, its part of the answer sheet, its stock."""

    page: Papers
    incidents: pl.DataFrame
    stock: Stock
    till_sessions: pl.DataFrame


def _store(
    site: Site,
    plans: Sequence[Plan],
    sent: pl.DataFrame,
    schemes: dict[str, Scheme],
    settings: WorldSettings,
) -> _Store:
    here = [plan for plan in plans if plan.store == site.shop.index]
    innocent, forgotten = honest(site)
    ledger, stolen = commit(innocent, site, here, schemes, settings)
    settled = settle(ledger)
    page = papers(settled, site, settings, stolen["tx"])
    till = Till(innocent, ledger, forgotten, stolen, page.number["tx"])
    stock = store_stock(till, sent, site, settings)
    counted = till_sessions(settled, page, site, settings)
    return _Store(page, incidents(page, stolen, site, schemes), stock, counted)


def _joined(pages: Sequence[Papers]) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Return the parts and transactions of all stores, in order of the transactions' end."""
    starts = np.cumsum([0, *(page.transactions.height for page in pages)])
    every = pl.concat([page.transactions for page in pages]).with_row_index("before")
    ordered = every.sort("ended_at", "store_id", "register_id", "sequence")
    place = np.empty(ordered.height, dtype=np.int64)
    place[ordered["before"].to_numpy()] = np.arange(ordered.height)
    children = {}
    for part in PARTS:
        frames = [
            getattr(page, part).with_columns(
                tx=pl.Series(place[getattr(page, part)["tx"].to_numpy() + start])
            )
            for page, start in zip(pages, starts, strict=False)
        ]
        children[part] = pl.concat(frames).sort("tx", maintain_order=True)
    return children, ordered.drop("before")
