"""Quiet hours and digests keep the store's clocks, also when those are put forward or back."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.run.notify.hours import after_quiet, next_time

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
MINUTES = st.integers(0, 24 * 60 - 1)


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@pytest.mark.parametrize(
    ("at", "quiet", "then"),
    [
        ("2026-03-02T20:59", "21:00-07:00", "2026-03-02T20:59"),
        ("2026-03-02T21:00", "21:00-07:00", "2026-03-03T07:00"),
        ("2026-03-03T06:59", "21:00-07:00", "2026-03-03T07:00"),
        ("2026-03-03T07:00", "21:00-07:00", "2026-03-03T07:00"),
        ("2026-03-02T13:30", "12:00-14:00", "2026-03-02T14:00"),
        ("2026-03-02T14:30", "12:00-14:00", "2026-03-02T14:30"),
        ("2026-03-28T23:00", "21:00-07:00", "2026-03-29T06:00"),  # summer time began at 1
        ("2026-10-24T21:00", "21:00-07:00", "2026-10-25T07:00"),  # and ended at 1, UTC
        ("2026-03-29T00:30", "00:00-01:30", "2026-03-29T01:30"),  # 1:30 was skipped: 2:30
        ("2026-10-25T00:10", "00:00-01:30", "2026-10-25T00:30"),  # the first 1:30
        ("2026-10-25T01:10", "00:00-01:30", "2026-10-25T01:30"),  # the second
    ],
)
def test_in_london_quiet_hours_end_when_its_clocks_say_so(at: str, quiet: str, then: str) -> None:
    moment, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (at, then))
    assert after_quiet(moment, quiet, ZoneInfo("Europe/London")) == end


def test_a_digest_comes_once_a_day() -> None:
    zone = ZoneInfo("Asia/Kolkata")  # half an hour off: 7:30 there is 2:00 UTC
    moment = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert next_time(moment, time(7, 30), zone) == moment
    later = moment + timedelta(seconds=1)
    assert next_time(later, time(7, 30), zone) == moment + timedelta(days=1)


@given(MOMENTS, MINUTES, MINUTES, st.sampled_from(ZONES))
def test_whatever_the_clocks_do_it_ends_soon_and_never_before_it_began(
    moment: datetime, start: int, end: int, zone: str
) -> None:
    if start == end:
        return
    quiet = f"{clock(start)}-{clock(end)}"
    then = after_quiet(moment, quiet, ZoneInfo(zone))
    assert timedelta() <= then - moment <= timedelta(hours=26)
    assert after_quiet(then, quiet, ZoneInfo(zone)) == then
