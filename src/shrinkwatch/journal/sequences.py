"""Finds receipts that a till numbered and that never arrived.

A till numbers its receipts one after the other. Each block of records is reduced to its runs of
consecutive numbers per till and business day, so that a whole load's gaps can be found at its end,
whatever the order in which the records came.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl
from msgspec import Struct

_TILL_DAY = ["source", "store_id", "register_id", "business_date"]


class SequenceGap(Struct, frozen=True):
    """A till's business day on which numbers are missing between its first and its last.

    missing: how many numbers; after: the last number before the first gap.
    """

    source: str
    store_id: str
    register_id: str
    business_date: date
    missing: int
    after: int


def runs_of(transactions: pl.DataFrame) -> pl.DataFrame:
    """Return runs of consecutive sequence numbers: source, store, register, date, first, last.

    transactions: of a batch; those without register or sequence are left out.
    """
    numbered = transactions.lazy().select(*_TILL_DAY, "sequence").drop_nulls().unique()
    step = pl.col("sequence") - pl.col("sequence").shift(1).over(_TILL_DAY)
    run = (step.fill_null(0) != 1).cum_sum().alias("run")
    return (
        numbered.sort(*_TILL_DAY, "sequence")
        .with_columns(run)
        .group_by(*_TILL_DAY, "run", maintain_order=True)
        .agg(pl.col("sequence").min().alias("first"), pl.col("sequence").max().alias("last"))
        .drop("run")
        .collect()
    )


def gaps(runs: Sequence[pl.DataFrame]) -> list[SequenceGap]:
    """Return the gaps that these runs leave, most missing numbers first."""
    if not runs:
        return []
    reached = pl.col("last").cum_max().shift(1).over(_TILL_DAY)
    hole = (pl.col("first") - reached - 1).clip(lower_bound=0)
    holes = (
        pl.concat(runs)
        .lazy()
        .sort(*_TILL_DAY, "first")
        .with_columns(reached.alias("after"), hole.alias("missing"))
        .filter(pl.col("missing") > 0)
        .group_by(*_TILL_DAY, maintain_order=True)
        .agg(pl.col("missing").sum(), pl.col("after").first())
        .sort("missing", *_TILL_DAY, descending=[True, False, False, False, False])
        .collect()
    )
    return [SequenceGap(*row) for row in holes.iter_rows()]
