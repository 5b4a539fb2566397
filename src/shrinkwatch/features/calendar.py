"""What time it was in the store: its date and hour, and how far from opening and closing."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.kernel import UNKNOWN_64

PARTS_OF_DAY = ("night", "morning", "midday", "afternoon", "evening", "unknown")
UNKNOWN_PART = PARTS_OF_DAY.index("unknown")
_BEGINS_H = (0, 6, 11, 14, 18, 22)  # the last is night again
_DAY_S = 86_400
_DAY_MIN = 1440


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


def calendar_frame(local: LocalTime) -> pl.DataFrame:
    """Return local_date, local_hour, local_weekday and part_of_day; null where unknown."""
    parts = pl.Series(PARTS_OF_DAY[:UNKNOWN_PART], dtype=pl.String)
    known = pl.col("known")
    return pl.DataFrame(
        {"known": local.known, "day": local.day, "minute": local.minute, "part": local.part}
    ).select(
        pl.when(known).then(pl.col("day").cast(pl.Int32).cast(pl.Date)).alias("local_date"),
        pl.when(known).then(pl.col("minute") // 60).cast(pl.Int8).alias("local_hour"),
        pl.when(known).then((pl.col("day") + 3) % 7 + 1).cast(pl.Int8).alias("local_weekday"),
        pl.lit(parts).gather(pl.when(known).then(pl.col("part"))).alias("part_of_day"),
    )


def opening_frame(local: LocalTime, opens: pl.Series, closes: pl.Series) -> pl.DataFrame:
    """Return minutes_since_open and minutes_to_close, (rows,) Int32.

    opens, closes: (rows,) local Time of each transaction's store, null where unknown. A store
    that closes when it opens never closes: null. One that closes after midnight counts the hours
    before the middle of its night to the evening before.
    """
    times = pl.DataFrame({"o": opens, "c": closes, "m": local.minute, "known": local.known})
    return (
        times.select(
            *(pl.col(name).cast(pl.Int64) // 60_000_000_000 for name in ("o", "c")),
            pl.when("known").then("m").alias("m"),
        )
        .with_columns(
            pl.when(pl.col("c") < pl.col("o"))
            .then(pl.col("c") + _DAY_MIN)
            .otherwise("c")
            .alias("c"),
            pl.when(pl.col("c") != pl.col("o")).then("o").alias("o"),
        )
        .with_columns(
            pl.when(pl.col("m") + _DAY_MIN <= (pl.col("o") + _DAY_MIN + pl.col("c")) // 2)
            .then(pl.col("m") + _DAY_MIN)
            .otherwise("m")
            .alias("m")
        )
        .select(
            (pl.col("m") - pl.col("o")).cast(pl.Int32).alias("minutes_since_open"),
            pl.when(pl.col("o").is_not_null())
            .then(pl.col("c") - pl.col("m"))
            .cast(pl.Int32)
            .alias("minutes_to_close"),
        )
    )
