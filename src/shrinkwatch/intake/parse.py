"""Turns columns of text into money, times, dates and the rest; what is no such thing is null.

Every function takes a column of texts and returns a column of the same length. Null stays null;
a text that does not parse becomes null too, and the caller tells the two apart.
"""

import polars as pl

from shrinkwatch.intake.check import FIRST_YEAR, LARGEST_AMOUNT, LAST_YEAR

_YES = ("true", "yes", "y", "1", "1.0", "t", "x")
_NO = ("false", "no", "n", "0", "0.0", "f")
_AWARE = r"(?:[Zz]|[+-]\d{2}:?\d{2})$"
_ISO = r"^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?)?\s*([Zz]|[+-]\d{2}:?\d{2})?$"


def plain_number(texts: pl.Series, decimal: str = ".") -> pl.Series:
    """Return numbers as texts with a decimal point, without currency signs and thousands marks.

    decimal: how the file writes it, `.` or `,`. `(1.50)` and `1.50-` are −1.50.

    >>> plain_number(pl.Series(["€ 1.234,50", "-0,99", "12"]), ",").to_list()
    ['1234.50', '-0.99', '12']
    """
    thousands = "." if decimal == "," else ","
    clean = texts.str.replace_all(r"[\s'\u00a0\u202f$€£¥]", "").str.replace_all(
        thousands, "", literal=True
    )
    clean = clean.str.replace_all(decimal, ".", literal=True)
    clean = clean.str.replace(r"^\((.*)\)$", "-$1").str.replace(r"^([^-].*)-$", "-$1")
    return clean.str.replace(r"^\+", "")


def number(texts: pl.Series) -> pl.Series:
    """Return Float64; infinities, NaN and what is larger than a million million are null."""
    value = texts.cast(pl.Float64, strict=False)
    fine = value.is_finite() & (value.abs() < float(LARGEST_AMOUNT))
    return value.to_frame("value").select(pl.when(fine).then(pl.col("value"))).to_series()


def whole(texts: pl.Series) -> pl.Series:
    """Return Int64 of whole numbers of at most 15 digits (`12`, `12.0`); others are null."""
    clean = texts.str.replace(r"\.0+$", "")
    fine = clean.str.contains(r"^[+-]?\d{1,15}$")
    return clean.set(~fine.fill_null(value=False), None).cast(pl.Int64, strict=False)


def scaled(texts: pl.Series, decimals: pl.Series | int) -> pl.Series:
    """Return Int64: the number × 10^decimals, half-even.

    decimals: per row (minor units of that row's currency) or the same for all.
    """
    value = number(texts)
    scale = pl.lit(decimals) if isinstance(decimals, int) else pl.col("decimals")
    frame = value.to_frame("value")
    if isinstance(decimals, pl.Series):
        frame = frame.with_columns(decimals.alias("decimals"))
    exact = pl.col("value") * pl.lit(10.0).pow(scale)
    return frame.select(exact.round(6).round(mode="half_to_even").cast(pl.Int64)).to_series()


def yes_no(texts: pl.Series) -> pl.Series:
    """Return Boolean of yes/no, true/false, 1/0, y/n in any case."""
    low = texts.str.to_lowercase()
    yes, no = low.is_in(_YES), low.is_in(_NO)
    return yes.set(~(yes | no), None)


def day(texts: pl.Series) -> pl.Series:
    """Return Date of `2026-03-01` (a time after it is passed over)."""
    value = texts.str.extract(r"^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$").str.to_date(
        "%Y-%m-%d", strict=False
    )
    return _within_years(value)


def time_of_day(texts: pl.Series) -> pl.Series:
    """Return Time of `8:00`, `08:00` or `08:00:00`; `24:00` is the last moment of the day."""
    full = texts.str.replace(r"^24:00(:00)?(\.0+)?$", "23:59:59.999999")
    full = full.str.replace(r"^(\d):", "0$1:").str.replace(r"^(\d{2}:\d{2})$", "$1:00")
    return full.str.to_time("%H:%M:%S%.f", strict=False)


def local_time(texts: pl.Series, formats: tuple[str, ...] = ()) -> pl.Series:
    """Return naive Datetime("us") of times without an offset; those with one are null.

    formats: `strptime` patterns, tried in this order; none means ISO 8601 (a date alone is its
    midnight).
    """
    if not formats:
        parts = texts.str.extract_groups(_ISO).struct
        clock = parts.field("2").fill_null("00:00") + parts.field("3").fill_null(":00")
        iso = parts.field("1") + "T" + clock
        value = iso.set(parts.field("4").is_not_null(), None)
        return _within_years(
            value.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
        )
    value = pl.Series(texts.name, [None] * len(texts), dtype=pl.Datetime("us"))
    for pattern in formats:
        value = value.fill_null(_by_pattern(texts, pattern))
    return _within_years(value)


def _by_pattern(texts: pl.Series, pattern: str) -> pl.Series:
    if "%H" in pattern or "%I" in pattern:
        return texts.str.to_datetime(pattern, strict=False, time_unit="us")
    return texts.str.to_date(pattern, strict=False).cast(pl.Datetime("us"))


def aware_time(texts: pl.Series) -> pl.Series:
    """Return Datetime("us", "UTC") of ISO 8601 times with an offset or Z; others are null."""
    parts = texts.str.extract_groups(_ISO).struct
    offset = parts.field("4").str.replace("[Zz]", "+00:00")
    offset = offset.str.replace(r"^([+-]\d{2})(\d{2})$", "$1:$2")
    clock = parts.field("2") + parts.field("3").fill_null(":00")
    iso = parts.field("1") + "T" + clock + offset
    value = iso.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_unit="us")
    return _within_years(value.dt.convert_time_zone("UTC"))


def rfc3339(texts: pl.Series) -> pl.Series:
    """Return ISO 8601 times with an offset as RFC 3339 wants them; other texts as they are.

    >>> rfc3339(pl.Series(["2026-03-01 09:00+0100", "noon"])).to_list()
    ['2026-03-01T09:00:00+01:00', 'noon']
    """
    parts = texts.str.extract_groups(_ISO).struct
    offset = parts.field("4").str.replace(r"^([+-]\d{2})(\d{2})$", "$1:$2")
    clock = parts.field("2") + parts.field("3").fill_null(":00")
    return (parts.field("1") + "T" + clock + offset).fill_null(texts)


def in_zone(local: pl.Series, zones: pl.Series) -> pl.Series:
    """Return UTC times of naive local ones, each in the zone of its row; unknown zones are null.

    In the hour that runs twice the first is taken; an hour that the clock skips is read with the
    offset before it.
    """
    utc = pl.Series(local.name, [None] * len(local), dtype=pl.Datetime("us", "UTC"))
    for zone in zones.drop_nulls().unique().sort():
        here = local.set(~(zones == zone).fill_null(value=False), None)
        utc = utc.fill_null(_localised(here, zone))
    return utc


def _localised(local: pl.Series, zone: str) -> pl.Series:
    hour = pl.duration(hours=1)
    first = pl.col("at").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    before = (pl.col("at") - hour).dt.replace_time_zone(
        zone, ambiguous="earliest", non_existent="null"
    ) + hour
    both = pl.coalesce(first, before).dt.convert_time_zone("UTC")
    return local.to_frame("at").select(both).to_series()


def _within_years(value: pl.Series) -> pl.Series:
    fine = value.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    return value.set(~fine.fill_null(value=False), None)
