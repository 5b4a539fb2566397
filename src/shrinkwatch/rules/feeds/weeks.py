"""Sums a source up week by week: receipts, what was odd about them, and what they carried."""

from datetime import date
from typing import cast

import polars as pl
from msgspec import Struct

from shrinkwatch.records.finding import SENTENCES
from shrinkwatch.rules.carried import given, possible
from shrinkwatch.rules.fields import fields

_WEEK = pl.col("business_date").dt.truncate("1w").alias("monday")


class Week(Struct, frozen=True):
    """One source in the week that begins on this Monday, by business date.

    numbered, missing: receipt numbers, and those that never came. set_back: how often a till's
    clock ran back. mistimed: receipts of the future, far from their business date, or late.
    broken: broken identities of the contract.
    """

    monday: date
    receipts: int
    numbered: int
    missing: int
    set_back: int
    mistimed: int
    broken: int


class FieldWeeks(Struct, frozen=True):
    """One field week by week, as many weeks as the source has.

    given: rows that have it. of: rows that could; of a field of which one row is enough, receipts.
    """

    field: str
    given: tuple[int, ...]
    of: tuple[int, ...]


def weeks(
    days: pl.DataFrame,
    till_days: pl.DataFrame,
    set_back: pl.DataFrame,
    odd: pl.DataFrame,
    broken: pl.DataFrame,
) -> tuple[Week, ...]:
    """Return one source's weeks that have receipts, oldest first.

    days: `rules.profile.count_by`; till_days: `numbers.Numbers`; set_back, odd: `clocks.Clocks`;
    broken: `broken_records.count_broken`.
    """
    kinds = [str(kind.name) for kind in SENTENCES]
    parts = [
        days.select(_WEEK, receipts="transactions"),
        till_days.select(_WEEK, "numbered", "missing"),
        set_back.select(_WEEK, set_back=pl.lit(1, dtype=pl.Int64)),
        odd.select(_WEEK, mistimed=pl.sum_horizontal("future", "far", "late")),
        broken.select(_WEEK, broken=pl.sum_horizontal(kinds)),
    ]
    summed = pl.concat(parts, how="diagonal").drop_nulls("monday").group_by("monday").sum()
    columns = list(Week.__struct_fields__)
    rows = summed.filter(pl.col("receipts") > 0).sort("monday").select(columns).iter_rows()
    return tuple(Week(*row) for row in rows)


def field_weeks(days: pl.DataFrame) -> tuple[FieldWeeks, ...]:
    """Return the weeks of every field that this source ever gave. days: see `weeks`."""
    dated = days.drop_nulls("business_date").with_columns(_WEEK)
    summed = dated.group_by("monday").agg(pl.col(pl.Int64).sum()).sort("monday")
    return tuple(
        FieldWeeks(
            name,
            tuple(cast("list[int]", summed[given(name)].to_list())),
            tuple(summed["transactions" if field.of is None else possible(name)].to_list()),
        )
        for name, field in fields().items()
        if given(name) in summed.columns and summed[given(name)].sum()
    )
