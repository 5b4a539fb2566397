"""Goods and prices."""

import numpy as np
import pytest

from shrinkwatch.world.assortment import Assortment, assortment
from shrinkwatch.world.departments import DEPARTMENTS
from shrinkwatch.world.formats import FORMATS


@pytest.fixture(scope="module")
def goods() -> Assortment:
    return assortment(4, np.random.default_rng(1))


def test_every_item_has_its_own_number_a_price_ending_in_9_and_a_margin(goods: Assortment) -> None:
    items = goods.table.head(-1)
    assert items["sku"].is_unique().all()
    assert (items["price"] % 10 == 9).all()
    assert (items["cost"] < items["price"]).all()


def test_prices_are_around_the_departments_medians(goods: Assortment) -> None:
    """A department's kinds of goods differ by a factor, so half to double is near enough."""
    names = goods.departments()
    for name, department in DEPARTMENTS.items():
        median = np.median(goods.price[names == name])
        assert 0.5 < median / department.median_minor < 2.2


def test_demand_is_for_what_the_shop_stocks_and_for_some_items_far_more(goods: Assortment) -> None:
    share = np.diff(goods.demand(FORMATS["supermarket"]), prepend=0.0)
    stocked = np.isin(goods.departments(), list(FORMATS["supermarket"].departments))
    assert share[~stocked].sum() == 0
    assert share.sum() == pytest.approx(1.0)
    assert share.max() > 5 * np.median(share[stocked])


def test_the_gift_card_is_the_last_item_has_no_tax_and_is_never_in_a_basket_by_chance(
    goods: Assortment,
) -> None:
    assert goods.table["description"][goods.gift_card] == "Gift card"
    assert goods.tax[goods.gift_card] == 0
    assert goods.popularity[goods.gift_card] == 0


def test_about_one_item_in_25_is_on_promotion_each_week(goods: Assortment) -> None:
    assert goods.promoted.shape == (4, goods.table.height)
    assert 0.03 < (goods.promoted > 0).mean() < 0.05
