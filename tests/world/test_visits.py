"""Honest sales."""

import numpy as np
import polars as pl

from shrinkwatch.world.formats import FORMATS
from shrinkwatch.world.visits import Site, hours, open_sessions, sales


def test_people_come_while_the_shop_is_open_and_more_at_the_peak_than_at_opening() -> None:
    shop = FORMATS["supermarket"]
    times = hours(shop, 50_000, np.random.default_rng(1)) / 3600
    assert times.min() >= shop.opens
    assert times.max() < shop.closes
    by_hour = np.histogram(times, bins=np.arange(shop.opens, shop.closes + 1))[0]
    assert by_hour[17 - shop.opens] > 3 * by_hour[0]


def test_about_as_many_sales_as_the_store_expects(site: Site) -> None:
    """Two ordinary weeks and one promotion day in them."""
    expected = site.shop.sales_per_day * site.days
    assert 0.85 * expected < sales(site).tx.height < 1.25 * expected


def test_every_sale_is_rung_by_whoever_sits_at_that_till(site: Site) -> None:
    _, operator = open_sessions(site)
    ledger = sales(site)
    staffed = ledger.tx.filter(pl.col("operator") != site.staff.self_checkout)
    minute = (staffed["start"] // 60).to_numpy()
    assert (
        operator[minute, staffed["register"].to_numpy()] == staffed["operator"].to_numpy()
    ).all()


def test_every_basket_has_lines_numbered_from_one_and_scanned_in_order(site: Site) -> None:
    ledger = sales(site)
    sizes = ledger.lines.group_by("tx").agg(
        pl.len(), pl.col("line").max(), pl.col("at").is_sorted()
    )
    assert sizes.height == ledger.tx.height
    assert (sizes["len"] == sizes["line"]).all()
    assert sizes["at"].all()


def test_cash_names_no_card_and_a_card_is_the_shopper_s(site: Site) -> None:
    tx = sales(site).tx
    assert (
        tx.filter(pl.col("pay") == "cash")["card"].null_count()
        == tx.filter(pl.col("pay") == "cash").height
    )
    cards = tx.filter(pl.col("card").is_not_null())
    assert (cards["card"] // 2 == cards["shopper"]).all()


def test_weighed_goods_are_keyed_by_their_number_and_weigh_something(site: Site) -> None:
    lines = sales(site).lines
    weighed = lines.filter(pl.col("entry") == "plu")
    produce = np.isin(site.goods.departments(), ["produce"])[weighed["item"].to_numpy()]
    assert produce.all()
    assert (weighed["quantity"] > 0).all()
