"""Feeds: silent days, missing numbers and broken identities, counted by hand."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from shrinkwatch.records.finding import SENTENCES, Finding
from shrinkwatch.run.feeds import DeadDay, dead_days, finding_counts, missing_numbers

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def heads(days: list[int], store: str = "S1") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "source": ["pos"] * len(days),
            "store_id": [store] * len(days),
            "ended_at": [MONDAY + timedelta(days=day) for day in days],
            "began_at": [None] * len(days),
            "utc_offset_s": [0] * len(days),
        },
        schema_overrides={"began_at": pl.Datetime("us", "UTC"), "utc_offset_s": pl.Int32},
    )


def test_a_silent_weekday_is_found() -> None:
    every = [day for day in range(42) if day != 15]  # the third Tuesday of six: 5 of 6 traded
    assert dead_days(heads(every)) == (DeadDay("pos", "S1", date(2026, 3, 17)),)


def test_a_store_that_rests_on_sundays_is_not_silent() -> None:
    assert dead_days(heads([day for day in range(42) if day % 7 != 6])) == ()


def test_before_its_first_and_after_its_last_day_a_store_is_not_silent() -> None:
    both = pl.concat([heads(list(range(42))), heads(list(range(14, 28)), "S2")])
    assert dead_days(both) == ()


def test_missing_numbers_are_counted_per_till_day() -> None:
    rows = pl.DataFrame(
        {
            "source": ["pos"] * 6,
            "store_id": ["S1"] * 6,
            "register_id": ["1", "1", "1", "2", "2", "2"],
            "business_date": [date(2026, 3, 2)] * 6,
            "sequence": [5, 6, 9, 1, 2, None],
        }
    )
    assert missing_numbers(rows) == (2, 7)  # till 1: 5 to 9 without 7 and 8; till 2: 1 to 2


@pytest.mark.parametrize("kind", list(Finding))
def test_every_finding_has_its_sentence(kind: Finding) -> None:
    counted = finding_counts(pl.Series([kind.value, 0, kind.value], dtype=pl.UInt32))
    assert counted == {SENTENCES[kind]: 2}


def test_two_findings_on_one_receipt_are_both_counted() -> None:
    both = Finding.NET_SUM | Finding.SIGN
    assert finding_counts(pl.Series([both.value], dtype=pl.UInt32)) == {
        SENTENCES[Finding.NET_SUM]: 1,
        SENTENCES[Finding.SIGN]: 1,
    }
