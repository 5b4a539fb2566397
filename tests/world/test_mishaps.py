"""Honest mistakes."""

import polars as pl
import pytest

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.mishaps import approval, copied, in_charge, mishaps
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def ledger(site: Site) -> Ledger:
    site.staff.quirk["post_void"][:] = 5.0  # so that two weeks of one store show enough of them
    return mishaps(sales(site), site)


def test_most_post_voids_are_rung_again_within_minutes(ledger: Ledger) -> None:
    voids = ledger.tx.filter(pl.col("type") == "void")
    again = voids.join(ledger.tx.filter(pl.col("type") == "sale"), on=["register", "shopper"])
    soon = again.filter((pl.col("start_right") - pl.col("start")).is_between(1, 300))
    assert voids.height > 0
    assert 0.5 < soon["tx"].n_unique() / voids.height <= 1.0


def test_a_suspended_sale_is_unpaid_and_nearly_always_fetched_back(ledger: Ledger) -> None:
    parked = ledger.tx.filter(pl.col("status") == "suspended")
    back = ledger.tx.filter(pl.col("status") == "resumed")
    assert parked["pay"].null_count() == parked.height > 0
    assert back["original"].is_in(parked["tx"].implode()).all()
    assert back.height >= 0.7 * parked.height


def test_a_cancelled_sale_keeps_its_basket_and_takes_no_money(ledger: Ledger) -> None:
    cancelled = ledger.tx.filter(pl.col("status") == "cancelled")
    assert cancelled["pay"].null_count() == cancelled.height > 0
    assert cancelled.join(ledger.lines, on="tx", how="anti").is_empty()


def test_a_line_void_lies_between_its_scan_and_the_total(ledger: Ledger) -> None:
    voided = ledger.lines.filter("voided").join(ledger.tx, on="tx")
    total = pl.coalesce("total_at", "length")
    assert voided.height > 0
    assert voided.filter(
        (pl.col("void_at") < pl.col("at")) | (pl.col("void_at") > total)
    ).is_empty()


def test_a_void_leaves_at_least_one_live_line(ledger: Ledger) -> None:
    live = ledger.lines.filter(~pl.col("voided")).select("tx").unique()
    assert ledger.lines.select("tx").unique().height == live.height


def test_the_supervisor_of_the_half_day_is_in_charge(site: Site) -> None:
    morning, evening = site.shop.opens_s + 60, site.shop.closes_s - 60
    days = pl.Series([3, 3], dtype=pl.Int32)
    start = pl.Series([3 * 86_400 + morning, 3 * 86_400 + evening])
    assert in_charge(site, days, start).tolist() == site.staff.on_duty[3].tolist()


def test_about_the_share_asked_for_is_approved(site: Site) -> None:
    tx = sales(site).tx
    signed = approval(site, tx, 0.65).is_not_null().mean()
    assert signed == pytest.approx(0.65, abs=0.03)


def test_copies_leave_voided_lines_behind(till: Ledger) -> None:
    lines = till.lines.with_columns(voided=pl.col("line") == 2)
    pairs = pl.DataFrame({"tx": [500], "original": [3]})
    copies, changes = copied(till.with_lines(lines), pairs)
    assert copies.select("tx", "line").rows() == [(500, 1), (500, 3)]
    assert changes.is_empty()
