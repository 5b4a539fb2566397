"""Store credit without goods, and credit spent."""

import polars as pl
import pytest

from shrinkwatch.world.credit import store_credit
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.money import tenders, totals
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def ledger(site: Site) -> Ledger:
    return store_credit(sales(site), site)


def test_credit_for_a_complaint_is_a_round_sum_without_goods(ledger: Ledger) -> None:
    given = ledger.tx.filter(pl.col("type") == "other")
    assert given.height > 0
    assert (given["amount"] % 500 == 0).all()
    assert (given["amount"] < 0).all()
    assert ledger.lines.join(given, on="tx", how="semi").is_empty()


def test_its_tender_is_what_it_comes_to(ledger: Ledger, site: Site) -> None:
    paid = tenders(ledger, totals(ledger, ledger.lines_worth(), site), site)
    given = ledger.tx.filter(pl.col("type") == "other").join(paid, on="tx", suffix="_paid")
    assert given["type_paid"].unique().to_list() == ["store_credit"]
    assert (given["amount"] == given["amount_paid"]).all()


def test_mostly_somebody_signs_and_a_name_is_taken_down(ledger: Ledger) -> None:
    given = ledger.tx.filter(pl.col("type") == "other")
    assert given["approver"].is_not_null().mean() > 0.4  # type: ignore[operator]
    assert given["customer"].is_not_null().mean() > 0.4  # type: ignore[operator]


def test_some_sales_are_paid_by_a_credit_note(ledger: Ledger) -> None:
    paid = ledger.tx.filter(pl.col("type") == "sale", pl.col("pay") == "store_credit")
    assert 0 < paid.height < 0.005 * ledger.tx.height
