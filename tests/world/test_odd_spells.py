"""Odd days: each on a store that has it, held against the same store without."""

from dataclasses import replace

import polars as pl
import pytest

from shrinkwatch.world.calendar import SPELLS, Calendar, Span
from shrinkwatch.world.favours import favours
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.odd_spells import odd_spells
from shrinkwatch.world.visits import Site, sales

DAYS = Span(4, 5)


def with_spell(site: Site, kind: str) -> Site:
    return replace(site, calendar=Calendar(spells=((kind, site.shop.index, DAYS),)))


@pytest.fixture
def before(site: Site) -> Ledger:
    return sales(site)


def changed(before: Ledger, after: Ledger) -> pl.DataFrame:
    return after.tx.join(before.tx, on=before.tx.columns, how="anti", nulls_equal=True)


def test_every_spell_but_the_staff_s_evening_happens_here(before: Ledger, site: Site) -> None:
    for kind in SPELLS:
        after = odd_spells(before, with_spell(site, kind))
        assert (after.tx.equals(before.tx) and after.events.equals(before.events)) == (
            kind == "staff_evening"
        )


def test_a_failing_terminal_refuses_cards_at_one_lane_for_its_days(
    before: Ledger, site: Site
) -> None:
    tx = changed(before, odd_spells(before, with_spell(site, "terminal_trouble")))
    assert tx["register"].unique().to_list() == [0]
    assert tx["day"].is_between(4, 5).all()
    ways = set(tx.select("status", "pay", "refused").unique().rows())
    assert ("cancelled", None, None) in ways
    assert ("completed", "cash", "credit") in ways
    assert {way for way in ways if way[0] == "completed"} <= {
        ("completed", pay, "credit") for pay in ("cash", "credit", "debit")
    }


def test_a_troubled_scale_cries_at_about_a_third_of_the_sales(before: Ledger, site: Site) -> None:
    events = odd_spells(before, with_spell(site, "scale_trouble")).events
    alone = before.tx.filter(
        pl.col("operator") == site.staff.self_checkout, pl.col("day").is_between(4, 5)
    )
    assert events["type"].unique().to_list() == ["weight_mismatch"]
    assert set(events["tx"]) <= set(alone["tx"])
    assert 0.2 < events.height / alone.height < 0.4


def test_on_new_software_everybody_practises_eight_sales_a_shift(
    before: Ledger, site: Site
) -> None:
    tx = changed(before, odd_spells(before, with_spell(site, "new_software")))
    shifts = site.staff.sessions.filter(pl.col("day").is_between(4, 5))
    assert tx["training"].all()
    assert tx.height == 8 * shifts.height
    assert set(tx["operator"]) == set(shifts["operator"])


def test_the_staff_s_evening_is_full_of_staff_purchases(site: Site) -> None:
    here = with_spell(site, "staff_evening")
    tx = favours(sales(here), here).tx.filter(pl.col("operator") != here.staff.self_checkout)
    evening = pl.col("day").is_between(4, 5) & (pl.col("start") % 86_400 >= 19 * 3600)
    assert tx.filter(evening)["employee_sale"].mean() > 0.3  # type: ignore[operator]
    assert tx.filter(~evening)["employee_sale"].mean() < 0.02  # type: ignore[operator]
