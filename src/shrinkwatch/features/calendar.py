"""What time it was in the store: its date and hour, and how far from opening and closing."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.kernel import UNKNOWN_8, UNKNOWN_32, UNKNOWN_64

PARTS_OF_DAY = ("night", "morning", "midday", "afternoon", "evening", None)
UNKNOWN_PART = PARTS_OF_DAY.index(None)
_BEGINS_H = (0, 6, 11, 14, 18, 22)  # the last is night again
_DAY_S = 86_400
_DAY_MIN = 1440
_MINUTE_NS = 60_000_000_000


class LocalTime(NamedTuple):
    """Local times, (rows,) each; where `known` is False the other numbers mean nothing."""

    known: NDArray[np.bool_]
    day: NDArray[np.int64]  # days since 1970-01-01
    minute: NDArray[np.int64]  # of the day, 0 to 1439
    part: NDArray[np.int64]  # index into PARTS_OF_DAY


def local_time(at: NDArray[np.int64], offset_s: NDArray[np.int64]) -> LocalTime:
    """Return the store's local time.

    at: (rows,) int64 UTC microseconds; offset_s: (rows,) seconds east of UTC; either may be
    UNKNOWN_64.
    """
    known = (at != UNKNOWN_64) & (offset_s != UNKNOWN_64)
    local_s = np.where(known, at, 0) // 1_000_000 + np.where(known, offset_s, 0)
    minute = local_s % _DAY_S // 60
    part = (np.searchsorted(_BEGINS_H, minute // 60, side="right") - 1) % UNKNOWN_PART
    return LocalTime(known, local_s // _DAY_S, minute, np.where(known, part, UNKNOWN_PART))


def calendar_columns(local: LocalTime) -> dict[str, NDArray[Any]]:
    """Return local_date (int32 days since 1970), local_hour and local_weekday (int8)."""
    known, weekday = local.known, (local.day + 3) % 7 + 1
    return {
        "local_date": np.where(known, local.day, UNKNOWN_32).astype(np.int32),
        "local_hour": np.where(known, local.minute // 60, UNKNOWN_8).astype(np.int8),
        "local_weekday": np.where(known, weekday, UNKNOWN_8).astype(np.int8),
    }


def opening_columns(
    local: LocalTime, opens: NDArray[np.int64], closes: NDArray[np.int64]
) -> dict[str, NDArray[np.int32]]:
    """Return minutes_since_open and minutes_to_close, (rows,) int32.

    opens, closes: (rows,) int64 local time of each transaction's store in nanoseconds of the day,
    UNKNOWN_64 where unknown. A store that closes when it opens never closes: unknown. One that
    closes after midnight counts the hours before the middle of its night to the evening before.
    """
    known = local.known & (opens != UNKNOWN_64) & (closes != UNKNOWN_64) & (opens != closes)
    first, last = opens // _MINUTE_NS, closes // _MINUTE_NS
    last = np.where(last < first, last + _DAY_MIN, last)
    next_day = local.minute + _DAY_MIN
    minute = np.where(next_day <= (first + _DAY_MIN + last) // 2, next_day, local.minute)
    return {
        "minutes_since_open": np.where(known, minute - first, UNKNOWN_32).astype(np.int32),
        "minutes_to_close": np.where(known, last - minute, UNKNOWN_32).astype(np.int32),
    }
