"""The store's own clock."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shrinkwatch.features.calendar import (
    PARTS_OF_DAY,
    calendar_columns,
    local_time,
    opening_columns,
)
from shrinkwatch.features.kernel import UNKNOWN_8, UNKNOWN_32, UNKNOWN_64


def moment(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * 1_000_000


def nanoseconds(of_day: time | None) -> NDArray[np.int64]:
    if of_day is None:
        return np.array([UNKNOWN_64])
    return np.array([timedelta(hours=of_day.hour, minutes=of_day.minute).seconds * 10**9])


def shown(at: int, offset_s: int = 0) -> dict[str, Any]:
    local = local_time(np.array([at]), np.array([offset_s]))
    columns = {name: column[0].item() for name, column in calendar_columns(local).items()}
    return columns | {"part_of_day": PARTS_OF_DAY[local.part[0]]}


def test_the_date_and_hour_are_the_stores() -> None:
    # 23:30 UTC on Saturday 7 March 2026 is half past midnight of Sunday in Berlin
    row = shown(moment(2026, 3, 7, 23, 30), 3_600)
    assert row == {
        "local_date": (date(2026, 3, 8) - date(1970, 1, 1)).days,
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
    assert shown(moment(2026, 3, 2, 9), int(UNKNOWN_64)) == {
        "local_date": UNKNOWN_32,
        "local_hour": UNKNOWN_8,
        "local_weekday": UNKNOWN_8,
        "part_of_day": None,
    }


@pytest.mark.parametrize(
    ("opens", "closes", "hour", "since", "until"),
    [
        (time(8), time(20), 19, 660, 60),
        (time(8), time(20), 21, 780, -60),
        (time(8), time(20), 7, -60, 780),
        (time(18), time(2), 1, 420, 60),
        (time(18), time(2), 3, 540, -60),
        (time(18), time(2), 17, -60, 540),
        (time(0), time(0), 12, UNKNOWN_32, UNKNOWN_32),
        (None, time(20), 12, UNKNOWN_32, UNKNOWN_32),
    ],
)
def test_opening_and_closing_are_minutes_away(
    opens: time | None, closes: time, hour: int, since: int, until: int
) -> None:
    local = local_time(np.array([moment(2026, 3, 2, hour)]), np.array([0]))
    columns = opening_columns(local, nanoseconds(opens), nanoseconds(closes))
    found = (columns["minutes_since_open"][0], columns["minutes_to_close"][0])
    assert found == (since, until)
