"""Receipts written down in a line each, for feeds that go wrong on purpose."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from shrinkwatch.records.batch import PARTS
from shrinkwatch.rules.carried import given, possible
from shrinkwatch.rules.fields import fields

MONDAY = date(2026, 3, 2)


def noon(day: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(days=day, minutes=minute)


@pytest.fixture
def heads() -> Callable[..., pl.DataFrame]:
    """Makes transactions of one source: at store S1, till 1, noon, unless a row says otherwise."""

    def make(*rows: dict[str, Any]) -> pl.DataFrame:
        usual = {
            "source": "pos",
            "store_id": "S1",
            "register_id": "1",
            "business_date": MONDAY,
            "ended_at": noon(0),
            "arrived_at": noon(0),
            "utc_offset_s": 0,
            "findings": 0,
        }
        columns = ("sequence", "began_at", *usual)
        kinds = {name: PARTS["transactions"][name] for name in columns}
        whole = [{**dict.fromkeys(columns), **usual, **row} for row in rows]
        return pl.DataFrame(whole, schema=kinds)

    return make


@pytest.fixture
def days() -> Callable[..., pl.DataFrame]:
    """Makes field counts: (store, day from Monday on, receipts, given) of one field each row."""

    def make(field: str, rows: Iterable[tuple[str, int, int, int]]) -> pl.DataFrame:
        listed = list(rows)
        counts = {given(field): [row[3] for row in listed]}
        if fields()[field].of is not None:
            counts[possible(field)] = [row[2] for row in listed]
        return pl.DataFrame(
            {
                "source": ["pos"] * len(listed),
                "store_id": [row[0] for row in listed],
                "business_date": [MONDAY + timedelta(days=row[1]) for row in listed],
                "transactions": [row[2] for row in listed],
                **counts,
            }
        )

    return make
