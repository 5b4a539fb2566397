from datetime import date, timedelta

import numpy as np
import pytest

from shrinkwatch.rules.feeds.lost_fields import Silence, find_lost_fields, silences

MONDAY = date(2026, 3, 2)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def always(store: str, but: range = range(0), of: int = 50, until: int = 28):
    """A store's days with the field on every row, except on these days."""
    return [(store, at, of, 0 if at in but else of) for at in range(until)]


def test_a_field_that_stopped_at_one_store_is_found_with_the_day(days):
    rows = days("operator_id", [*always("S6"), *always("S7", range(20, 28))])
    assert silences(rows) == [Silence("operator_id", "since", ("S7",), day(20), day(27), 400, 1.0)]


def test_its_finding_says_what_cannot_be_seen_there_since(days):
    rows = days("operator_id", [*always("S6"), *always("S7", range(20, 28))])
    (found,) = find_lost_fields("pos", rows, {"operator_id": ("void_then_no_sale",)})
    assert (found.level, found.stores, found.lost) == ("wrong", ("S7",), ("void_then_no_sale",))
    assert found.says == (
        "pos: operator_id stopped at S7 on 2026-03-22: none of 400 since, 100% before; there "
        "void_then_no_sale cannot be seen, or only partly, since 2026-03-22"
    )
    assert found.do == "ask for the cashier's number on every receipt"


def test_a_field_that_stopped_everywhere_is_one_finding_of_the_source(days):
    gone = range(20, 28)
    rows = days("operator_id", [*always("S6", gone), *always("S7", gone)])
    assert silences(rows) == [
        Silence("operator_id", "since", ("S6", "S7"), day(20), day(27), 800, 1.0)
    ]
    (found,) = find_lost_fields("pos", rows, {})
    assert found.level == "note"
    assert found.says == (
        "pos: operator_id stopped at all 2 stores on 2026-03-22: none of 800 since, 100% before"
    )


def test_stores_that_lost_it_on_the_same_days_are_named_together(days):
    gone = range(10, 12)
    rows = days("operator_id", [*always("S5"), *always("S6", gone), *always("S7", gone)])
    (one,) = silences(rows)
    assert (one.kind, one.stores, one.first, one.last) == (
        "between",
        ("S6", "S7"),
        day(10),
        day(11),
    )
    (found,) = find_lost_fields("pos", rows, {})
    assert found.says == (
        "pos: operator_id is missing at S6, S7 from 2026-03-12 to 2026-03-13: none of 200, 100% "
        "otherwise"
    )


def test_a_field_that_came_only_later_is_a_note(days):
    rows = days("operator_id", always("S7", range(10)))
    (found,) = find_lost_fields("pos", rows, {"operator_id": ("post_void",)})
    assert found.level == "note"
    assert found.says == (
        "pos: operator_id is given at S7 only from 2026-03-12 on: none of 500 before, 100% since; "
        "there post_void cannot be seen, or only partly, before 2026-03-12"
    )


def test_a_store_that_never_gives_what_the_others_do_is_found(days):
    rows = days("operator_id", [*always("S6"), *always("S7", range(28))])
    (found,) = find_lost_fields("pos", rows, {})
    assert found.says == (
        "pos: operator_id is never given at S7 (none of 1,400), at other stores on 100%"
    )


def test_a_rare_thing_must_be_missed_for_long(days):
    # One no-sale on every second of 60 days, then none for s days, at 100 receipts a day: chance
    # has 30 ln((60 + s) / 60) against it, and it is odd from ln(1e6) + ln(60 + s) on:
    # 18.46 < 18.53 at s = 51, 18.71 > 18.53 at s = 52.
    def no_sales(silent: int):
        return [("S7", at, 100, at % 2 if at < 60 else 0) for at in range(60 + silent)]

    assert silences(days("type.no_sale", no_sales(51))) == []
    (one,) = silences(days("type.no_sale", no_sales(52)))
    assert (one.kind, one.first, one.rows) == ("since", day(60), 5200)
    (found,) = find_lost_fields("pos", days("type.no_sale", no_sales(52)), {})
    assert found.says == (
        "pos: type.no_sale stopped at S7 on 2026-05-01: none of 5,200 receipts since, 5.0 in "
        "1,000 receipts before"
    )


def test_what_comes_in_bursts_is_not_missed_in_between(days):
    # markdowns on one day in seven; at the end six days without
    weekly = [("S7", at, 100, 40 if at % 7 == 0 else 0) for at in range(49)]
    assert silences(days("price_changes.markdown", weekly)) == []
    # every day three or thirty coupons: one day without is chance, with such days
    uneven = [("S7", at, 100, (3, 30)[at % 2] if at != 20 else 0) for at in range(40)]
    assert silences(days("price_changes.coupon", uneven)) == []


def test_of_many_stores_by_chance_none_is_missed(days):
    # 1,000 stores with a third of an event a day for 60 days, as chance has it (seeded)
    counts = np.random.default_rng(20_261_121).poisson(0.33, (1_000, 60))
    rows = [(f"S{s}", at, 100, int(n)) for s, row in enumerate(counts) for at, n in enumerate(row)]
    assert silences(days("type.no_sale", rows)) == []


def test_days_without_a_row_that_could_have_it_are_no_silence(days):
    closed = [*always("S7", until=20), *[("S7", at, 0, 0) for at in range(20, 60)]]
    assert silences(days("operator_id", closed)) == []


def test_a_field_given_on_four_days_is_no_habit(days):
    rows = [("S7", at, 100, 100 if at < 4 else 0) for at in range(40)]
    assert silences(days("operator_id", rows)) == []


@pytest.mark.parametrize("rows", [[], always("S7"), always("S7", range(28))])
def test_nothing_always_and_never_are_no_silence(days, rows):
    assert silences(days("operator_id", rows)) == []
