"""Tradespeople on their rounds."""

from dataclasses import replace

import polars as pl
import pytest

from shrinkwatch.world.calendar import Calendar
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.traders import trader, traders
from shrinkwatch.world.visits import Site


@pytest.fixture
def rounds(site: Site) -> Ledger:
    """Trader 0 comes on days 1 and 8, trader 1 on day 3; trader 0 also goes to another store."""
    plan = Calendar(traders=((0, 0, 1), (0, 5, 2), (0, 0, 8), (1, 0, 3)))
    return traders(Ledger.of(), replace(site, calendar=plan))


def test_on_each_visit_to_this_store_something_comes_back_and_more_is_bought(
    rounds: Ledger,
) -> None:
    visits = rounds.tx.group_by("shopper", "day").agg(pl.col("type").cast(pl.String).sort())
    assert visits.sort("shopper", "day").rows() == [
        (trader(0), 1, ["return", "sale"]),
        (trader(0), 8, ["return", "sale"]),
        (trader(1), 3, ["return", "sale"]),
    ]


def test_they_are_known_by_name_and_bring_no_receipt(rounds: Ledger) -> None:
    assert (rounds.tx["customer"] == rounds.tx["shopper"]).all()
    back = rounds.tx.filter(pl.col("type") == "return")
    assert back["original"].null_count() == back["old_sequence"].null_count() == back.height
    goods = rounds.lines.join(back.select("tx"), on="tx")
    assert (goods["quantity"] < 0).all()


def test_a_store_on_nobody_s_way_sees_none(site: Site) -> None:
    assert traders(Ledger.of(), replace(site, calendar=Calendar())).tx.is_empty()
