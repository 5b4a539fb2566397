from datetime import UTC, date, datetime, time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.intake import parse


def texts(*values: str | None) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_amounts_lose_signs_and_thousands_marks() -> None:
    point = texts("1,234.50", "$3.62", "(1.50)", "1.50-", "+2", "x", None)
    assert parse.plain_number(point).to_list() == [
        "1234.50",
        "3.62",
        "-1.50",
        "-1.50",
        "2",
        "x",
        None,
    ]
    comma = texts("1.234,50 €", "-0,99", "1 234,5")
    assert parse.plain_number(comma, ",").to_list() == ["1234.50", "-0.99", "1234.5"]


def test_numbers_that_are_none_are_null() -> None:
    assert parse.number(texts("1.5", "NaN", "inf", "1e12", "x", None)).to_list() == [
        1.5,
        *[None] * 5,
    ]
    assert parse.whole(texts("12", "12.0", "1.5", "9" * 16, "x", None)).to_list() == [
        12,
        12,
        *[None] * 4,
    ]


def test_money_is_scaled_by_its_currency_half_to_even() -> None:
    assert parse.scaled(texts("0.125", "0.135", "-0.125", "7"), 2).to_list() == [12, 14, -12, 700]
    assert parse.scaled(texts("7", "7", "7.5"), pl.Series([0, 3, 0])).to_list() == [7, 7000, 8]


def test_yes_and_no_are_understood_in_any_case() -> None:
    assert parse.yes_no(texts("Yes", "0", "TRUE", "n", "maybe", None)).to_list() == [
        True,
        False,
        True,
        False,
        None,
        None,
    ]


def test_days_and_times_of_day() -> None:
    assert parse.day(
        texts("2026-03-01", "2026-03-01T10:00", "2026-02-30", "01.03.2026")
    ).to_list() == [
        date(2026, 3, 1),
        date(2026, 3, 1),
        None,
        None,
    ]
    assert parse.time_of_day(texts("8:00", "20:30:15", "24:00", "25:00")).to_list() == [
        time(8),
        time(20, 30, 15),
        time(23, 59, 59, 999999),
        None,
    ]


def test_times_with_an_offset_are_utc_and_those_without_wait_for_a_zone() -> None:
    written = texts(
        "2026-07-01T10:00:00+02:00", "2026-07-01 10:00Z", "2026-07-01 10:00", "0001-01-01Z"
    )
    assert parse.aware_time(written).to_list() == [
        utc(2026, 7, 1, 8),
        utc(2026, 7, 1, 10),
        None,
        None,
    ]
    assert parse.local_time(written).null_count() == 3


def test_the_first_format_that_reads_a_time_is_taken() -> None:
    formats = ("%d/%m/%Y %H:%M", "%Y%m%d")
    found = parse.local_time(texts("02/03/2026 10:15", "20260304", "x"), formats)
    assert [str(t) for t in found] == ["2026-03-02 10:15:00", "2026-03-04 00:00:00", "None"]


def test_the_repeated_hour_is_read_first_and_the_skipped_one_with_the_offset_before() -> None:
    """Berlin 2026: the clocks change at 01:00 UTC on 29 March and on 25 October."""
    local = parse.local_time(
        texts("2026-10-25T02:30", "2026-03-29T02:30", "2026-01-01T00:00", "2026-01-01")
    )
    zones = pl.Series(["Europe/Berlin", "Europe/Berlin", "Asia/Tokyo", None], dtype=pl.String)
    assert parse.in_zone(local, zones).to_list() == [
        utc(2026, 10, 25, 0, 30),
        utc(2026, 3, 29, 1, 30),
        utc(2025, 12, 31, 15),
        None,
    ]


PARSERS = [
    parse.plain_number,
    parse.number,
    parse.whole,
    parse.yes_no,
    parse.day,
    parse.time_of_day,
    parse.local_time,
    parse.aware_time,
    lambda t: parse.scaled(t, 2),
    lambda t: parse.local_time(t, ("%d.%m.%Y %H:%M", "%d.%m.%Y")),
]


@pytest.mark.parametrize("parser", PARSERS)
@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.none() | st.text(max_size=30)))
def test_any_text_is_parsed_or_null(parser: object, values: list[str | None]) -> None:
    assert callable(parser)
    assert len(parser(texts(*values))) == len(values)
