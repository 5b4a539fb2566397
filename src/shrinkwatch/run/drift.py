"""Looks at the newest closed day, the feeds and the answers, and says what changed."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
from msgspec import Struct

from shrinkwatch.features.daily_profile import (
    PROFILE_COLUMNS,
    day_counts,
    day_prices,
    price_counts,
)
from shrinkwatch.models.drift.answers import Watched, watch_answers
from shrinkwatch.models.drift.shift import REFERENCE_DAYS, Shift, shifts
from shrinkwatch.models.drift.silence import WEEKS, Silent, silent
from shrinkwatch.ports import Clock, Journal
from shrinkwatch.run.labels import said
from shrinkwatch.run.opened import Opened
from shrinkwatch.scoring.answers import of_alerts

_TIMES = ("store_id", "ended_at")
_ANSWERED: dict[str, pl.DataType | type[pl.DataType]] = {
    "alert_id": pl.String,
    "opened_at": pl.Datetime("us", "UTC"),
    "answered_at": pl.Datetime("us", "UTC"),
    "right": pl.Boolean,
    "probability": pl.Float64,
}


class Drift(Struct, frozen=True):
    """What was looked at. day: the newest closed day (None: there is none), with its shares.

    newest: the time of the newest receipt. silent: None where nothing has come for a day or longer
    from any store, so that it cannot be told which is dead.
    """

    day: date | None
    newest: datetime | None
    shifts: tuple[Shift, ...]
    silent: tuple[Silent, ...] | None
    watched: tuple[Watched, ...]

    @property
    def changed(self) -> int:
        """How many things are no longer as they were."""
        found = sum(bool(one.shifted) for one in self.shifts) + len(self.silent or ())
        return found + sum(one.state == "changed" for one in self.watched)


def _now() -> datetime:
    return datetime.now(UTC)


def drift(desk: Opened, clock: Clock = _now) -> Drift:
    """Return how this workspace's feeds and answers are. clock: tells the present moment."""
    now = clock()
    closed = [day for day in desk.journal.days() if day < now.date()]
    newest, quiet = _silence(desk.journal, now)
    return Drift(
        day=closed[-1] if closed else None,
        newest=newest,
        shifts=_shifts(desk.journal, closed) if closed else (),
        silent=quiet,
        watched=watch_answers(_answers(desk, now), now),
    )


def _shifts(journal: Journal, closed: list[date]) -> tuple[Shift, ...]:
    """Return the newest closed day against the four weeks before, read a day at a time."""
    today = closed[-1]
    days = [day for day in closed if day >= today - timedelta(days=REFERENCE_DAYS)]
    counts, prices = [], []
    for day in days:
        batch = journal.arrivals(day, PROFILE_COLUMNS)
        of_day = pl.lit(day).alias("day")
        counts.append(day_counts(batch).with_columns(of_day))
        prices.append(day_prices(batch).with_columns(of_day))
    told = pl.concat(counts)
    priced = price_counts(pl.concat(prices), today)
    return shifts(pl.concat([told, priced.select(told.columns)]), today)


def _silence(journal: Journal, now: datetime) -> tuple[datetime | None, tuple[Silent, ...] | None]:
    """Return the time of the newest receipt, and the silent stores; None: all of them are."""
    start = (now - timedelta(weeks=2 * WEEKS)).date()
    parts = [
        journal.arrivals(day, {**dict.fromkeys(PROFILE_COLUMNS, ("tx",)), "transactions": _TIMES})
        for day in journal.days()
        if start <= day <= now.date()
    ]
    if not parts:
        return None, None
    times = pl.concat([one.transactions for one in parts]).drop_nulls()
    newest: datetime | None = times["ended_at"].max()  # type: ignore[assignment]
    if newest is None or now - newest > timedelta(days=1):
        return newest, None
    return newest, silent(times, now)


def _answers(desk: Opened, now: datetime) -> pl.DataFrame:
    """Return the alerts chosen for their probability, with what counts as said of them."""
    told = said(desk, now)
    chosen = [alert for alert in told.alerts if alert.chosen_by == "score"]
    bearing = of_alerts(told.answers.given, chosen)
    first = dict(bearing.group_by("alert_id").agg(pl.col("at").min()).iter_rows())
    rows = [
        (
            alert.alert_id,
            alert.opened_at,
            first.get(alert.alert_id),
            told.right.get(alert.alert_id),
            alert.probability,
        )
        for alert in chosen
    ]
    return pl.DataFrame(rows, schema=_ANSWERED, orient="row").cast({"right": pl.Int8})
