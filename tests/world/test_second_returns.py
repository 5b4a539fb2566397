"""Receipts that honestly serve twice."""

import polars as pl
import pytest

from shrinkwatch.world.chain import sites
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.returns import returns
from shrinkwatch.world.second_returns import second_returns
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def site() -> Site:
    """A department store, where much comes back."""
    return sites(WorldSettings(stores=2, weeks=4, seed=4, transactions_per_store_day=400.0))[1]


@pytest.fixture
def first(site: Site) -> Ledger:
    return returns(sales(site), site)


def _further(first: Ledger, site: Site) -> tuple[pl.DataFrame, Ledger]:
    after = second_returns(first, site)
    new = after.tx.join(first.tx, on="tx", how="anti").select("tx", "original", "start", "day")
    return new, after


def test_every_further_return_names_a_receipt_that_was_used_before(
    first: Ledger, site: Site
) -> None:
    new, _ = _further(first, site)
    earlier = first.tx.filter(pl.col("type") == "return").select("original", before="start")
    pairs = new.join(earlier, on="original")
    assert new.height > 0
    assert pairs.height == new.height
    assert (pairs["start"] > pairs["before"]).all()


def test_a_second_visit_brings_another_item_and_a_return_rung_twice_the_same(
    first: Ledger, site: Site
) -> None:
    new, after = _further(first, site)
    came = after.lines.join(new, on="tx").select("original", "tx", "item")
    gone = first.lines.join(
        first.tx.filter(pl.col("type") == "return").select("tx", "original"), on="tx"
    ).select("original", "item")
    again = came.join(gone, on=["original", "item"], how="semi")["tx"].n_unique()
    assert 0 < again < new.height / 2


def test_it_happens_within_the_period_and_the_time_to_return(first: Ledger, site: Site) -> None:
    new, after = _further(first, site)
    sold = new.join(after.tx.select("tx", sold="day"), left_on="original", right_on="tx")
    assert (sold["day"] < site.days).all()
    assert (sold["day"] - sold["sold"]).is_between(0, 31).all()
