"""Stickers."""

import polars as pl
import pytest

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.markdowns import EVENING_S, FRESH, markdowns
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def ledger(site: Site) -> Ledger:
    return sales(site)


@pytest.fixture
def marked(ledger: Ledger, site: Site) -> pl.DataFrame:
    return markdowns(ledger, site).join(ledger.lines, on=["tx", "line"]).join(ledger.tx, on="tx")


def test_short_dated_goods_are_fresh_and_go_in_the_evening(
    marked: pl.DataFrame, site: Site
) -> None:
    fresh = marked.filter(pl.col("reason") == "short_dated")
    departments = site.goods.table["department"].gather(fresh["item"])
    assert fresh.height > 50
    assert set(departments) <= set(FRESH)
    assert (fresh["start"] % 86_400 >= site.shop.closes_s - EVENING_S).all()


def test_one_evening_line_in_twelve_is_marked_down(
    ledger: Ledger, marked: pl.DataFrame, site: Site
) -> None:
    """1 / 12 = 8.3 % and 0.25 % damaged."""
    rows = [n for n, name in enumerate(site.goods.departments()) if name in FRESH]
    evening = pl.col("start") % 86_400 >= site.shop.closes_s - EVENING_S
    sold = ledger.lines.join(ledger.tx, on="tx").filter(evening, pl.col("item").is_in(rows))
    found = marked.filter(evening, pl.col("item").is_in(rows))
    assert found.height / sold.height == pytest.approx(0.0855, abs=0.02)


def test_a_line_costs_less_but_never_nothing(marked: pl.DataFrame) -> None:
    whole = marked["quantity"] * marked["price"]
    assert (-marked["amount"] / whole).is_between(0.0, 0.71).all()
    assert not marked.select("tx", "line").is_duplicated().any()


def test_whoever_put_the_sticker_on_works_there_on_that_day(
    marked: pl.DataFrame, site: Site
) -> None:
    there = site.staff.sessions.select("day", approver="operator").unique()
    assert marked.join(there, on=["day", "approver"], how="anti").is_empty()
    own = marked.filter(pl.col("approver") == pl.col("operator"))
    assert own.height > 0
