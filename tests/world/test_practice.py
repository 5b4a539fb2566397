"""Practice sales."""

import polars as pl
import pytest

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.practice import REFRESHER_SALES, TRAINING_SALES, practice
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def ledger(site: Site) -> Ledger:
    site.staff.hired_day[:] = -400
    site.staff.hired_day[0] = 1
    return practice(sales(site), site)


def test_a_starter_trains_on_the_first_two_shifts(ledger: Ledger) -> None:
    rung = ledger.tx.filter("training", pl.col("operator") == 0)
    assert rung["day"].n_unique() <= 2
    assert rung.height == TRAINING_SALES * rung["day"].n_unique() > 0


def test_others_have_a_refresher_on_one_shift_in_eighty(site: Site) -> None:
    """Some 100 shifts × 25 trials × 1.25 % = 31 refreshers ± 5.6."""
    site.staff.hired_day[:] = -400
    before = sales(site)
    shifts = site.staff.sessions.height
    rung = [practice(before, site).tx["training"].sum() for _ in range(25)]
    assert all(count % REFRESHER_SALES == 0 for count in rung)
    share = sum(rung) / REFRESHER_SALES / (25 * shifts)
    assert 0.006 < share < 0.02


def test_practice_has_goods_and_the_drawer_opens_in_some_of_it(ledger: Ledger) -> None:
    rung = ledger.tx.filter("training").select("tx")
    assert rung.join(ledger.lines, on="tx", how="anti").is_empty()
    opened = ledger.events.filter(pl.col("type") == "drawer_open").join(rung, on="tx", how="semi")
    assert 0 < opened.height < rung.height
