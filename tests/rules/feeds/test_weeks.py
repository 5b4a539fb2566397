from datetime import date

import polars as pl

from shrinkwatch.rules.feeds.broken_records import count_broken
from shrinkwatch.rules.feeds.clocks import Clocks
from shrinkwatch.rules.feeds.numbers import Numbers
from shrinkwatch.rules.feeds.tills import Tills
from shrinkwatch.rules.feeds.weeks import FieldWeeks, Week, field_weeks, weeks


def test_a_week_begins_on_monday_and_sums_its_days(days):
    rows = days("operator_id", [("S1", 0, 10, 8), ("S2", 6, 10, 10), ("S1", 7, 5, 0)])
    assert field_weeks(rows) == (FieldWeeks("operator_id", (18, 0), (20, 5)),)


def test_what_one_row_proves_is_set_against_receipts(days):
    rows = days("type.no_sale", [("S1", 0, 10, 2), ("S1", 7, 5, 1)])
    assert field_weeks(rows) == (FieldWeeks("type.no_sale", (2, 1), (10, 5)),)


def test_a_field_that_was_never_given_has_no_weeks(days):
    assert field_weeks(days("operator_id", [("S1", 0, 10, 0)])) == ()


def test_what_is_odd_is_counted_in_the_week_of_its_business_date(days, heads):
    tills, numbers, clocks = Tills(), Numbers(), Clocks(date(2026, 3, 1))  # all is of the future
    rows = heads(
        {"sequence": 1, "findings": 3},
        {"sequence": 4},
        {"sequence": 9, "business_date": date(2026, 3, 8)},
        {"sequence": 9, "business_date": date(2026, 3, 9)},
    )
    numbered = tills.numbered(rows)
    numbers.read(numbered)
    clocks.read(rows.with_columns(utc_offset_s=pl.lit(13 * 3600)), numbered)
    counted = days("operator_id", [("S1", 0, 2, 0), ("S1", 6, 1, 0), ("S1", 7, 1, 0)])
    found = weeks(counted, numbers.till_days(), clocks.set_back(), clocks.odd(), count_broken(rows))
    # in Auckland it is the 3rd of March: all four are of the future, two far from their date too
    assert found == (
        Week(date(2026, 3, 2), 3, 5, 2, 0, 4, 2),
        Week(date(2026, 3, 9), 1, 1, 0, 0, 2, 0),
    )
