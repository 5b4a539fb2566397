"""Finds receipts that a till numbered and that never arrived, and tills that number anew."""

from collections.abc import Iterator
from datetime import date
from typing import cast

import polars as pl

from shrinkwatch.rules.feeds.finding import FeedFinding, level_of, named
from shrinkwatch.rules.feeds.tills import Tills

_DAY = ["till", "business_date"]
_RENUMBERED = 3
"""A hole larger than so many of the till's busiest days is a jump of the numbering (a counter that
was reset or began anew), not lost receipts. Our own choice."""
_WORST = 3


class Numbers:
    """The numbers of the receipts of one source, reduced to runs without a hole."""

    def __init__(self) -> None:
        self._runs: list[pl.DataFrame] = []

    def read(self, rows: pl.DataFrame) -> None:
        """Take receipts in. rows: till, business_date and sequence, none of them null."""
        sorted_ = rows.select(*_DAY, "sequence").sort(*_DAY, "sequence")
        begins = (
            (pl.col("till") != pl.col("till").shift(1))
            | (pl.col("business_date") != pl.col("business_date").shift(1))
            | (pl.col("sequence") - pl.col("sequence").shift(1) > 1)
        )
        self._runs.append(
            sorted_.lazy()
            .group_by(begins.fill_null(value=True).cum_sum().alias("run"))
            .agg(
                pl.col("till", "business_date").first(),
                pl.col("sequence").first().alias("first"),
                pl.col("sequence").last().alias("last"),
            )
            .drop("run")
            .collect()
        )

    def till_days(self) -> pl.DataFrame:
        """Return per till and business date: `numbered`, `missing`, `jumped`, `after`.

        numbered: numbers from the day's first to its last, without jumps. missing: those that never
        came; after: the number before the first hole, null without one. jumped: jumps.
        """
        if not self._runs:
            return pl.DataFrame(schema=_TILL_DAYS)
        reached = pl.col("last").cum_max().shift(1).over(_DAY)
        sent = (pl.col("last") - pl.max_horizontal("first", pl.col("reached") + 1) + 1).clip(0)
        runs = pl.concat(self._runs).lazy().sort(*_DAY, "first").with_columns(reached=reached)
        runs = runs.with_columns(
            hole=(pl.col("first") - pl.col("reached") - 1).clip(0).fill_null(0)
        )
        runs = runs.with_columns(sent=sent)
        busiest = pl.col("sent").sum().over(_DAY).max().over("till")
        jump = pl.col("hole") > busiest * _RENUMBERED
        lost = pl.when(jump).then(0).otherwise(pl.col("hole"))
        runs = runs.with_columns(jump=jump).with_columns(lost=lost)
        return (
            runs.group_by(_DAY, maintain_order=True)
            .agg(
                (pl.col("sent").sum() + pl.col("lost").sum()).alias("numbered"),
                pl.col("lost").sum().alias("missing"),
                pl.col("jump").sum().cast(pl.Int64).alias("jumped"),
                pl.col("reached").filter(pl.col("lost") > 0).first().alias("after"),
            )
            .collect()
        )


_TILL_DAYS = {
    "till": pl.UInt32,
    "business_date": pl.Date,
    "numbered": pl.Int64,
    "missing": pl.Int64,
    "jumped": pl.Int64,
    "after": pl.Int64,
}


def find_gaps(source: str, tills: Tills, till_days: pl.DataFrame) -> Iterator[FeedFinding]:
    """Yield what is odd about the numbers of one source. till_days: of `Numbers.till_days`."""
    order = [True, False, False]
    gaps = till_days.filter(pl.col("missing") > 0).sort("missing", *_DAY, descending=order)
    if gaps.height:
        yield _missing(source, tills.named(gaps), till_days)
    jumps = till_days.filter(pl.col("jumped") > 0).sort(*_DAY)
    if jumps.height:
        yield _jumped(source, tills.named(jumps), till_days.height)


def _missing(source: str, gaps: pl.DataFrame, till_days: pl.DataFrame) -> FeedFinding:
    missing, of = int(gaps["missing"].sum()), int(till_days["numbered"].sum())
    worst = [
        f"{row['missing']:,} at till {row['register_id']} of {row['store_id']} on "
        f"{row['business_date']} after number {row['after']}"
        for row in gaps.head(_WORST).iter_rows(named=True)
    ]
    return FeedFinding(
        about="numbers",
        level=level_of(missing, of),
        source=source,
        stores=tuple(gaps["store_id"].unique().sort()),
        first=cast("date", gaps["business_date"].min()),
        last=cast("date", gaps["business_date"].max()),
        count=missing,
        of=of,
        says=f"{source}: {missing:,} of {of:,} receipt numbers are missing, on {gaps.height:,} of "
        f"{till_days.height:,} till-days; most: {'; '.join(worst)}",
        do="ask whether the export leaves out cancelled or training receipts: schemes hide there",
    )


def _jumped(source: str, jumps: pl.DataFrame, of: int) -> FeedFinding:
    listed = [
        f"till {row['register_id']} of {row['store_id']} on {row['business_date']}"
        for row in jumps.iter_rows(named=True)
    ]
    return FeedFinding(
        about="numbers",
        level="note",
        source=source,
        stores=tuple(jumps["store_id"].unique().sort()),
        first=cast("date", jumps["business_date"].min()),
        last=cast("date", jumps["business_date"].max()),
        count=int(jumps["jumped"].sum()),
        of=of,
        says=f"{source}: the numbering jumps too far for lost receipts: {named(listed)}",
        do="ask whether the counter was reset; receipts lost at that moment cannot be counted",
    )
