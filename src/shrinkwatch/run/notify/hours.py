"""When a message may be sent: not in a store's quiet hours, or once a day in a digest."""

from datetime import UTC, datetime, time, timedelta, tzinfo


def after_quiet(moment: datetime, quiet: str | None, zone: tzinfo) -> datetime:
    """Return this moment, or the end of the quiet hours in which it lies.

    moment: aware. quiet: like "21:00-07:00" on the clocks of the zone; None: never quiet.

    >>> after_quiet(datetime(2026, 3, 2, 22, tzinfo=UTC), "21:00-07:00", UTC).isoformat()
    '2026-03-03T07:00:00+00:00'
    """
    if quiet is None:
        return moment
    start, end = (time.fromisoformat(part) for part in quiet.split("-"))
    now = moment.astimezone(zone).time()
    is_quiet = start <= now < end if start < end else now >= start or now < end
    return next_time(moment, end, zone) if is_quiet else moment


def next_time(moment: datetime, at: time, zone: tzinfo) -> datetime:
    """Return when the zone's clocks next show this time, from this moment (aware) on, in UTC.

    A time that the clocks skip in spring comes an hour later on them; one that they show twice in
    autumn comes twice.
    """
    today = moment.astimezone(zone).date()
    days = [datetime.combine(today + timedelta(days), at, zone) for days in (0, 1)]
    first = [one.astimezone(UTC) for one in days]
    second = [one.replace(fold=1).astimezone(UTC) for one in days]
    # a time that is skipped has no second reading: taken so, it would lie before the skip
    twice = [two for one, two in zip(first, second, strict=True) if two > one]
    return min(one for one in (*first, *twice) if one >= moment)
