from datetime import date, timedelta

import polars as pl

from shrinkwatch.rules.feeds.silent_days import find_silent_days, silent_days

MONDAY = date(2026, 3, 2)


def traded(days: list[int], store: str = "S1") -> pl.DataFrame:
    dates = [MONDAY + timedelta(days=day) for day in days]
    return pl.DataFrame({"source": "pos", "store_id": store, "date": dates})


def test_a_silent_weekday_is_found():
    every = [day for day in range(42) if day != 15]  # the third Tuesday of six: 5 of 6 traded
    assert silent_days(traded(every)).rows() == [("pos", "S1", date(2026, 3, 17))]


def test_a_store_that_rests_on_sundays_is_not_silent():
    assert silent_days(traded([day for day in range(42) if day % 7 != 6])).is_empty()


def test_before_its_first_and_after_its_last_day_a_store_is_not_silent():
    both = pl.concat([traded(list(range(42))), traded(list(range(14, 28)), "S2")])
    assert silent_days(both).is_empty()


def test_a_date_that_cannot_be_makes_no_calendar_of_centuries():
    wrong = pl.concat([traded([0, 1]), traded([-40_000])])
    assert silent_days(wrong).is_empty()


def test_every_silent_day_is_in_the_finding():
    every = [day for day in range(42) if day not in (15, 17)]
    days = traded(every).rename({"date": "business_date"})
    (found,) = find_silent_days(days)
    assert (found.count, found.of, found.stores, found.level) == (2, 42, ("S1",), "wrong")
    assert found.says == (
        "pos: stores that usually trade sent nothing: S1 on 2026-03-17, S1 on 2026-03-19"
    )
