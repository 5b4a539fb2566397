"""A till's local times as text with their offset, looked up rather than formatted one by one."""

from datetime import date, datetime, timedelta
from functools import cache

import polars as pl

_DAY_S = 86_400


class LocalTime:
    """The clock of some transactions: turns seconds after a start into RFC 3339 text.

    tx: `tx` (consecutive rows), `began_at` (UTC) and `local_s`, seconds since the first local
    midnight of the period. An offset holds for a whole transaction. naive: write no offset.
    """

    def __init__(self, tx: pl.DataFrame, start: date, *, naive: bool = False) -> None:
        first = datetime.combine(start, datetime.min.time())
        midnight = int((first - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001
        self._first_row = int(tx["tx"][0]) if tx.height else 0
        self._local = tx["local_s"]
        began = tx["began_at"].dt.epoch("s") - midnight
        self._offset_s = tx["local_s"] - began
        self._began = began
        self._midnight = midnight
        days = 2 + int(tx["local_s"].to_numpy().max(initial=0)) // _DAY_S
        self._dates = pl.Series([f"{(first + timedelta(days=n)):%Y-%m-%dT}" for n in range(days)])
        offsets = self._offset_s.unique().sort().to_list()
        texts = ["" if naive else _offset(int(s)) for s in offsets]
        self._offset_text = pl.Series(texts, dtype=pl.String)
        self._offset_row = self._offset_s.replace_strict(
            offsets, list(range(len(offsets))), return_dtype=pl.Int64
        )

    def after(self, rows: pl.Series, seconds: pl.Series | int) -> pl.Series:
        """Return the local time `seconds` after the start of each of these rows; null stays."""
        place = rows - self._first_row
        return self._text(self._local.gather(place) + seconds, place)

    def at(self, tx: pl.DataFrame, column: str) -> pl.Series:
        """Return an instant of every transaction in local time; null stays."""
        seconds = tx[column].dt.epoch("s") - self._midnight + self._offset_s
        return self._text(seconds, pl.int_range(tx.height, eager=True))

    def _text(self, local_s: pl.Series, place: pl.Series) -> pl.Series:
        frame = pl.DataFrame(
            {
                "date": self._dates.gather(local_s // _DAY_S),
                "second": _seconds_of_a_day().gather(local_s % _DAY_S),
                "offset": self._offset_text.gather(self._offset_row.gather(place)),
            }
        )
        return frame.select(pl.concat_str("date", "second", "offset"))["date"]


def _offset(seconds: int) -> str:
    """Return +01:00 for 3600."""
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), 3600)
    return f"{sign}{hours:02d}:{rest // 60:02d}"


@cache
def _seconds_of_a_day() -> pl.Series:
    """Return the 86,400 times of a day as text."""
    return pl.Series([f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(_DAY_S)])
