"""Finds the days on which a store that usually trades sent nothing."""

from collections.abc import Iterator

import polars as pl

from shrinkwatch.rules.feeds.finding import FeedFinding, named

_USUAL = 0.8
"""A weekday is a trading day of a store when it traded on at least this share of them."""
_LONGEST_DAYS = 3_660
"""Receipts further apart than ten years have a wrong date among them: no calendar is made."""


def silent_days(traded: pl.DataFrame) -> pl.DataFrame:
    """Return source, store_id and date of each day without receipts of a usual trading day.

    traded: a row per source, store_id and date with receipts. Days before a store's first and
    after its last receipt are not held against it.
    """
    first, last = pl.col("date").min(), pl.col("date").max()
    span = (
        traded.group_by("source", "store_id")
        .agg(first.alias("first"), last.alias("last"))
        .filter((pl.col("last") - pl.col("first")).dt.total_days() <= _LONGEST_DAYS)
        .with_columns(date=pl.date_ranges("first", "last"))
        .explode("date")
        .drop("first", "last")
    )
    known = traded.select("source", "store_id", "date", traded=1)
    calendar = span.join(known, on=["source", "store_id", "date"], how="left")
    weekday = pl.col("date").dt.weekday()
    usual = pl.col("traded").fill_null(0).mean().over("source", "store_id", weekday)
    dead = calendar.filter((usual >= _USUAL) & pl.col("traded").is_null())
    return dead.sort("source", "date", "store_id").select("source", "store_id", "date")


def find_silent_days(days: pl.DataFrame) -> Iterator[FeedFinding]:
    """Yield a finding per source whose stores were silent. days: see `rules.profile.count_by`."""
    traded = days.select("source", "store_id", date="business_date").drop_nulls()
    for (source,), dead in silent_days(traded).group_by("source", maintain_order=True):
        listed = [f"{store} on {date}" for _, store, date in dead.iter_rows()]
        yield FeedFinding(
            about="days",
            level="wrong",
            source=str(source),
            stores=tuple(dead["store_id"].unique().sort()),
            first=dead["date"][0],
            last=dead["date"][-1],
            count=dead.height,
            of=traded.filter(pl.col("source") == source).height + dead.height,
            says=f"{source}: stores that usually trade sent nothing: {named(listed)}",
            do="ask for these days' files and load them; a quiet store proves nothing",
        )
