"""Coupons of honest customers."""

import polars as pl
import pytest

from shrinkwatch.world.favours import favours
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def ledger(site: Site) -> Ledger:
    return favours(sales(site), site)


def test_a_coupon_on_a_line_is_for_the_item_of_that_line(ledger: Ledger) -> None:
    """Item 42's coupon is M10042; a staff price or a discount beside it changes nothing."""
    coupons = ledger.changes.filter(pl.col("type") == "coupon", pl.col("line").is_not_null())
    lines = coupons.join(ledger.lines, on=["tx", "line"])
    assert lines.height > 20
    assert (lines["code"] == "M" + (lines["item"] + 10_000).cast(pl.String)).all()


def test_some_are_keyed_on_the_receipt_and_a_few_of_them_lack_their_item(ledger: Ledger) -> None:
    keyed = ledger.changes.filter(
        pl.col("type") == "coupon", pl.col("line").is_null(), pl.col("code").str.starts_with("M")
    )
    bought = ledger.lines.select("tx", code="M" + (pl.col("item") + 10_000).cast(pl.String))
    absent = keyed.join(bought, on=["tx", "code"], how="anti")
    assert 0 < absent.height < 0.6 * keyed.height


def test_the_chain_s_coupon_is_a_tenth_of_the_sum_it_asks_for(ledger: Ledger) -> None:
    own = ledger.changes.filter(pl.col("code").str.starts_with("S"))
    before = own.join(ledger.worth(), on="tx").with_columns(net=pl.col("net") - pl.col("amount"))
    assert own.height > 5
    assert set(own["amount"]) <= {-200, -300, -500}
    untaxed = before.join(ledger.tx.filter(pl.col("exempt").is_null()), on="tx")
    plain = untaxed.join(ledger.changes.filter(pl.col("type") != "coupon"), on="tx", how="anti")
    assert (plain["net"] >= -10 * plain["amount"]).all()


def test_one_code_of_the_chain_is_on_many_receipts(ledger: Ledger) -> None:
    own = ledger.changes.filter(pl.col("code").str.starts_with("S"))
    assert own.group_by("code").len()["len"].max() > 2  # type: ignore[operator]
