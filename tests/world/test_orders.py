"""Orders placed on line."""

from dataclasses import replace

import polars as pl
import pytest

from shrinkwatch.world.calendar import Calendar
from shrinkwatch.world.chain import sites
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.orders import brought_back, fetched
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def site() -> Site:
    """A department store, where much comes back; no town brings its orders here."""
    settings = WorldSettings(
        stores=2, weeks=4, seed=4, transactions_per_store_day=400.0, lookalikes=False
    )
    return sites(settings)[1]


@pytest.fixture
def ledger(site: Site) -> Ledger:
    return brought_back(fetched(sales(site), site), site)


def test_an_order_is_fetched_at_the_desk_by_a_known_customer(ledger: Ledger, site: Site) -> None:
    orders = ledger.tx.filter(pl.col("type") == "sale", pl.col("order").is_not_null())
    assert orders.height > 10
    assert orders["register"].is_in(list(site.shop.desk)).all()
    assert (orders["customer"] == orders["shopper"]).all()
    assert orders["order"].is_unique().all()


def test_what_was_sent_home_comes_back_without_a_receipt_to_the_card_that_paid(
    ledger: Ledger,
) -> None:
    back = ledger.tx.filter(pl.col("type") == "return")
    assert back["order"].null_count() == back["customer"].null_count() == 0
    assert back["original"].null_count() == back.height
    assert (back["card"] == 2 * back["shopper"]).all()
    assert ledger.lines.join(back, on="tx", how="semi")["quantity"].unique().to_list() == [-1.0]


def test_about_a_quarter_as_many_as_are_brought_back_from_the_shelf(
    ledger: Ledger, site: Site
) -> None:
    """0.25 × 0.085 returns per sale, one in eight of them in two parts: 2.4 % of sales."""
    sold = ledger.tx.filter(pl.col("type") == "sale").height
    back = ledger.tx.filter(pl.col("type") == "return").height
    assert back / sold == pytest.approx(1.12 * 0.25 * site.shop.format.return_rate, rel=0.15)


def test_some_orders_come_back_in_two_parts_by_the_same_customer(ledger: Ledger) -> None:
    back = (
        ledger.tx.filter(pl.col("type") == "return")
        .group_by("order")
        .agg(parts=pl.len(), people=pl.col("customer").n_unique())
    )
    assert 0 < back.filter(pl.col("parts") == 2).height < back.height / 4
    assert back["parts"].max() == 2
    assert back["people"].unique().to_list() == [1]


def test_in_some_stores_a_whole_town_brings_its_orders_back(ledger: Ledger, site: Site) -> None:
    plan = Calendar(habits=(("order_desk", site.shop.index),))
    busy = brought_back(
        Ledger.of(tx=ledger.tx.filter(pl.col("type") == "sale")), replace(site, calendar=plan)
    )
    often = [one.tx.filter(pl.col("type") == "return").height for one in (ledger, busy)]
    assert 4 * often[0] < often[1] < 6 * often[0]
