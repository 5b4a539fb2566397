"""The tables beside the till."""

import polars as pl

from shrinkwatch.world.chain import World


def test_every_register_and_operator_of_the_feed_is_in_its_table(busy: World) -> None:
    for table, key in (("registers", "register_id"), ("operators", "operator_id")):
        known = busy.tables[table].select("store_id", key)
        assert busy.transactions.join(known, on=["store_id", key], how="anti").is_empty()


def test_every_item_sold_has_a_price_and_a_cost(busy: World) -> None:
    sold = busy.lines.filter(pl.col("kind") == "item")
    assert sold.join(busy.tables["items"], on="sku", how="anti").is_empty()
    assert (busy.tables["items"]["unit_cost"] < busy.tables["items"]["list_price"]).all()


def test_a_shift_ends_after_it_begins_and_belongs_to_one_store(busy: World) -> None:
    shifts = busy.tables["shifts"]
    assert (shifts["clock_out"] > shifts["clock_in"]).all()
    assert not shifts.select("store_id", "operator_id", "clock_in").is_duplicated().any()


def test_the_same_operator_number_is_another_person_in_another_store(busy: World) -> None:
    people = busy.tables["operators"].filter(pl.col("operator_id") == "101")
    assert people.height == busy.settings.stores
    assert people["employee_id"].is_unique().all()


def test_a_few_clock_outs_are_forgotten(busy: World) -> None:
    """1.5 % of some thousand shifts."""
    forgotten = busy.tables["shifts"]["clock_out"].is_null().mean()
    assert 0.005 < forgotten < 0.03  # type: ignore[operator]
