"""Whom a cashier may fairly be compared with: same format, lane, part of day, role, experience."""

from dataclasses import dataclass, field

import polars as pl
import xxhash

TENURE_BANDS = ("new", "settling", "settled", "unknown")
NEW_BELOW_DAYS = 28
SETTLED_FROM_DAYS = 90
"""Bands of experience; new starters make more voids in their first weeks (SCHEMES: look-alikes)."""

_DIMENSIONS = ("format", "lane_type", "part_of_day", "role", "tenure_band")


def tenure_band(tenure_days: pl.Expr) -> pl.Expr:
    """Return the band's name for days since hiring; unknown for null or a date in the future."""
    return (
        pl.when(tenure_days.is_null() | (tenure_days < 0))
        .then(pl.lit("unknown"))
        .when(tenure_days < NEW_BELOW_DAYS)
        .then(pl.lit("new"))
        .when(tenure_days < SETTLED_FROM_DAYS)
        .then(pl.lit("settling"))
        .otherwise(pl.lit("settled"))
        .alias("tenure_band")
    )


def group_code(name: str) -> int:
    """Return the code of a peer group: a 32-bit hash of its name, never 0.

    The same name has the same code in every stream and on every machine; a thousand groups share
    a code somewhere with a probability of 1 in 10,000.
    """
    return xxhash.xxh32_intdigest(name.encode()) or 1


@dataclass(slots=True)
class PeerGroups:
    """The peer groups met so far, by code."""

    names: dict[int, str] = field(default_factory=dict)

    def codes(self, frame: pl.DataFrame) -> pl.Series:
        """Return the peer group (UInt32) of each row.

        frame: format, lane_type, part_of_day, role, tenure_band; a null counts as "unknown".
        """
        tuples = frame.select(pl.col(_DIMENSIONS).fill_null("unknown").cast(pl.Categorical))
        distinct = tuples.unique()
        made = []
        for row in distinct.cast(pl.String).iter_rows():
            name = " · ".join(row)
            made.append(group_code(name))
            self.names.setdefault(made[-1], name)
        coded = distinct.with_columns(pl.Series("peer_group", made, dtype=pl.UInt32))
        joined = tuples.join(coded, on=_DIMENSIONS, how="left", maintain_order="left")
        return joined.get_column("peer_group")

    def name(self, code: int) -> str:
        """Return the group's name, e.g. "supermarket · staffed · evening · cashier · settled"."""
        return self.names[code]
