from datetime import UTC, date, datetime, timedelta

import pytest

from shrinkwatch.records.finding import Finding
from shrinkwatch.rules.feeds.clocks import Clocks, find_clock_faults
from shrinkwatch.rules.feeds.tills import Tills

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = date(2026, 4, 1)


def at(minute: float, **more: object) -> dict[str, object]:
    moment = NOON + timedelta(minutes=minute)
    return {"ended_at": moment, "arrived_at": moment, **more}


@pytest.fixture
def look(heads):
    """Shows receipts, load by load, to a source's clocks; returns what is said of them."""

    def seen(*loads: list[dict[str, object]]):
        tills, clocks = Tills(), Clocks(TODAY)
        for load in loads:
            rows = heads(*load)
            clocks.read(rows, tills.numbered(rows))
        return list(find_clock_faults("pos", tills, clocks, sum(map(len, loads)), 1))

    return seen


def test_a_clock_that_was_set_back_an_hour_is_found_with_its_till_and_day(look):
    (found,) = look(
        [at(0, sequence=1), at(1, sequence=2), at(-60, sequence=3), at(-59, sequence=4)]
    )
    assert (found.count, found.stores, found.level) == (1, ("S1",), "wrong")
    assert found.says == (
        "pos: a till's clock ran back once, at one till; furthest: 61 min at till 1 of S1 on "
        "2026-03-02 before number 3"
    )


def test_it_is_found_across_two_loads(look):
    (found,) = look([at(0, sequence=1), at(1, sequence=2)], [at(-60, sequence=3)])
    assert found.count == 1


def test_a_receipt_that_was_begun_before_and_ended_after_another_is_no_fault_of_the_clock(look):
    parked = at(40, sequence=1, began_at=NOON)  # numbered when it was begun, ended 40 minutes later
    assert look([parked, at(10, sequence=2)]) == []


def test_five_minutes_back_are_the_network_keeping_time(look):
    assert look([at(0, sequence=1), at(-5, sequence=2)]) == []
    assert len(look([at(0, sequence=1), at(-5.1, sequence=2)])) == 1


def test_the_hour_that_the_clock_ran_twice_is_known(look):
    repeated = int(Finding.REPEATED_HOUR)
    rows = [at(0, sequence=1), at(-50, sequence=2, findings=repeated), at(70, sequence=3)]
    assert look(rows) == []


def test_another_till_another_day_and_the_same_number_are_not_compared(look):
    rows = [
        at(0, sequence=1),
        at(-60, sequence=2, register_id="2"),
        at(-90, sequence=2, business_date=date(2026, 3, 3)),
        at(-60, sequence=1),
    ]
    assert look(rows) == []


def test_one_receipt_of_the_future_does_not_condemn_those_after_it(look):
    rows = [at(0, sequence=1), at(90, sequence=2), at(1, sequence=3), at(2, sequence=4)]
    (found,) = look(rows)
    assert found.count == 1


def test_a_receipt_dated_after_tomorrow_is_of_the_future(look):
    far = datetime(2026, 4, 3, 0, 30, tzinfo=UTC)
    rows = [{"ended_at": far, "arrived_at": far, "business_date": far.date()}]
    (found,) = look(rows)
    assert found.says == "pos: 1 of 1 receipts lie in the future, at S1 on 2026-04-03"
    near = datetime(2026, 4, 2, 23, 30, tzinfo=UTC)
    assert look([{"ended_at": near, "arrived_at": near, "business_date": near.date()}]) == []
    # in Auckland it is tomorrow already
    assert len(look([{**rows[0], "ended_at": near, "utc_offset_s": 13 * 3600}])) == 1


def test_a_time_two_days_from_its_business_date_is_wrong(look):
    (found,) = look([at(0, business_date=date(2026, 2, 28)), at(0, business_date=date(2026, 3, 1))])
    assert found.count == 1
    assert "have a time more than 1 day from their business date, at S1 on 2026-02-28" in found.says


def test_what_arrives_after_three_days_is_late(look):
    late = [at(0, arrived_at=NOON + timedelta(hours=hours)) for hours in (71, 72, 73)]
    (found,) = look(late)
    assert found.says == (
        "pos: 1 of 3 receipts arrived more than 72 hours after they ended, at S1 on 2026-03-02"
    )
