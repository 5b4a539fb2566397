"""Refunds on gift cards."""

import polars as pl
import pytest

from shrinkwatch.world.chain import sites
from shrinkwatch.world.favours import favours
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refund_cards import refund_cards
from shrinkwatch.world.returns import returns
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.visits import sales


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """A department store, where much comes back."""
    site = sites(WorldSettings(stores=2, weeks=4, seed=4, transactions_per_store_day=500.0))[1]
    return refund_cards(returns(favours(sales(site), site), site), site)


LOADED = (pl.col("type") == "return") & (pl.col("pay") == "gift_card")
SPENT = (pl.col("type") == "sale") & (pl.col("pay") == "gift_card")


def test_every_card_is_loaded_once_and_no_payment_card_is_paid_beside_it(ledger: Ledger) -> None:
    loaded = ledger.tx.filter(LOADED)
    assert loaded.height > 5
    assert loaded["gift_card"].is_unique().all()
    assert loaded["card"].null_count() == loaded.height


def test_a_card_buys_something_later_for_its_owner_and_no_more_than_is_on_it(
    ledger: Ledger,
) -> None:
    worth = ledger.worth()
    loaded = ledger.tx.filter(LOADED).join(worth, on="tx")
    spent = ledger.tx.filter(SPENT).join(worth, on="tx")
    pairs = spent.join(loaded, on="gift_card", suffix="_back")
    assert pairs.height == spent.height > 0
    assert (pairs["shopper"] == pairs["shopper_back"]).all()
    assert (pairs["start"] > pairs["start_back"]).all()
    assert (pairs["net"] <= -pairs["net_back"]).all()


def test_employees_are_paid_back_on_gift_cards_too(ledger: Ledger) -> None:
    """Employees shop under the numbers from 90,000 within their store."""
    assert ledger.tx.filter(LOADED, pl.col("shopper") % 100_000 >= 90_000).height > 0
