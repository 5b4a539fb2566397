"""Dates and moments as the journal counts them."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.journal.days import day_number, day_of, microseconds, moment_of


@given(st.dates())
def test_a_day_and_its_number_are_one(day):
    assert day_of(day_number(day)) == day


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_and_its_microseconds_are_one(moment):
    assert moment_of(microseconds(moment)) == moment


def test_days_count_from_1970():
    assert day_number(date(1970, 1, 2)) == 1
    assert microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1_000_000
