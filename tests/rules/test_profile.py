from datetime import date

import polars as pl

from shrinkwatch.journal.projection import project
from shrinkwatch.records.batch import PARTS, Batch
from shrinkwatch.records.tables import TABLE_COLUMNS, Tables
from shrinkwatch.rules.carried import field_columns, given, possible
from shrinkwatch.rules.fields import fields
from shrinkwatch.rules.profile import Count, count_by, profile, profile_batch


def part(name: str, *rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=PARTS[name])


def two_receipts() -> Batch:
    """A card sale of two lines, one voided without a time, and a return that names no original."""
    return Batch(
        transactions=part(
            "transactions",
            {"source": "a", "store_id": "1", "type": "sale", "operator_id": "7"},
            {"source": "b", "store_id": "2", "type": "return", "customer_id": "c"},
        ),
        lines=part(
            "lines",
            {"tx": 0, "line": 1, "voided": False, "entry": "scan"},
            {"tx": 0, "line": 2, "voided": True},
            {"tx": 1, "line": 1, "voided": False},
        ),
        price_changes=part("price_changes"),
        tenders=part("tenders", {"tx": 0, "type": "credit", "card_token": "t"}),
        events=part("events"),
    )


def test_each_source_is_counted_by_itself():
    first, second = profile_batch(two_receipts())
    assert (first.source, first.transactions, first.stores) == ("a", 1, {"1"})
    assert first.counts["operator_id"] == Count(1, 1)
    assert second.counts["operator_id"] == Count(0, 1)
    assert second.counts["customer_id"] == Count(1, 1)


def test_a_field_is_counted_where_it_belongs():
    first, second = profile_batch(two_receipts())
    assert first.counts["lines.entry"] == Count(1, 2)
    assert first.counts["lines.void_at"] == Count(0, 1)
    assert first.counts["tenders.card_token"] == Count(1, 1)
    assert second.counts["original"] == Count(0, 1)
    assert second.share("original") == 0.0


def test_one_row_proves_that_a_feed_has_a_kind_of_record():
    first, second = profile_batch(two_receipts())
    assert first.share("type.return") == 0.0
    assert second.counts["type.return"] == Count(1)
    assert second.share("type.return") == 1.0


def test_profiles_of_one_source_add_up():
    receipt = two_receipts().take([0])
    (twice,) = profile([receipt, receipt], Tables())
    assert twice.transactions == 2
    assert twice.counts["lines.entry"] == Count(2, 4)
    assert twice.counts["type.return"] == Count(0)


def test_a_table_speaks_for_the_stores_that_it_names():
    registers = pl.DataFrame(
        [{"store_id": "1", "register_id": "1", "lane_type": "staffed"}, {"store_id": "1"}],
        schema=TABLE_COLUMNS["registers"],
    )
    first, second = profile([two_receipts()], Tables({"registers": registers}))
    assert first.counts["registers.lane_type"] == Count(1, 2)
    assert first.share("registers.lane_type") == 0.5
    assert first.share("shifts") == 0.0
    assert second.share("registers.lane_type") == 0.0


def test_what_only_the_lines_name_is_an_original_too():
    rows = two_receipts()
    lines = rows.lines.with_columns(original_key=pl.Series([0, 0, 5], dtype=pl.UInt64))
    _, second = profile_batch(
        Batch(rows.transactions, lines, rows.price_changes, rows.tenders, rows.events)
    )
    assert second.counts["original"] == Count(1, 1)


def test_the_columns_that_are_asked_for_tell_of_every_field_of_a_receipt():
    few = project(two_receipts(), field_columns())
    assert few.transactions.width < two_receipts().transactions.width
    for whole, part in zip(profile_batch(two_receipts()), profile_batch(few), strict=True):
        assert part == whole
    on_receipts = {name for name, field in fields().items() if field.part in PARTS}
    assert set(profile_batch(few)[0].counts) == on_receipts


def test_a_field_is_missing_where_it_is_taken_away():
    (one,) = profile([two_receipts().take([0])], Tables())
    assert one.without("lines.entry").counts["lines.entry"] == Count(0, 2)
    assert one.without("type.return").counts["type.return"] == Count(0)
    assert one.without("operator_id").share("lines.entry") == 0.5


def test_days_of_a_store_are_counted_apart():
    rows = two_receipts()
    dated = rows.transactions.with_columns(
        source=pl.lit("a"), store_id=pl.lit("1"), business_date=pl.Series([date(2026, 3, 2), None])
    )
    days = count_by(
        Batch(dated, rows.lines, rows.price_changes, rows.tenders, rows.events),
        ["source", "store_id", "business_date"],
    )
    told = days.select(
        "business_date", "transactions", given("operator_id"), possible("operator_id")
    )
    assert told.rows() == [(date(2026, 3, 2), 1, 1, 1), (None, 1, 0, 1)]


def test_a_second_store_is_seen_across_batches():
    rows = two_receipts()
    moved = Batch(
        rows.transactions.with_columns(source=pl.lit("a")),
        *(getattr(rows, name) for name in ("lines", "price_changes", "tenders", "events")),
    )
    (first,) = profile_batch(moved.take([0]))
    (second,) = profile_batch(moved.take([1]))
    assert first.share("several_stores") == 0.0
    assert (first + second).share("several_stores") == 1.0


def test_a_batch_with_few_columns_tells_of_few_fields():
    rows = two_receipts()
    few = Batch(
        rows.transactions.select("source", "store_id", "type"),
        *(getattr(rows, name) for name in ("lines", "price_changes", "tenders", "events")),
    )
    assert "operator_id" not in profile_batch(few)[0].counts
