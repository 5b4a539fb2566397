"""The chain as a whole: reproducible, true to the contract, plausible, honest where it says so."""

from datetime import timedelta

import polars as pl
import pytest

from shrinkwatch.world.chain import World, simulate
from shrinkwatch.world.schemes import all_schemes
from shrinkwatch.world.settings import WorldSettings

SALE = (pl.col("type") == "sale") & (pl.col("status") == "completed") & ~pl.col("training")
KEY = ["store_id", "register_id", "business_date", "sequence"]


def share(world: World, what: pl.Expr) -> float:
    rows = world.transactions
    return rows.filter(what).height / rows.filter(SALE).height


def test_the_same_seed_makes_the_same_chain_and_another_seed_another(tiny: World) -> None:
    again = simulate(WorldSettings.tiny(seed=5))
    other = simulate(WorldSettings.tiny(seed=6))
    for part in ("transactions", "lines", "price_changes", "tenders", "events", "incidents"):
        assert getattr(tiny, part).equals(getattr(again, part), null_equal=True)
    assert not tiny.transactions.equals(other.transactions)


def test_every_record_has_a_key_of_its_own(busy: World) -> None:
    assert not busy.transactions.select(KEY).is_duplicated().any()


def test_sequences_have_gaps_only_where_an_outage_lost_records(busy: World) -> None:
    days = busy.transactions.group_by("store_id", "register_id", "business_date").agg(
        whole=pl.col("sequence").max() == pl.len(), offline=pl.col("offline").any()
    )
    days = days.with_columns(pl.col("offline").any().over("store_id", "business_date"))
    assert days.filter(~pl.col("whole") & ~pl.col("offline")).is_empty()


def test_no_two_transactions_of_a_till_overlap(busy: World) -> None:
    ordered = busy.transactions.sort("store_id", "register_id", "began_at").with_columns(
        before=pl.col("ended_at").shift(1).over("store_id", "register_id")
    )
    assert ordered.filter(pl.col("before") >= pl.col("began_at")).is_empty()


def test_records_come_in_the_order_in_which_they_ended(busy: World) -> None:
    assert busy.transactions["ended_at"].is_sorted()
    assert busy.lines["tx"].is_sorted()


def test_a_store_trades_within_its_hours_and_a_little_after(busy: World) -> None:
    hours = busy.transactions.filter(SALE).join(
        busy.tables["stores"].select("store_id", "opens", "closes"), on="store_id"
    )
    second = pl.col("local_s") % 86_400
    early = second < pl.col("opens").dt.hour().cast(pl.Int64) * 3600
    late = second > pl.col("closes").dt.hour().cast(pl.Int64) * 3600 + 1800
    assert hours.filter(early | late).is_empty()


def test_whoever_rings_is_clocked_in(busy: World) -> None:
    virtual = busy.tables["operators"].filter("virtual")
    rung = busy.transactions.join(virtual, on=["store_id", "operator_id"], how="anti")
    night = pl.col("clock_in") + pl.duration(hours=14)  # where the clock-out was forgotten
    shifts = busy.tables["shifts"].with_columns(pl.col("clock_out").fill_null(night))
    inside = rung.join_where(
        shifts.rename({"store_id": "s", "operator_id": "o"}),
        pl.col("store_id") == pl.col("s"),
        pl.col("operator_id") == pl.col("o"),
        pl.col("began_at") >= pl.col("clock_in"),
        pl.col("began_at") <= pl.col("clock_out"),
    )
    assert inside.select(KEY).unique().height >= 0.995 * rung.height


def test_the_statistics_are_those_of_shops(busy: World) -> None:
    assert 0.015 < share(busy, pl.col("type") == "return") < 0.08
    assert 0.001 < share(busy, pl.col("type") == "void") < 0.015
    assert 0.005 < share(busy, pl.col("status") == "cancelled") < 0.04
    assert 0.005 < share(busy, pl.col("type") == "no_sale") < 0.05
    assert 5 < busy.lines.height / busy.transactions.filter(SALE).height < 8
    cash = busy.tenders.filter(pl.col("type") == "cash", pl.col("amount_minor") > 0)[
        "tx"
    ].n_unique()
    assert 0.1 < cash / busy.transactions.filter(SALE).height < 0.4


def test_a_quarter_of_receiptless_returns_or_less_is_stolen_when_thieves_are_rare() -> None:
    world = simulate(WorldSettings(stores=8, weeks=4, seed=3, transactions_per_store_day=150.0))
    bare = world.transactions.filter(
        pl.col("type") == "return", pl.col("original_sequence").is_null()
    )
    stolen = bare.join(world.incidents, on=KEY, how="semi")
    assert stolen.height <= bare.height / 4


def test_honest_operators_differ_more_than_chance_allows(busy: World) -> None:
    """Under one common rate the variance of counts would equal their mean."""
    rates = (
        busy.transactions.filter(pl.col("operator_id") != "900")
        .group_by("store_id", "operator_id")
        .agg(cancels=(pl.col("status") == "cancelled").sum(), sales=SALE.sum())
        .filter(pl.col("sales") > 200)
        .with_columns(expected=pl.col("sales") * pl.col("cancels").sum() / pl.col("sales").sum())
    )
    chi = ((rates["cancels"] - rates["expected"]) ** 2 / rates["expected"]).mean()
    assert chi is not None
    assert float(chi) > 2  # type: ignore[arg-type]


def test_every_scheme_is_practised_when_thieves_abound(busy: World) -> None:
    assert set(busy.incidents["scheme"].unique()) == set(all_schemes())


def test_without_cases_and_skip_scanners_nobody_steals() -> None:
    world = simulate(
        WorldSettings(
            stores=2,
            weeks=1,
            transactions_per_store_day=100.0,
            cases_per_store_year=0.0,
            customer_cases_per_store_year=0.0,
            habitual_non_scan=0.0,
        )
    )
    assert world.incidents.is_empty()


def test_only_the_schemes_asked_for_are_practised() -> None:
    world = simulate(
        WorldSettings(
            stores=3,
            weeks=2,
            transactions_per_store_day=120.0,
            cases_per_store_year=40.0,
            schemes=("post_void",),
        )
    )
    assert world.incidents["scheme"].unique().to_list() == ["post_void"]


def test_an_unknown_scheme_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no such scheme: sorcery"):
        simulate(WorldSettings(stores=1, weeks=1, schemes=("sorcery",)))


def test_without_lookalikes_nothing_odd_is_planned() -> None:
    world = simulate(
        WorldSettings(stores=2, weeks=1, transactions_per_store_day=100.0, lookalikes=False)
    )
    assert set(world.lookalikes["kind"]) <= {"new_starter", "service_desk"}
    assert not world.transactions["offline"].any()


def test_a_new_store_does_nothing_before_its_first_day() -> None:
    world = simulate(
        WorldSettings(stores=2, weeks=2, transactions_per_store_day=100.0, growing_share=1.0)
    )
    new = world.lookalikes.filter(pl.col("kind") == "new_store").row(0, named=True)
    store = new["store_id"]
    here = pl.col("store_id") == store
    assert world.transactions.filter(here)["business_date"].min() == new["from"]
    opened = world.transactions["began_at"].filter(world.transactions["store_id"] == store)[0]
    assert (world.tables["shifts"].filter(here)["clock_in"] > opened - timedelta(hours=2)).all()
    assert (world.tables["stock_counts"].filter(here)["counted_at"] > opened).all()
