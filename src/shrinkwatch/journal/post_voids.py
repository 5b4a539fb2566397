"""Checks that a post-void takes back exactly what its original took in.

The original is another record, often of another block or an earlier load, so this is found when a
load ends and counted in its report; the record itself does not carry the finding.
"""

from collections.abc import Sequence

import polars as pl

NET_COLUMNS = {"transactions": ("tx_key", "net_minor")}
"""What must be known of the originals."""


def voids_of(transactions: pl.DataFrame) -> pl.DataFrame:
    """Return original_key and net_minor of the post-voids that name an original."""
    named = (pl.col("type") == "void") & (pl.col("original_key") != 0)
    return transactions.filter(named).select("original_key", "net_minor")


def not_negative(voids: Sequence[pl.DataFrame], originals: pl.DataFrame) -> int:
    """Return how many of the post-voids are not the negative of their original.

    originals: tx_key and net_minor; a post-void whose original is not among them is not counted.
    """
    if not voids:
        return 0
    taken_in = originals.select(pl.col("tx_key"), pl.col("net_minor").alias("taken_in"))
    pairs = pl.concat(voids).join(taken_in, left_on="original_key", right_on="tx_key")
    return pairs.filter(pl.col("net_minor") != -pl.col("taken_in")).height
