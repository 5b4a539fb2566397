"""Prices lowered honestly."""

import polars as pl
import pytest

from shrinkwatch.world.favours import favours
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def ledger(site: Site) -> Ledger:
    return favours(sales(site), site)


def test_every_change_lowers_the_price_and_no_line_falls_below_nothing(ledger: Ledger) -> None:
    assert (ledger.changes["amount"] < 0).all()
    assert (ledger.lines_worth()["extended"] >= 0).all()
    assert (ledger.worth()["net"] >= 0).all()


def test_promotions_follow_the_plan_of_the_week(ledger: Ledger, site: Site) -> None:
    changed = ledger.changes.filter(pl.col("type") == "promotion").join(
        ledger.lines, on=["tx", "line"]
    )
    rows = changed.join(ledger.tx.select("tx", "day"), on="tx")
    ordinary = rows.filter(~pl.col("day").is_in(list(site.calendar.promotion_days)))
    week = (ordinary["day"] // 7).to_numpy()
    assert (site.goods.promoted[week, ordinary["item"].to_numpy()] > 0).all()


def test_overrides_have_a_reason_and_mostly_a_signature(ledger: Ledger) -> None:
    overrides = ledger.changes.filter(pl.col("type") == "override")
    assert overrides["reason"].null_count() == 0
    assert 0.4 < overrides["approver"].is_not_null().mean() < 0.9  # type: ignore[operator]


def test_a_discount_by_hand_is_on_the_whole_receipt_and_never_above_20_percent(
    ledger: Ledger,
) -> None:
    discounts = ledger.changes.filter(pl.col("type") == "manual_discount").join(
        ledger.worth(), on="tx"
    )
    assert discounts["line"].null_count() == discounts.height > 0
    assert (-discounts["amount"] <= 0.2001 * (discounts["net"] - discounts["amount"])).all()


def test_nobody_rings_their_own_staff_purchase(ledger: Ledger) -> None:
    staff = ledger.tx.filter("employee_sale")
    assert staff.height > 0
    assert (staff["shopper"] % 100_000 - 90_000 != staff["operator"]).all()


def test_staff_purchases_are_paid_by_few_cards(ledger: Ledger, site: Site) -> None:
    """Two cards of one's own and, now and then, two of the household: at most four each."""
    staff = ledger.tx.filter("employee_sale")
    assert staff["card"].drop_nulls().n_unique() <= 4 * site.staff.table.height
