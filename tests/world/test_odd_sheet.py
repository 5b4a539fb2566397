"""The sheet of habits, spells and rounds."""

from dataclasses import replace

import polars as pl

from shrinkwatch.world.calendar import HABITS, SPELLS, Calendar, Span
from shrinkwatch.world.chain import World
from shrinkwatch.world.odd_sheet import odd_rows
from shrinkwatch.world.visits import Site


def test_every_kind_that_a_store_has_is_listed_with_its_subject(site: Site) -> None:
    plan = Calendar(
        habits=tuple((kind, 0) for kind in HABITS),
        spells=tuple((kind, 0, Span(3, 4)) for kind in SPELLS),
        traders=((2, 0, 5), (2, 0, 12), (2, 1, 6)),
    )
    rows = {row[0]: row[1:] for row in odd_rows(replace(site, calendar=plan))}
    assert rows.keys() == {*HABITS, *SPELLS, "trader", "exempt_buyer", "house_card"}
    assert rows["change_lane"] == ("register", "1", 0, 13)
    assert rows["scale_trouble"] == ("store", None, 3, 4)
    assert rows["trader"][0] == "customer"
    assert rows["trader"][2:] == (5, 12)


def test_its_ids_are_those_of_the_feed(busy: World) -> None:
    """Whoever the sheet names was seen at a till of that store in that time."""
    columns = {
        "customer": "customer_id",
        "loyalty": "loyalty_id",
        "operator": "operator_id",
        "approver": "approver_id",
        "register": "register_id",
    }
    kinds = [*HABITS, *SPELLS, "trader"]
    named = busy.lookalikes.filter(pl.col("kind").is_in(kinds), pl.col("subject_id").is_not_null())
    assert set(named["subject_type"]) == set(columns)
    for row in named.iter_rows(named=True):
        seen = busy.transactions.filter(
            pl.col("store_id") == row["store_id"],
            pl.col(columns[row["subject_type"]]) == row["subject_id"],
            pl.col("business_date").is_between(row["from"], row["to"]),
        )
        assert seen.height > 0, row
