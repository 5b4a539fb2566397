"""Goods that are marked down because they are nearly out of date, damaged or out of season.

Whoever has a hand free puts the stickers on: `approver` is the person who marked the goods down.
In the last four hours one fresh line in twelve is 30 or 50 % off; of seasonal goods one line in
forty is 20-50 % off all day; of everything else one in 400 is damaged. So it happens that a
cashier rings what they have marked down themselves, and employees buy it too. Our assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site

FRESH = ("produce", "dairy", "bakery", "meat")
SEASONAL = ("apparel", "footwear", "home", "garden", "toys")
EVENING_S = 4 * 3600
SHORT_DATED, END_OF_SEASON, DAMAGED = 1 / 12, 1 / 40, 1 / 400
FRESH_SHARES, SEASONAL_SHARES, DAMAGED_SHARES = (0.3, 0.5), (0.2, 0.3, 0.5), (0.2, 0.3, 0.5, 0.7)


def markdowns(ledger: Ledger, site: Site) -> pl.DataFrame:
    """Return the price changes of goods marked down: `tx, line, type, amount, reason, approver`."""
    lines = ledger.lines.join(
        ledger.tx.select("tx", "day", "start"), on="tx", maintain_order="left"
    )
    names = site.goods.departments()
    item = lines["item"].to_numpy()
    evening = lines["start"].to_numpy() % 86_400 >= site.shop.closes_s - EVENING_S
    lot = site.rng.random(lines.height)
    kinds = (
        ("short_dated", np.isin(names, FRESH)[item] & evening, SHORT_DATED, FRESH_SHARES),
        ("end_of_season", np.isin(names, SEASONAL)[item], END_OF_SEASON, SEASONAL_SHARES),
        ("damaged", np.ones(lines.height, dtype=np.bool_), DAMAGED, DAMAGED_SHARES),
    )
    found = []
    for reason, fits, rate, shares in kinds:
        hit = lines.filter(pl.Series(fits & (lot < rate)))
        lot = np.where(fits & (lot < rate), 1.0, lot)
        off = pl.Series(site.rng.choice(np.array(shares), hit.height))
        found.append(hit.with_columns(off=off, why=pl.lit(reason)))
    marked = pl.concat(found).join(
        ledger.changes, on=["tx", "line"], how="anti", maintain_order="left"
    )
    return (
        marked.with_columns(approver=_hands(marked, site))
        .select(
            "tx",
            "line",
            "approver",
            type=pl.lit("markdown"),
            amount=-(pl.col("quantity") * pl.col("price") * pl.col("off")).floor().cast(pl.Int64),
            reason="why",
        )
        .filter(pl.col("amount") < 0)
    )


def _hands(marked: pl.DataFrame, site: Site) -> pl.Series:
    """Return who marked each line down: one of those who work at the tills on that day."""
    days = site.staff.sessions.group_by("day").agg(people=pl.col("operator").unique().sort())
    there = marked.select("day").join(days, on="day", how="left", maintain_order="left")
    lot = pl.Series(site.rng.random(marked.height), dtype=pl.Float64)
    place = (pl.col("people").list.len() * lot).floor().cast(pl.Int64)
    return there.select(pl.col("people").list.get(place, null_on_oob=True)).to_series()
