"""Honest returns."""

import numpy as np
import polars as pl
import pytest

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.returns import at_open_till, returns
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def site() -> Site:
    """A department store, where much comes back: the second store of the pattern."""
    from shrinkwatch.world.chain import sites

    return sites(WorldSettings(stores=2, weeks=4, seed=4, transactions_per_store_day=400.0))[1]


@pytest.fixture
def ledger(site: Site) -> Ledger:
    return returns(sales(site), site)


BACK = pl.col("type").is_in(["return", "exchange"])


def test_about_the_format_s_share_comes_back(ledger: Ledger, site: Site) -> None:
    back = ledger.tx.filter(BACK).height / ledger.tx.filter(~BACK).height
    assert back == pytest.approx(site.shop.format.return_rate, rel=0.2)


def test_about_one_in_six_has_no_receipt(ledger: Ledger) -> None:
    back = ledger.tx.filter(BACK)
    bare = back.filter(pl.col("original").is_null(), pl.col("old_day").is_null())
    assert 0.1 < bare.height / back.height < 0.22


def test_goods_come_back_after_they_were_sold_and_within_31_days(ledger: Ledger) -> None:
    back = ledger.tx.filter(BACK).join(ledger.tx, left_on="original", right_on="tx", suffix="_s")
    assert (back["start"] > back["start_s"]).all()
    assert (back["day"] - back["day_s"]).is_between(0, 31).all()


def test_a_return_never_pays_more_than_the_line_cost(ledger: Ledger) -> None:
    back = ledger.lines.filter(pl.col("kind") == "return").join(
        ledger.tx.select("tx", "original"), on="tx"
    )
    sold = ledger.lines_worth().group_by("tx", "item").agg(pl.col("extended").max())
    pairs = back.join(sold, left_on=["original", "item"], right_on=["tx", "item"])
    assert pairs.height > 0
    paid = -(pairs["quantity"] * pairs["price"])
    assert (paid <= pairs["extended"] + pairs["quantity"].abs()).all()


def test_a_card_sale_goes_back_to_a_card_and_nearly_always_the_same(ledger: Ledger) -> None:
    back = ledger.tx.filter(pl.col("type") == "return").join(
        ledger.tx, left_on="original", right_on="tx", suffix="_s"
    )
    cards = back.filter(pl.col("card").is_not_null(), pl.col("card_s").is_not_null())
    assert (cards["card"] == cards["card_s"]).mean() > 0.93  # type: ignore[operator]
    assert (
        back.filter(pl.col("pay") == "cash")["card"].null_count()
        == back.filter(pl.col("pay") == "cash").height
    )


def test_an_exchange_gives_goods_for_goods(ledger: Ledger) -> None:
    swapped = ledger.tx.filter(pl.col("type") == "exchange").join(ledger.lines, on="tx")
    assert set(swapped["kind"]) == {"return", "item"}


def test_most_come_to_the_desk_and_none_to_a_closed_till(site: Site) -> None:
    day = np.repeat(np.arange(site.days), 50)
    noon = np.full(day.size, 13 * 3600)
    register, operator = at_open_till(site, day, noon)
    assert (operator >= 0).all()
    assert (register == site.shop.desk[0]).mean() > 0.8
    night = np.full(day.size, 3 * 3600)
    assert (at_open_till(site, day, night)[1] == -1).all()
