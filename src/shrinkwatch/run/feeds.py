"""What is odd about the feeds themselves: silent days, missing numbers, clocks and sums."""

from collections.abc import Sequence
from datetime import date

import polars as pl
from msgspec import Struct

from shrinkwatch.ports import Journal
from shrinkwatch.records.finding import SENTENCES

_COLUMNS: dict[str, Sequence[str]] = {
    "transactions": (
        *("source", "store_id", "register_id", "business_date", "sequence"),
        *("ended_at", "began_at", "utc_offset_s", "findings"),
    ),
    **dict.fromkeys(("lines", "price_changes", "tenders", "events"), ("tx",)),
}
_USUAL = 0.8
"""A weekday is a trading day of a store when it traded on at least this share of them."""


class DeadDay(Struct, frozen=True):
    """A store that usually trades on this weekday and sent nothing on this date."""

    source: str
    store_id: str
    date: date


class FeedState(Struct, frozen=True):
    """What a journal's feeds look like.

    stores: every store id that sent something. findings: sentence -> how many transactions.
    missing_numbers: receipts that the tills numbered and nobody sent, of `numbered`.
    """

    transactions: int
    stores: tuple[str, ...]
    dead_days: tuple[DeadDay, ...]
    findings: dict[str, int]
    missing_numbers: int
    numbered: int


def feed_state(journal: Journal) -> FeedState:
    """Return what the feeds of this journal look like."""
    parts = [journal.arrivals(day, _COLUMNS).transactions for day in journal.days()]
    if not parts:
        return FeedState(0, (), (), {}, 0, 0)
    heads = pl.concat(parts)
    missing, numbered = missing_numbers(heads)
    return FeedState(
        transactions=heads.height,
        stores=tuple(sorted(heads["store_id"].unique())),
        dead_days=dead_days(heads),
        findings=finding_counts(heads["findings"]),
        missing_numbers=missing,
        numbered=numbered,
    )


def finding_counts(findings: pl.Series) -> dict[str, int]:
    """Return for every broken identity, in words, how many transactions break it; none: left out.

    findings: UInt32, bits of `records.finding.Finding`.
    """
    bits = findings.to_numpy()
    counted = {words: int(((bits & kind.value) > 0).sum()) for kind, words in SENTENCES.items()}
    return {words: count for words, count in counted.items() if count}


def dead_days(heads: pl.DataFrame) -> tuple[DeadDay, ...]:
    """Return the days on which a store sent nothing, though it usually trades on that weekday.

    heads: transactions with source, store_id, ended_at, began_at and utc_offset_s. Days before a
    store's first and after its last transaction are not held against it.
    """
    local = pl.coalesce("ended_at", "began_at") + pl.duration(seconds=pl.col("utc_offset_s"))
    traded = heads.select("source", "store_id", date=local.dt.date()).unique().drop_nulls()
    span = traded.group_by("source", "store_id").agg(
        pl.date_range(pl.col("date").min(), pl.col("date").max()).alias("date")
    )
    calendar = span.explode("date").join(
        traded.with_columns(traded=1), on=["source", "store_id", "date"], how="left"
    )
    weekday = pl.col("date").dt.weekday()
    usual = pl.col("traded").fill_null(0).mean().over("source", "store_id", weekday)
    dead = calendar.filter((usual >= _USUAL) & pl.col("traded").is_null())
    rows = dead.sort("source", "store_id", "date").select("source", "store_id", "date").iter_rows()
    return tuple(DeadDay(*row) for row in rows)


def missing_numbers(heads: pl.DataFrame) -> tuple[int, int]:
    """Return how many numbers between a till-day's first and last were not sent, and of how many.

    heads: transactions with source, store_id, register_id, business_date and sequence.
    """
    day = ["source", "store_id", "register_id", "business_date"]
    numbered = heads.filter(pl.col("sequence").is_not_null()).group_by(day)
    spans = numbered.agg(
        pl.col("sequence").n_unique().alias("sent"),
        (pl.col("sequence").max() - pl.col("sequence").min() + 1).alias("numbers"),
    )
    return int((spans["numbers"] - spans["sent"]).sum()), int(spans["numbers"].sum())
