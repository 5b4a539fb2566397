"""Price checks."""

import polars as pl
import pytest

from shrinkwatch.world.inquiries import price_checks
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def ledger(site: Site) -> Ledger:
    site.staff.quirk["inquiry"][:] = 4.0  # so that two weeks of one store show enough of them
    return price_checks(sales(site), site)


def test_a_price_check_names_an_item_sells_nothing_and_takes_no_money(ledger: Ledger) -> None:
    checks = ledger.tx.filter(pl.col("type") == "price_check")
    lines = ledger.lines.join(checks, on="tx", how="semi")
    assert lines["tx"].n_unique() == lines.height == checks.height > 0
    assert lines["quantity"].unique().to_list() == [0.0]
    assert checks["pay"].null_count() == checks.height
    events = ledger.events.filter(pl.col("type") == "price_inquiry")
    assert events["tx"].sort().equals(checks["tx"].sort())


def test_about_seven_in_ten_buy_what_they_asked_for(ledger: Ledger) -> None:
    checks = ledger.tx.filter(pl.col("type") == "price_check").join(
        ledger.lines.select("tx", "item"), on="tx"
    )
    sold = ledger.tx.filter(pl.col("type") == "sale").join(
        ledger.lines.select("tx", "item"), on="tx"
    )
    soon = checks.join(sold, on=["register", "item"], suffix="_sale").filter(
        (pl.col("start_sale") - pl.col("start")).is_between(1, 125)
    )
    assert 0.55 < soon["tx"].n_unique() / checks.height < 0.9
