"""Clock readings as numbers, against Python's own datetime and zoneinfo."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.journal.days import microseconds
from shrinkwatch.journal.moments import NEVER, instants, readings, store_offsets

offsets = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
times = st.datetimes(
    datetime.fromisoformat("1970-01-02"),
    datetime.fromisoformat("2200-01-01"),
    timezones=st.none() | offsets,
)


@given(st.lists(st.none() | times, max_size=30))
def test_a_reading_is_the_wall_clock_and_the_offset_as_written(values):
    read = readings(values)
    for row, value in enumerate(values):
        if value is None:
            assert read.wall_us[row] == NEVER
            assert not read.present[row]
            continue
        wall = value.replace(tzinfo=UTC)
        own = value.utcoffset() or timedelta(0)
        assert read.wall_us[row] == microseconds(wall)
        assert read.offset_s[row] == own.total_seconds()
        assert read.naive[row] == (value.tzinfo is None)


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]


@given(
    st.lists(
        st.datetimes(datetime.fromisoformat("1980-01-01"), datetime.fromisoformat("2037-12-31")),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(ZONES),
)
def test_a_local_reading_becomes_the_first_moment_that_the_zone_gives_it(values, name):
    zone = np.zeros(len(values), dtype=np.int64)
    found = instants(readings(values), zone, [name])
    for row, value in enumerate(values):
        local = value.replace(tzinfo=ZoneInfo(name), fold=0)
        assert found.us[row] == microseconds(local.astimezone(UTC))
        later = value.replace(tzinfo=ZoneInfo(name), fold=1)
        back = local.astimezone(UTC).astimezone(ZoneInfo(name)).replace(tzinfo=None)
        assert found.skipped[row] == (back != value)
        twice = local.utcoffset() != later.utcoffset()
        assert found.repeated[row] == (twice and back == value)


@given(
    st.lists(
        st.datetimes(
            datetime.fromisoformat("1980-01-01"),
            datetime.fromisoformat("2037-12-31"),
            timezones=st.just(UTC),
        ),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(ZONES),
)
def test_the_offset_of_a_store_is_what_zoneinfo_says(values, name):
    us = np.array([microseconds(value) for value in values])
    zeros = np.zeros(us.size, dtype=np.int64)
    found = store_offsets(us, zeros, [name], zeros)
    expected = [value.astimezone(ZoneInfo(name)).utcoffset() for value in values]
    assert found.tolist() == [offset.total_seconds() for offset in expected]


def test_a_local_reading_without_a_zone_stays_unknown():
    found = instants(readings([datetime.fromisoformat("2026-03-02T09:00")]), np.array([-1]), [])
    assert found.us.tolist() == [NEVER]


@pytest.mark.parametrize("values", [[], [None], [None, None]])
def test_nothing_said_is_nothing_known(values):
    assert not readings(values).present.any()
