"""Finds where and when records broke an identity of the contract."""

from collections.abc import Iterator
from datetime import date
from typing import cast

import polars as pl

from shrinkwatch.records.finding import SENTENCES
from shrinkwatch.rules.feeds.finding import FeedFinding, level_of, when, where

_WHERE = ["store_id", "business_date"]


def count_broken(heads: pl.DataFrame) -> pl.DataFrame:
    """Return by store_id and business_date how many receipts have each finding (Int64).

    heads: transactions with these and findings. The columns are the bits' names, e.g. "NET_SUM".
    """
    broken = heads.filter(pl.col("findings") > 0)
    bits = [
        ((pl.col("findings") & kind.value) > 0).sum().cast(pl.Int64).alias(str(kind.name))
        for kind in SENTENCES
    ]
    return broken.group_by(_WHERE).agg(bits)


def find_broken(
    source: str, broken: pl.DataFrame, transactions: int, stores: int
) -> Iterator[FeedFinding]:
    """Yield a finding per broken identity of one source with so many receipts and stores.

    broken: as `count_broken` makes it; a store's day may stand there several times.
    """
    for kind, words in SENTENCES.items():
        having = broken.filter(pl.col(str(kind.name)) > 0)
        if having.is_empty():
            continue
        count = int(having[str(kind.name)].sum())
        at = tuple(having["store_id"].unique().sort())
        first = cast("date", having["business_date"].min())
        last = cast("date", having["business_date"].max())
        receipts = "receipt" if count == 1 else "receipts"
        yield FeedFinding(
            about="records",
            level=level_of(count, transactions),
            source=source,
            stores=at,
            first=first,
            last=last,
            count=count,
            of=transactions,
            says=f"{source}: in {count:,} {receipts} {words}, {where(at, stores)} "
            f"{when(first, last)}",
            do="ask whoever exports",
        )
