"""Tills that are counted."""

import polars as pl

from shrinkwatch.records.tables import TABLE_COLUMNS
from shrinkwatch.world.chain import World, honest
from shrinkwatch.world.papers import papers
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.settle import settle
from shrinkwatch.world.till_sessions import till_sessions
from shrinkwatch.world.visits import Site

SETTINGS = WorldSettings(stores=1, weeks=2, seed=4, transactions_per_store_day=300.0)
MONEY = ("opening", "expected", "counted")


def _minor(sessions: pl.DataFrame) -> pl.DataFrame:
    return sessions.with_columns((pl.col(MONEY) * 100).cast(pl.Int64))


def _cash(world: World) -> pl.DataFrame:
    """The cash that each transaction moved, by another way than the table's."""
    rows = world.transactions.with_row_index("tx").with_columns(pl.col("tx").cast(pl.Int64))
    live = world.tenders.filter(pl.col("type") == "cash", ~pl.col("voided"))
    cash = live.group_by("tx").agg(cash=pl.col("amount_minor").sum())
    return rows.filter(~pl.col("training")).join(cash, on="tx")


def test_what_a_day_s_sessions_expect_is_what_the_register_s_records_moved(busy: World) -> None:
    key = ["store_id", "register_id", "business_date"]
    sessions = _minor(busy.tables["till_sessions"]).group_by(key)
    grown = sessions.agg(due=(pl.col("expected") - pl.col("opening")).sum())
    moved = _cash(busy).group_by(key).agg(pl.col("cash").sum())
    both = grown.join(moved, on=key, how="left").with_columns(pl.col("cash").fill_null(0))
    assert both.height > 500
    assert both.filter(pl.col("due") != pl.col("cash")).is_empty()


def test_every_record_lies_in_one_session_whose_operators_name_its_own(busy: World) -> None:
    sessions = busy.tables["till_sessions"].select(
        "store_id", "register_id", "business_date", "operator_ids", "opened_at", "closed_at"
    )
    lying = busy.transactions.join(
        sessions, on=["store_id", "register_id", "business_date"]
    ).filter(
        pl.col("began_at") >= pl.col("opened_at"),
        pl.col("ended_at") <= pl.col("closed_at"),
        pl.col("operator_ids").str.split(";").list.contains(pl.col("operator_id")),
    )
    key = ["store_id", "register_id", "business_date", "sequence"]
    assert lying.select(key).unique().height == busy.transactions.height


def test_columns_are_the_contract_s_and_sessions_have_ids_of_their_own(busy: World) -> None:
    sessions = busy.tables["till_sessions"]
    named = {name.removesuffix("_minor") for name in TABLE_COLUMNS["till_sessions"]}
    assert set(sessions.columns) == named
    assert sessions["session_id"].is_unique().all()
    assert (sessions["closed_at"] > sessions["opened_at"]).all()


def test_an_honest_drawer_is_over_as_often_as_short_and_seldom_by_much(site: Site) -> None:
    ledger = settle(honest(site)[0])
    page = papers(ledger, site, SETTINGS, pl.Series([], dtype=pl.Int64))
    sessions = _minor(till_sessions(ledger, page, site, SETTINGS))
    machine = pl.col("register_id").cast(pl.Int64) > 50
    off = sessions.filter(~machine).select(pl.col("counted") - pl.col("expected")).to_series()
    assert 0.3 < (off == 0).mean() < 0.65  # type: ignore[operator]
    assert 0.35 < (off > 0).sum() / (off != 0).sum() < 0.65
    assert (off.abs() > 500).mean() < 0.15  # type: ignore[operator]


def test_what_was_taken_without_a_record_is_missing_from_the_drawer(site: Site) -> None:
    ledger = settle(honest(site)[0])
    page = papers(ledger, site, SETTINGS, pl.Series([], dtype=pl.Int64))
    off = ledger.tx.filter(pl.col("type") == "sign_off").head(3)["tx"]
    robbed = ledger.mark(off, missing=2_000)
    before, after = (_minor(till_sessions(book, page, site, SETTINGS)) for book in (ledger, robbed))
    gone = before["counted"] - after["counted"]
    assert sorted(gone.filter(gone != 0).to_list()) == [2_000] * 3
    assert before["expected"].equals(after["expected"])
