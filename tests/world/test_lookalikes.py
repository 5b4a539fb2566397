"""Honest oddities, in one store where all of them happen."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from shrinkwatch.world.calendar import Calendar, Span
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.lookalikes import bulk_buyer, lookalikes
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def item(site: Site) -> int:
    """Return the best-selling grocery item."""
    grocery = site.goods.departments() == "grocery"
    return int(np.argmax(np.where(grocery, site.goods.popularity, 0.0)))


@pytest.fixture
def odd(site: Site, item: int) -> Site:
    assert site.stocks(item)
    plan = Calendar(
        recall=(item, Span(5, 8)),
        price_error=(item, Span(2, 4)),
        outages=((0, Span(6, 6, 12 * 3600, 14 * 3600)),),
        price_check_stores=(0,),
        bulk_stores=(0,),
        helped_stores=(0,),
    )
    return replace(site, calendar=plan)


@pytest.fixture
def before(odd: Site) -> Ledger:
    return sales(odd)


@pytest.fixture
def ledger(before: Ledger, odd: Site) -> Ledger:
    return lookalikes(before, odd)


def test_without_a_plan_nothing_happens(before: Ledger, site: Site) -> None:
    after = lookalikes(before, replace(site, calendar=Calendar()))
    assert after.tx.equals(before.tx)


def test_a_recall_brings_one_item_back_without_receipts(ledger: Ledger, item: int) -> None:
    back = ledger.tx.filter(pl.col("type") == "return")
    goods = ledger.lines.join(back.select("tx"), on="tx", how="semi")
    assert back["day"].is_between(5, 8).all()
    assert back["original"].null_count() == back.height > 5
    assert goods["item"].unique().to_list() == [item]
    assert goods["reason"].unique().to_list() == ["recall"]


def test_a_price_error_is_overridden_on_every_staffed_sale_of_the_item(
    ledger: Ledger, odd: Site, item: int
) -> None:
    wrong = (
        ledger.lines.filter(pl.col("item") == item, pl.col("kind") == "item")
        .join(ledger.tx.filter(pl.col("status") == "completed"), on="tx")
        .filter(
            pl.col("day").is_between(2, 4),
            pl.col("operator") != odd.staff.self_checkout,
            pl.col("pay") != "account",
        )
    )
    lowered = wrong.join(ledger.changes, on=["tx", "line"], how="semi")
    assert lowered.height == wrong.height > 0


def test_in_an_outage_all_is_cash_and_arrives_afterwards_in_a_burst(ledger: Ledger) -> None:
    cut = ledger.tx.filter("offline")
    ends = 6 * 86_400 + 14 * 3600
    assert cut.height > 0
    assert cut["start"].is_between(ends - 7200, ends).all()
    assert cut["arrived"].is_between(ends + 60, ends + 960).all()
    assert not set(cut.filter(pl.col("type") == "sale")["pay"].drop_nulls()) & {"credit", "debit"}


def test_a_price_check_is_a_cancelled_record_of_one_line(ledger: Ledger) -> None:
    checks = ledger.tx.filter(pl.col("status") == "cancelled")
    lines = ledger.lines.join(checks.select("tx"), on="tx", how="semi")
    assert lines.height == checks.height > 10


def test_the_charity_buys_every_week_on_account_with_a_signed_discount(
    ledger: Ledger, odd: Site
) -> None:
    bought = ledger.tx.filter(pl.col("customer") == bulk_buyer(odd))
    signed = ledger.changes.join(bought.select("tx"), on="tx", how="semi")
    assert bought.height == odd.days // 7
    assert bought["pay"].unique().to_list() == ["account"]
    assert signed["approver"].null_count() == 0


def test_a_helping_supervisor_rings_on_the_first_lane_in_the_rush(
    ledger: Ledger, odd: Site
) -> None:
    helped = ledger.tx.filter(pl.col("operator").is_in(list(odd.staff.of_role("supervisor"))))
    assert helped.height > 0
    assert helped["register"].unique().to_list() == [0]
    assert (helped["start"] % 86_400).is_between(16.5 * 3600, 18 * 3600).all()
