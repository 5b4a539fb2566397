"""Where live scoring is in the journal, and what of the open day a replay would see otherwise."""

from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

Why = Literal["out of order", "revised", "answered late", "came before its day", "interrupted"]
"""Why the open day is replayed when it closes: what was judged is not all that a replay sees."""

_RECENT = timedelta(days=3)


class Place(Struct):
    """How far live scoring has come, and what it noticed.

    position: of the first record that was not read. day: the UTC day that is open. closed: the last
    one that is closed. opened_at: the position from which the open day's records lie. last_us: the
    latest arrival judged, UTC µs. left_out: positions since then that a replay does not take.
    heard: when answers arrived that count on the open day. unsettled: why that day is replayed when
    it closes. known_until: what lies before this position is in the days that were closed when
    scoring began; closed_at: the same of each day that it closed. ahead: records that came before
    their day, by day. late: records of closed days, which only the next `shrinkwatch score` takes
    in. damaged: positions (first, one after the last) of which nothing
    was scored.
    """

    position: int = 0
    day: date | None = None
    closed: date | None = None
    opened_at: int = 0
    last_us: int = 0
    left_out: set[int] = field(default_factory=set)
    heard: list[datetime] = field(default_factory=list)
    unsettled: set[Why] = field(default_factory=set)
    known_until: int = 0
    closed_at: dict[date, int] = field(default_factory=dict)
    ahead: dict[date, int] = field(default_factory=dict)
    late: int = 0
    damaged: list[tuple[int, int]] = field(default_factory=list)

    def open(self, day: date) -> None:
        """Open a day at the present position."""
        self.day, self.opened_at, self.last_us = day, self.position, 0
        self.left_out = {one for one in self.left_out if one >= self.position}
        self.heard, self.unsettled = [], set()
        if self.ahead.pop(day, 0):
            self.unsettled.add("came before its day")
        self.ahead = {one: n for one, n in self.ahead.items() if one > day}

    def close(self, day: date, until: int) -> None:
        """Close this day, which has all that lies before the position `until`."""
        self.closed, self.day = day, None
        self.closed_at = {one: at for one, at in self.closed_at.items() if one >= day - _RECENT}
        self.closed_at[day] = until

    def is_closed(self, day: date) -> bool:
        """Return whether the alerts of this day are out."""
        if self.day is not None:
            return day < self.day
        return self.closed is not None and day <= self.closed

    def is_late(self, day: date, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of these records of a closed day are not in it."""
        return positions >= max(self.known_until, self.closed_at.get(day, 0))
