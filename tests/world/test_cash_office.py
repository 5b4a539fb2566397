"""Floats, pickups and petty cash."""

import polars as pl
import pytest

from shrinkwatch.world.cash_office import cash_office
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def ledger(site: Site) -> Ledger:
    return cash_office(sales(site), site)


def _of(ledger: Ledger, kind: str) -> pl.DataFrame:
    return ledger.tx.filter(pl.col("type") == kind)


def test_every_shift_has_a_float_of_150(ledger: Ledger, site: Site) -> None:
    loans = _of(ledger, "loan")
    assert loans.height == site.staff.sessions.height
    assert loans["amount"].unique().to_list() == [15_000]


def test_pickups_are_in_fifties_and_never_more_than_was_taken(ledger: Ledger) -> None:
    picked = _of(ledger, "pickup")
    assert (picked["amount"] < 0).all()
    assert (picked["amount"] % 5_000 == 0).all()
    shift = ["register", "operator", "day"]
    cash = ledger.tx.filter(pl.col("type") == "sale", pl.col("pay") == "cash")
    taken = cash.join(ledger.worth(), on="tx").group_by(shift).agg(pl.col("net").sum())
    gone = picked.group_by(shift).agg(out=-pl.col("amount").sum()).join(taken, on=shift)
    assert gone.height == picked.select(shift).n_unique()
    assert (gone["out"] <= gone["net"]).all()
    assert gone["out"].max() <= 40_000  # type: ignore[operator]


def test_some_shifts_have_two_pickups(ledger: Ledger) -> None:
    times = _of(ledger, "pickup").group_by("register", "operator", "day").len()["len"]
    assert 0.02 < (times == 2).mean() < 0.25  # type: ignore[operator]


def test_petty_cash_is_rare_small_partly_round_and_not_always_signed(site: Site) -> None:
    """Ten trials of some 100 shifts × 4 %: forty."""
    before = sales(site)
    paid = pl.concat([_of(cash_office(before, site), "paid_out") for _ in range(10)])
    assert 0.01 < paid.height / (10 * site.staff.sessions.height) < 0.1
    assert paid["amount"].is_between(-5_000, -300).all()
    assert 0.15 < (paid["amount"] % 500 == 0).mean() < 0.7  # type: ignore[operator]
    assert 0.7 < paid["approver"].is_not_null().mean() < 1.0  # type: ignore[operator]
