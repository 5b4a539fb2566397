"""Tables as they were known; the rest of their promises is in test_memory.py."""

from datetime import UTC, datetime, timedelta

import polars as pl

from shrinkwatch.journal.table_loads import BEGINNING, TableLoad, as_known, news, whole_rows
from shrinkwatch.records.tables import TABLE_COLUMNS, empty_table

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


def items(*rows):
    return whole_rows("items", pl.DataFrame(list(rows), schema=["sku", "unit_cost"], orient="row"))


def test_a_table_has_every_column_of_its_kind_and_the_last_of_equal_keys():
    rows = items(("tea", 100), ("tea", 200))
    assert rows.columns == list(TABLE_COLUMNS["items"])
    assert rows["unit_cost"].to_list() == [200]


def test_only_rows_that_say_something_new_are_news():
    current = items(("tea", 100), ("coffee", None))
    loaded = items(("tea", 100), ("coffee", None), ("milk", 5))
    assert news(current, loaded)["sku"].to_list() == ["milk"]
    assert news(empty_table("items"), loaded).height == 3


def test_a_later_load_replaces_rows_by_key_and_leaves_the_others():
    loads = [
        TableLoad("items", BEGINNING, items(("tea", 100), ("milk", 5))),
        TableLoad("items", MORNING, items(("tea", 120))),
    ]
    now = as_known(loads, None)["items"].sort("sku")
    assert now["unit_cost"].to_list() == [5, 120]
    before = as_known(loads, MORNING - timedelta(hours=1))["items"].sort("sku")
    assert before["unit_cost"].to_list() == [5, 100]


def test_a_day_of_a_store_is_known_when_it_is_over():
    days = whole_rows(
        "store_days",
        pl.DataFrame({"store_id": ["7"], "date": [MORNING.date()], "visitors": [900]}),
    )
    loads = [TableLoad("store_days", BEGINNING, days)]
    assert as_known(loads, MORNING)["store_days"].height == 0
    assert as_known(loads, MORNING + timedelta(days=1))["store_days"].height == 1
