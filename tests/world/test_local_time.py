"""Local times as text, over the night when the clocks change (29 March 2026, London)."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from shrinkwatch.world.local_time import LocalTime


@pytest.fixture
def time() -> LocalTime:
    """Two starts at 09:00 local: on the 28th (UTC+0) and on the 29th (UTC+1)."""
    return LocalTime(_tx(), date(2026, 3, 28))


def _tx() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "tx": [40, 41],
            "began_at": [
                datetime(2026, 3, 28, 9, tzinfo=UTC),
                datetime(2026, 3, 29, 8, tzinfo=UTC),
            ],
            "arrived_at": [None, datetime(2026, 3, 29, 8, 30, 5, tzinfo=UTC)],
            "local_s": [9 * 3600, 33 * 3600],
        },
        schema_overrides={"arrived_at": pl.Datetime("us", "UTC")},
    )


def test_seconds_after_a_start_are_written_with_the_offset_of_that_day(time: LocalTime) -> None:
    shown = time.after(pl.Series([40, 41, 41]), pl.Series([0, 61, None]))
    assert shown.to_list() == ["2026-03-28T09:00:00+00:00", "2026-03-29T09:01:01+01:00", None]


def test_an_instant_is_written_in_local_time_and_an_absent_one_is_not(time: LocalTime) -> None:
    assert time.at(_tx(), "arrived_at").to_list() == [None, "2026-03-29T09:30:05+01:00"]


def test_without_offset_it_is_the_clock_on_the_wall() -> None:
    bare = LocalTime(_tx(), date(2026, 3, 28), naive=True)
    assert bare.after(pl.Series([41]), 0).to_list() == ["2026-03-29T09:00:00"]
