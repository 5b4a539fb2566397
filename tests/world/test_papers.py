"""The till's papers."""

import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.papers import Papers, customer_id, papers
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.visits import Site

SETTINGS = WorldSettings(stores=1, weeks=2, seed=4)
NOBODY = pl.Series([], dtype=pl.Int64)


def _written(till: Ledger, site: Site) -> Papers:
    return papers(till, site, SETTINGS, NOBODY)


def test_sequences_run_from_one_on_each_register_and_day(till: Ledger, site: Site) -> None:
    days = _written(till, site).transactions.group_by("register_id", "business_date")
    counted = days.agg(pl.col("sequence"))
    assert all(row == list(range(1, len(row) + 1)) for row in counted["sequence"].to_list())


def test_times_are_utc_of_the_store_s_zone(till: Ledger, site: Site) -> None:
    """10:00 in London on 2 March 2026 is 10:00 UTC."""
    first = _written(till, site).transactions.row(0, named=True)
    assert first["began_at"].isoformat() == "2026-03-02T10:00:00+00:00"
    assert (first["ended_at"] - first["began_at"]).total_seconds() == 30


def test_numbers_become_ids_of_the_store(till: Ledger, site: Site) -> None:
    written = _written(till, site)
    assert set(written.transactions["operator_id"]) == {"101", "102", "110"}
    assert written.tenders["card_token"].drop_nulls().str.starts_with("tok_").all()
    assert customer_id(42) == "C00000042"


def test_lines_are_renumbered_in_the_order_of_scanning(till: Ledger, site: Site) -> None:
    swapped = till.with_lines(till.lines.with_columns(at=12 - pl.col("at")))
    lines = _written(swapped, site).lines.head(3)
    assert lines["line"].to_list() == [1, 2, 3]
    assert lines["list_price_minor"].to_list() == [500, 2000, 1000]


def test_an_outage_loses_some_records_but_never_a_stolen_one(till: Ledger, site: Site) -> None:
    offline = till.mark(till.tx["tx"], offline=True)
    stolen = till.tx["tx"].head(60)
    kept = papers(offline, site, SETTINGS, stolen).number["tx"]
    assert stolen.is_in(kept.implode()).all()
    many = [papers(offline, site, SETTINGS, NOBODY).transactions.height for _ in range(20)]
    assert min(many) < till.tx.height


def test_a_return_names_the_key_of_its_sale(till: Ledger, site: Site) -> None:
    back = Ledger.of(
        tx=pl.DataFrame(
            {
                "tx": [500],
                "register": [0],
                "operator": [0],
                "day": [1],
                "start": [86_400 + 50_000],
                "length": [30],
                "type": ["return"],
                "original": [2],
            }
        )
    )
    row = _written(till.plus(back), site).transactions.filter(pl.col("type") == "return")
    assert row.select(
        "original_register_id",
        pl.col("original_business_date").cast(pl.String),
        "original_sequence",
    ).row(0) == ("1", "2026-03-02", 3)


def test_nothing_happens_after_the_end_of_a_transaction(till: Ledger, site: Site) -> None:
    late = till.plus(Ledger.of(events=pl.DataFrame({"tx": [0], "type": ["assist"], "at": [99]})))
    events = _written(late, site).events
    assert events.filter(pl.col("type") == "assist")["at_s"].to_list() == [30]


def test_orders_and_exemptions_are_written_as_ids_and_copies_as_a_number(
    till: Ledger, site: Site
) -> None:
    odd = till.mark(pl.Series([0, 1]), order=40_001).mark(
        pl.Series([1]), order=40_002, exempt=94_101, reprints=1
    )
    rows = _written(odd, site).transactions.head(3)
    assert rows["order_id"].str.contains(r"^W\d{10}$").to_list() == [True, True, None]
    assert rows["order_id"].n_unique() == 3
    assert rows["channel"].to_list() == ["online", "online", None]
    assert rows["tax_exempt_id"].to_list() == [None, "T00094101", None]
    assert rows["receipt_reprints"].to_list() == [None, 1, None]


def test_orders_placed_one_after_the_other_have_ids_far_apart(till: Ledger, site: Site) -> None:
    """Nobody can tell from an order's id in which order, or by whom, it was placed."""
    days = till.with_tx(till.tx.with_columns(order=40_000 + pl.col("tx")))
    ids = _written(days, site).transactions.sort("local_s")["order_id"].str.slice(1).cast(pl.Int64)
    assert not ids.is_sorted()
    assert ids.diff().abs().median() > 10**8  # type: ignore[operator]


def test_a_return_of_what_was_sent_home_names_the_order_as_its_original(
    till: Ledger, site: Site
) -> None:
    back = till.mark(pl.Series([0, 1]), type="return", order=40_001).mark(
        pl.Series([1]), old_day=-3, old_register=0, old_sequence=5
    )
    rows = _written(back, site).transactions.head(3)
    assert rows["original_transaction_id"].to_list() == [rows["order_id"][0], None, None]
    assert rows["original_sequence"].to_list() == [None, 5, None]
