"""Totals and tenders, by hand."""

import polars as pl
import pytest

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.money import drawer_openings, tenders, totals
from shrinkwatch.world.visits import Site


@pytest.fixture
def ledger(site: Site) -> Ledger:
    """A cash sale of 12.50, its post-void, a refused card then cash, a cancel, a pickup."""
    tx = pl.DataFrame(
        {
            "tx": [0, 1, 2, 3, 4],
            "type": ["sale", "void", "sale", "sale", "pickup"],
            "status": ["completed", "completed", "completed", "cancelled", "completed"],
            "pay": ["cash", "cash", "cash", None, "cash"],
            "refused": [None, None, "credit", None, None],
            "original": [None, 0, None, None, None],
            "amount": [None, None, None, None, -5000],
            "register": [0] * 5,
        }
    )
    lines = pl.DataFrame(
        {"tx": [0, 2, 3], "line": [1, 1, 1], "item": [0, 0, 0], "price": [1250, 800, 900]}
    )
    del site
    return Ledger.of(tx=tx, lines=lines)


def test_a_post_void_comes_to_minus_its_original_and_a_pickup_to_its_amount(
    ledger: Ledger, site: Site
) -> None:
    sums = totals(ledger, ledger.lines_worth(), site).sort("tx")
    assert sums["net"].to_list() == [1250, -1250, 800, 900, -5000]
    assert sums["gross"].to_list() == [1250, None, 800, 900, None]


def test_tax_is_what_the_price_of_food_contains(ledger: Ledger, site: Site) -> None:
    """7 % within 12.50: 12.50 × 7 / 107 = 0.82."""
    assert site.goods.table["department"][0] == "produce"
    assert totals(ledger, ledger.lines_worth(), site).sort("tx")["tax"][0] == 82


def test_live_tenders_come_to_net_change_is_negative_and_a_cancel_has_none(
    ledger: Ledger, site: Site
) -> None:
    sums = totals(ledger, ledger.lines_worth(), site)
    paid = tenders(ledger, sums, site)
    live = paid.filter(~pl.col("voided")).group_by("tx").agg(pl.col("amount").sum()).sort("tx")
    assert live.rows() == [(0, 1250), (1, -1250), (2, 800), (4, -5000)]
    assert (paid.filter("change")["amount"] < 0).all()
    refused = paid.filter("voided")
    assert refused.select("tx", "type", "amount").rows() == [(2, "credit", 800)]


def test_a_cancelled_record_shows_the_tender_that_was_tried(ledger: Ledger, site: Site) -> None:
    tried = ledger.mark(pl.Series([3]), refused="cash")
    paid = tenders(tried, totals(tried, tried.lines_worth(), site), site)
    shown = paid.filter(pl.col("tx") == 3)
    assert shown.select("type", "amount", "voided").rows() == [("cash", 900, True)]
    assert drawer_openings(tried, paid, site)["tx"].is_in([3]).any()


def test_the_drawer_opens_for_cash_but_not_in_training(ledger: Ledger, site: Site) -> None:
    paid = tenders(ledger, totals(ledger, ledger.lines_worth(), site), site)
    opened = drawer_openings(ledger, paid, site)["tx"].sort()
    assert opened.to_list() == [0, 1, 2, 4]
    practice = ledger.mark(pl.Series([2]), training=True)
    assert 2 not in drawer_openings(practice, paid, site)["tx"].to_list()
