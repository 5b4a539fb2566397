"""Customers who pay otherwise than they first said."""

import polars as pl
import pytest

from shrinkwatch.world.changed_tenders import changed_tenders
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def pair(site: Site) -> tuple[Ledger, Ledger]:
    site.staff.quirk["tender"][:] = 8.0  # so that two weeks of one store show enough of them
    before = sales(site)
    return before, changed_tenders(before, site)


def test_cash_gives_way_to_a_card_or_a_voucher(pair: tuple[Ledger, Ledger]) -> None:
    before, after = pair
    changed = before.tx.join(after.tx, on="tx", suffix="_now").filter(
        pl.col("refused_now").is_not_null()
    )
    assert set(changed["refused_now"]) == {"cash"}
    assert {"credit", "debit", "coupon", "other", "gift_card"} >= set(changed["pay_now"])
    assert changed.filter(pl.col("pay") != "cash").height > 0


def test_some_vouchers_are_shown_at_once(pair: tuple[Ledger, Ledger]) -> None:
    vouched = pair[1].tx.filter(pl.col("pay").is_in(["coupon", "other", "gift_card"]))
    assert 0.2 < vouched["refused"].is_null().mean() < 0.8  # type: ignore[operator]
    cards = vouched.filter(pl.col("pay") == "gift_card")
    assert cards["gift_card"].null_count() == 0


def test_it_is_rare_and_not_at_self_checkouts(site: Site) -> None:
    site.staff.quirk["tender"][:] = 1.0
    after = changed_tenders(sales(site), site)
    refused = after.tx.filter(pl.col("refused").is_not_null())
    assert refused.filter(pl.col("operator") == site.staff.self_checkout).is_empty()
    assert refused.height < 0.02 * after.tx.height
