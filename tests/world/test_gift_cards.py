"""Gift cards, honestly."""

import polars as pl
import pytest

from shrinkwatch.world.gift_cards import gift_cards
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def ledger(site: Site) -> Ledger:
    return gift_cards(sales(site), site)


def test_each_card_is_sold_once_alone_or_in_a_basket(ledger: Ledger) -> None:
    sold = ledger.lines.filter(pl.col("kind") == "gift_card")
    sizes = ledger.lines.group_by("tx").len().join(sold.select("tx"), on="tx")
    assert sold["gift_card"].is_unique().all()
    assert sizes.filter(pl.col("len") == 1).height > 0
    assert sizes.filter(pl.col("len") > 1).height > 0


def test_a_purchase_paid_by_gift_card_names_it_and_no_payment_card(ledger: Ledger) -> None:
    paid = ledger.tx.filter(pl.col("pay") == "gift_card")
    assert paid["gift_card"].null_count() == 0
    assert paid["card"].null_count() == paid.height > 0


def test_a_refused_card_is_followed_by_another_tender(ledger: Ledger) -> None:
    refused = ledger.tx.filter(pl.col("refused").is_not_null())
    assert refused.height > 0
    assert refused["pay"].null_count() == 0
