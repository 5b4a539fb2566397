"""Numbers used by others, and own signatures, for honest reasons."""

import polars as pl
import pytest

from shrinkwatch.world.lapses import lapses
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.returns import returns
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def pair(site: Site) -> tuple[Ledger, Ledger]:
    before = returns(sales(site), site)
    return before, lapses(before, site)


def test_a_few_breaks_are_covered_by_one_who_is_at_another_till_too(
    site: Site, pair: tuple[Ledger, Ledger]
) -> None:
    """1 shift in 40 × some 15 of 300 minutes: one sale in a thousand; ten trials."""
    before = pair[0]
    changed = total = 0
    for _ in range(10):
        both = before.tx.join(lapses(before, site).tx, on="tx", suffix="_now")
        lent = both.filter(pl.col("operator") != pl.col("operator_now"))
        changed, total = changed + lent.height, total + both.height
        there = before.tx.select("day", operator_now="operator").unique()
        assert lent.join(there, on=["day", "operator_now"], how="anti").is_empty()
        assert (lent["type"].is_in(["sale", "return", "exchange"])).all()
    assert 0.0002 < changed / total < 0.004


def test_some_signatures_are_the_operator_s_own_and_no_new_ones_appear(
    pair: tuple[Ledger, Ledger],
) -> None:
    before, after = pair
    both = before.tx.join(after.tx, on="tx", suffix="_now")
    assert both["approver"].is_null().equals(both["approver_now"].is_null())
    signed = after.tx.filter(pl.col("approver").is_not_null())
    own = (signed["operator"] == signed["approver"]).mean()
    assert 0.0 < own < 0.15  # type: ignore[operator]


def test_a_sticker_stays_whose_it_was(site: Site, pair: tuple[Ledger, Ledger]) -> None:
    before = pair[0]
    lines = before.lines.head(2000).select("tx", "line")
    stickers = lines.with_columns(type=pl.lit("markdown"), amount=pl.lit(-1), approver=pl.lit(0))
    after = lapses(before.plus(Ledger.of(changes=stickers)), site)
    assert after.changes.filter(pl.col("type") == "markdown")["approver"].unique().to_list() == [0]
