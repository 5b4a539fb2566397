"""UTC dates as numbers of days since 1970, the way the journal counts them."""

from datetime import UTC, date, datetime, timedelta

_EPOCH = date(1970, 1, 1)
_MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
DAY_US = 86_400_000_000


def day_number(day: date) -> int:
    """Return the days from 1970-01-01 to this date."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """Return the date that many days after 1970-01-01."""
    return _EPOCH + timedelta(days=number)


def microseconds(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970 in UTC."""
    return (moment - _MIDNIGHT) // _US


def moment_of(us: int) -> datetime:
    """Return the UTC moment that many microseconds after 1970."""
    return _MIDNIGHT + timedelta(microseconds=us)
