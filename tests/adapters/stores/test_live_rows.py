"""Rows come a few at a time; of each it is said what became of it."""

from datetime import UTC, datetime

import polars as pl

from shrinkwatch.adapters.stores.live_rows import LiveRows
from shrinkwatch.records.tables import TABLE_COLUMNS

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def moves(*rows: tuple[str, str, float]) -> pl.DataFrame:
    columns = {
        "row_id": [row[0] for row in rows],
        "store_id": [row[1] for row in rows],
        "quantity": [row[2] for row in rows],
    }
    return pl.DataFrame(
        {name: columns.get(name, [None] * len(rows)) for name in TABLE_COLUMNS["stock_moves"]},
        schema=TABLE_COLUMNS["stock_moves"],
    )


def test_new_equal_changed_and_foreign_rows_are_told_apart(database):
    live = LiveRows(database)
    assert live.append("stock_moves", moves(("1", "S1", 1.0)), NOW) == ["accepted"]
    sent = moves(("1", "S1", 1.0), ("2", "S1", 5.0), ("2", "S1", 6.0), ("1", "S2", 9.0))
    became = ["duplicate", "accepted", "revised", "conflicting"]
    assert live.append("stock_moves", sent, NOW) == became
    held = live.table("stock_moves").sort("row_id").select("row_id", "store_id", "quantity")
    assert held.rows() == [("1", "S1", 1.0), ("2", "S1", 6.0)]


def test_what_another_program_loads_is_known(database):
    here, there = LiveRows(database), LiveRows(database)
    here.append("stock_moves", moves(("1", "S1", 1.0)), NOW)
    assert there.append("stock_moves", moves(("1", "S1", 1.0)), NOW) == ["duplicate"]
    there.append("stock_moves", moves(("2", "S1", 2.0)), NOW)
    assert here.append("stock_moves", moves(("2", "S1", 2.0)), NOW) == ["duplicate"]


def test_nothing_new_stores_nothing(database):
    live = LiveRows(database)
    live.append("stock_moves", moves(("1", "S1", 1.0)), NOW)
    live.append("stock_moves", moves(("1", "S1", 1.0)), NOW)
    with database.read() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM table_load").scalar()
    assert count == 1
