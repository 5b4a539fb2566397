from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.rules.feeds.numbers import Numbers, find_gaps
from shrinkwatch.rules.feeds.tills import Tills

DAY = date(2026, 3, 2)


def numbers(*loads: list[tuple[int, int]]) -> Numbers:
    """Receipts as (till, number), load by load."""
    made = Numbers()
    kinds = {"till": pl.UInt32, "sequence": pl.Int64}
    for load in loads:
        rows = pl.DataFrame(load, schema=kinds, orient="row")
        made.read(rows.with_columns(business_date=DAY))
    return made


def test_missing_numbers_are_counted_per_till_day():
    # till 0: 5 to 9 without 7 and 8; till 1: 1 to 2
    found = numbers([(0, 5), (0, 6), (0, 9), (1, 2), (1, 1)]).till_days().sort("till")
    assert found.select("numbered", "missing", "jumped", "after").rows() == [
        (5, 2, 0, 6),
        (2, 0, 0, None),
    ]


def test_nothing_was_numbered():
    assert Numbers().till_days().is_empty()
    assert numbers([]).till_days().is_empty()


def test_a_counter_that_begins_anew_is_a_jump_and_loses_nothing():
    sent = [(0, number) for number in (9997, 9998, 9999, 1, 2, 3)]
    (day,) = numbers(sent).till_days().to_dicts()
    assert (day["numbered"], day["missing"], day["jumped"], day["after"]) == (6, 0, 1, None)


@given(st.sets(st.integers(1, 60), min_size=21), st.data())
def test_whatever_the_order_of_the_loads_the_same_is_missing(sent: set[int], data: st.DataObject):
    # at least 21 of at most 60 came, so that no hole is larger than three busiest days
    listed = data.draw(st.permutations(sorted(sent)))
    cut = data.draw(st.integers(0, len(listed)))
    again = data.draw(st.integers(0, cut))
    loads = [[(0, one) for one in part] for part in (listed[:cut], listed[again:])]
    (day,) = numbers(*loads).till_days().to_dicts()
    span = max(sent) - min(sent) + 1
    assert (day["numbered"], day["missing"]) == (span, span - len(sent))


def test_the_finding_names_the_worst_till_day(heads):
    tills = Tills()
    made = Numbers()
    sent = [("1", n) for n in (1, 2, 4)] + [("2", n) for n in (*range(1, 100), 118, 127)]
    made.read(tills.numbered(heads(*({"register_id": t, "sequence": n} for t, n in sent))))
    (found,) = find_gaps("pos", tills, made.till_days())
    # till 2: 100 to 117 and 119 to 126; till 1: 3
    assert (found.count, found.of, found.level) == (27, 131, "wrong")
    assert found.says == (
        "pos: 27 of 131 receipt numbers are missing, on 2 of 2 till-days; most: 26 at till 2 of S1 "
        "on 2026-03-02 after number 99; 1 at till 1 of S1 on 2026-03-02 after number 2"
    )


def test_a_jump_is_told_apart_from_lost_receipts(heads):
    tills = Tills()
    made = Numbers()
    made.read(tills.numbered(heads(*({"sequence": n} for n in (9998, 9999, 1, 2)))))
    (found,) = find_gaps("pos", tills, made.till_days())
    assert (found.level, found.count) == ("note", 1)
    assert found.says == (
        "pos: the numbering jumps too far for lost receipts: till 1 of S1 on 2026-03-02"
    )


def test_a_receipt_without_a_till_or_a_number_is_left_out(heads):
    rows = heads({"sequence": 1, "register_id": None}, {"sequence": None}, {"sequence": 7})
    assert Tills().numbered(rows)["sequence"].to_list() == [7]


def test_a_till_keeps_its_number(heads):
    tills = Tills()
    tills.numbered(heads({"sequence": 1}, {"sequence": 1, "register_id": "2"}))
    again = tills.numbered(heads({"sequence": 1, "register_id": "3"}, {"sequence": 2}))
    assert again["till"].to_list() == [2, 0]
    assert tills.named(again)["register_id_right"].to_list() == ["3", "1"]
