"""Finds tills whose clock is wrong: times that run back, that no day can hold, that come too late.

A till takes one receipt at a time, and numbers it when it is begun or when it ends. So a receipt
of a higher number cannot end before one of a lower number began: where it does, the clock was set
back in between (or had been ahead).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import cast

import polars as pl

from shrinkwatch.records.finding import Finding
from shrinkwatch.rules.feeds.finding import FeedFinding, level_of, when, where
from shrinkwatch.rules.feeds.tills import Tills

BACK_S = 300
"""A clock that runs back by less is being kept right over the network. Our own choice."""
LATE_H = 72
"""What arrives later after its event is late: the watermark up to which disorder is expected."""
FAR_DAYS = 1
"""A business day may end after midnight; a time further than this from it is wrong."""

_LOCAL = pl.coalesce("ended_at", "began_at") + pl.duration(seconds=pl.col("utc_offset_s"))
_SWITCHED = Finding.REPEATED_HOUR | Finding.MISSING_HOUR
_WORST = 3


class Clocks:
    """What the clocks of one source's tills did, kept for the receipts where they did it."""

    def __init__(self, today: date) -> None:
        """today: the date in UTC; a receipt dated after tomorrow is of the future."""
        self._tomorrow = today + timedelta(days=1)
        self._last: pl.DataFrame | None = None
        self._back: list[pl.DataFrame] = []
        self._odd: list[pl.DataFrame] = []

    def read(self, heads: pl.DataFrame, rows: pl.DataFrame) -> None:
        """Take receipts in.

        heads: with store_id, business_date, began_at, ended_at, arrived_at and utc_offset_s. rows:
        those of them that `Tills.numbered` keeps, with till, sequence and findings too.
        """
        self._back.append(self._set_back(rows))
        day = _LOCAL.dt.date()
        told = heads.select(
            "store_id",
            "business_date",
            future=day > self._tomorrow,
            far=(day - pl.col("business_date")).dt.total_days().abs() > FAR_DAYS,
            late=pl.col("arrived_at") - pl.coalesce("ended_at", "began_at")
            > timedelta(hours=LATE_H),
        )
        odd = told.filter(pl.any_horizontal("future", "far", "late"))
        counted = odd.group_by("store_id", "business_date").agg(
            pl.col("future", "far", "late").sum().cast(pl.Int64)
        )
        self._odd.append(counted)

    def set_back(self) -> pl.DataFrame:
        """Return where a clock ran back: till, business_date, sequence, back_s (Int64)."""
        return pl.concat(self._back) if self._back else pl.DataFrame(schema=_BACK)

    def odd(self) -> pl.DataFrame:
        """Return receipts by store_id and business_date: `future`, `far`, `late` (Int64)."""
        return pl.concat(self._odd) if self._odd else pl.DataFrame(schema=_ODD)

    def _set_back(self, rows: pl.DataFrame) -> pl.DataFrame:
        # local times of the hour that the clock ran twice are read as the first; that is known
        known = rows.filter(pl.col("findings") & int(_SWITCHED) == 0).select(
            "till",
            "business_date",
            "sequence",
            began=pl.coalesce("began_at", "ended_at"),
            ended=pl.coalesce("ended_at", "began_at"),
        )
        whole = known if self._last is None else pl.concat([self._last, known])
        whole = whole.sort("till", "business_date", "sequence")
        follows = (
            (pl.col("till") == pl.col("till").shift(1))
            & (pl.col("business_date") == pl.col("business_date").shift(1))
            & (pl.col("sequence") > pl.col("sequence").shift(1))
        )
        back = (pl.col("began").shift(1) - pl.col("ended")).dt.total_seconds()
        self._last = whole.group_by("till").last().select(known.columns)
        back = pl.when(follows).then(back)
        found = whole.select("till", "business_date", "sequence", back_s=back)
        return found.filter(pl.col("back_s") > BACK_S)


_BACK = {"till": pl.UInt32, "business_date": pl.Date, "sequence": pl.Int64, "back_s": pl.Int64}
_COUNTS = {"future": pl.Int64, "far": pl.Int64, "late": pl.Int64}
_ODD = {"store_id": pl.String, "business_date": pl.Date, **_COUNTS}


def find_clock_faults(
    source: str, tills: Tills, clocks: Clocks, transactions: int, stores: int
) -> Iterator[FeedFinding]:
    """Yield what is odd about the clocks of one source with so many receipts and stores."""
    back = clocks.set_back().sort("back_s", "till", "sequence", descending=[True, False, False])
    if back.height:
        yield _ran_back(source, tills.named(back), transactions)
    odd = clocks.odd()
    for kind, (says, do) in _SAYS.items():
        seen = odd.filter(pl.col(kind) > 0)
        if seen.height:
            count = int(seen[kind].sum())
            at = tuple(seen["store_id"].unique().sort())
            first = cast("date", seen["business_date"].min())
            last = cast("date", seen["business_date"].max())
            yield FeedFinding(
                about="clocks",
                level=level_of(count, transactions),
                source=source,
                stores=at,
                first=first,
                last=last,
                count=count,
                of=transactions,
                says=f"{source}: {count:,} of {transactions:,} receipts {says}, "
                f"{where(at, stores)} {when(first, last)}",
                do=do,
            )


_SAYS = {
    "future": (
        "lie in the future",
        "set the clocks of these tills; windows of time count such receipts when they come",
    ),
    "far": (
        f"have a time more than {FAR_DAYS} day from their business date",
        "ask which of the two is right; times of day and windows follow the time",
    ),
    "late": (
        f"arrived more than {LATE_H} hours after they ended",
        "ask why the feed is late; an alert can only come when its receipts have",
    ),
}


def _ran_back(source: str, back: pl.DataFrame, transactions: int) -> FeedFinding:
    worst = [
        f"{row['back_s'] / 60:,.0f} min at till {row['register_id']} of {row['store_id']} on "
        f"{row['business_date']} before number {row['sequence']}"
        for row in back.head(_WORST).iter_rows(named=True)
    ]
    times = "once" if back.height == 1 else f"{back.height:,} times"
    at = "one till" if (count := back["till"].n_unique()) == 1 else f"{count:,} tills"
    return FeedFinding(
        about="clocks",
        level=level_of(back.height, transactions),
        source=source,
        stores=tuple(back["store_id"].unique().sort()),
        first=cast("date", back["business_date"].min()),
        last=cast("date", back["business_date"].max()),
        count=back.height,
        of=transactions,
        says=f"{source}: a till's clock ran back {times}, at {at}; furthest: {'; '.join(worst)}",
        do="set these tills' clocks by network time; seconds between receipts are wrong there",
    )
