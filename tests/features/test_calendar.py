"""The store's own clock."""

from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
import polars as pl
import pytest

from shrinkwatch.features.calendar import calendar_frame, local_time, opening_frame
from shrinkwatch.features.kernel import UNKNOWN_64


def moment(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * 1_000_000


def shown(at: int, offset_s: int = 0) -> dict[str, Any]:
    local = local_time(np.array([at]), np.array([offset_s]))
    return calendar_frame(local).row(0, named=True)


def test_the_date_and_hour_are_the_stores() -> None:
    # 23:30 UTC on Saturday 7 March 2026 is half past midnight of Sunday in Berlin
    row = shown(moment(2026, 3, 7, 23, 30), 3_600)
    assert row == {
        "local_date": date(2026, 3, 8),
        "local_hour": 0,
        "local_weekday": 7,
        "part_of_day": "night",
    }


@pytest.mark.parametrize(
    ("hour", "part"),
    [
        *((5, "night"), (6, "morning"), (10, "morning"), (11, "midday"), (13, "midday")),
        *((14, "afternoon"), (17, "afternoon"), (18, "evening"), (21, "evening"), (22, "night")),
    ],
)
def test_parts_of_the_day_begin_at_their_hour(hour: int, part: str) -> None:
    assert shown(moment(2026, 3, 2, hour))["part_of_day"] == part


def test_without_an_offset_nothing_is_known() -> None:
    assert set(shown(moment(2026, 3, 2, 9), int(UNKNOWN_64)).values()) == {None}


@pytest.mark.parametrize(
    ("opens", "closes", "hour", "since", "until"),
    [
        (time(8), time(20), 19, 660, 60),
        (time(8), time(20), 21, 780, -60),
        (time(8), time(20), 7, -60, 780),
        (time(18), time(2), 1, 420, 60),
        (time(18), time(2), 3, 540, -60),
        (time(18), time(2), 17, -60, 540),
        (time(0), time(0), 12, None, None),
        (None, time(20), 12, None, None),
    ],
)
def test_opening_and_closing_are_minutes_away(
    opens: time | None, closes: time, hour: int, since: int | None, until: int | None
) -> None:
    local = local_time(np.array([moment(2026, 3, 2, hour)]), np.array([0]))
    times = (pl.Series([opens], dtype=pl.Time), pl.Series([closes], dtype=pl.Time))
    assert opening_frame(local, *times).row(0) == (since, until)
