"""Chains small enough to simulate in a second, and one day of a till written by hand."""

import numpy as np
import polars as pl
import pytest

from shrinkwatch.world.chain import World, simulate, sites
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.theft import Scene, Thief
from shrinkwatch.world.visits import Site


@pytest.fixture(scope="session")
def tiny() -> World:
    return simulate(WorldSettings.tiny(seed=5))


@pytest.fixture(scope="session")
def busy() -> World:
    """Nine stores, four weeks, and so many thieves that every scheme is practised."""
    return simulate(
        WorldSettings(
            stores=9,
            weeks=4,
            seed=16,
            transactions_per_store_day=140.0,
            cases_per_store_year=60.0,
            habitual_non_scan=0.004,
            customer_cases_per_store_year=4.0,
            mixed_share=0.5,
            intensity=2.0,
        )
    )


@pytest.fixture
def till() -> Ledger:
    """Register 0, operator 0: on each of ten days ten cash sales, ten minutes apart.

    Each sale is 10.00 + 20.00 + 5.00 = 35.00, scanned at 2, 6 and 10 s, total at 14 s, done after
    30 s. Register 1 is a self-checkout where shopper 7 buys the same each day at noon by card.
    Register 0 also sees one card sale of 35.00 each day, by operator 1.
    """
    day = np.repeat(np.arange(10), 12)
    slot = np.tile(np.arange(12), 10)
    own = slot < 10
    alone = slot == 11
    tx = pl.DataFrame(
        {
            "tx": np.arange(120),
            "register": np.where(alone, 1, 0),
            "operator": np.where(own, 0, np.where(alone, 9, 1)),
            "day": day,
            "start": day * 86_400 + 36_000 + slot * 600,
            "pay": np.where(own, "cash", "credit"),
            "card": pl.Series(np.where(own, 0, 500)).set(pl.Series(own), None),
            "shopper": np.where(alone, 7, 100),
        }
    ).with_columns(total_at=pl.lit(14), length=pl.lit(30))
    lines = pl.DataFrame(
        {
            "tx": np.repeat(np.arange(120), 3),
            "line": np.tile([1, 2, 3], 120),
            "item": np.tile([0, 1, 2], 120),
            "price": np.tile([1000, 2000, 500], 120),
            "at": np.tile([2, 6, 10], 120),
        }
    )
    return Ledger.of(tx=tx, lines=lines)


@pytest.fixture
def scene() -> Scene:
    """A store that closes at 12:00 and sells three items at 10.00, 20.00 and 5.00."""
    return Scene(
        closes=12 * 3600,
        price=np.array([1000, 2000, 500, 0]),
        stocked=np.array([0, 1, 2]),
        approvers=(3, 4),
        colleagues=(0, 1, 2),
        self_checkout=(1,),
        first_gift_card=50,
        gift_card_item=3,
        staff_discount=0.2,
        promotion_days=(4,),
        desk=(),
        first_shopper=0,
        tax=np.array([0.25, 0.0, 0.1, 0.0]),
    )


@pytest.fixture
def cashier() -> Thief:
    return Thief(actor=0, first_day=2, last_day=8, boldness=1.0, own_cards=(900, 901))


@pytest.fixture
def shopper() -> Thief:
    return Thief(actor=7, first_day=2, last_day=8, boldness=1.0, own_cards=())


@pytest.fixture
def site() -> Site:
    """A supermarket for two weeks, before anything is sold; every test gets a fresh one."""
    return sites(WorldSettings(stores=1, weeks=2, seed=4, transactions_per_store_day=300.0))[0]
