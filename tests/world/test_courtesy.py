"""The store's own loyalty card."""

from dataclasses import replace

import polars as pl

from shrinkwatch.world.courtesy import courtesy, house_card
from shrinkwatch.world.visits import Site, sales


def test_one_loyalty_id_goes_with_many_strangers_at_several_cashiers(site: Site) -> None:
    sold = courtesy(sales(site), site).tx
    shown = sold.filter(pl.col("loyalty") == house_card(site))
    assert shown["card"].drop_nulls().n_unique() > 5
    assert shown["operator"].n_unique() > 1


def test_nobody_s_own_card_is_replaced(site: Site) -> None:
    before = sales(site)
    after = courtesy(before, site)
    had = before.tx.filter(pl.col("loyalty").is_not_null()).select("tx", own="loyalty")
    assert after.tx.join(had, on="tx").filter(pl.col("own") != pl.col("loyalty")).is_empty()


def test_one_store_in_three_keeps_none(site: Site) -> None:
    third = replace(site, shop=replace(site.shop, index=2))
    ledger = sales(site)
    assert house_card(third) is None
    assert courtesy(ledger, third) is ledger
