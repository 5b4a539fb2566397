"""The tables beside the till: stores, registers, operators, items and shifts of the chain."""

from collections.abc import Sequence
from datetime import time

import numpy as np
import polars as pl

from shrinkwatch.world.json_text import decimal
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.visits import Site

CLOCK_IN_S, CLOCK_OUT_S = 600, 780
"""Seconds between the time clock and the till, before and after a shift (our assumption)."""

NEVER_CLOCKED, CLOCKED_EARLY = 0.015, 0.02
EARLY_S = (1_200, 3_000)
"""Shifts without a clock-out, and those clocked out while the till was still in use."""

STREAM = 3
"""Time clocks have a stream of chance of their own: they change nothing at the tills."""


def tables(sites: Sequence[Site], settings: WorldSettings) -> dict[str, pl.DataFrame]:
    """Return the tables of CONTRACT §2 that the chain has, by kind.

    Prices and costs are decimals with two places; shift times are UTC.
    """
    return {
        "stores": pl.concat([_store(site) for site in sites]),
        "registers": pl.concat([site.shop.registers() for site in sites]),
        "operators": pl.concat([_operators(site, settings) for site in sites]),
        "items": _items(sites[0]),
        "shifts": pl.concat([_shifts(site, settings) for site in sites]),
    }


def _store(site: Site) -> pl.DataFrame:
    shop = site.shop
    return pl.DataFrame(
        {
            "store_id": [shop.store_id],
            "name": [f"{shop.kind.replace('_', ' ').title()} {shop.store_id}"],
            "region": [shop.region],
            "format": [shop.kind],
            "time_zone": [shop.time_zone],
            "currency": [shop.currency],
            "opens": [time(shop.format.opens)],
            "closes": [time(shop.format.closes)],
            "latitude": [shop.latitude],
            "longitude": [shop.longitude],
            "area_m2": [shop.area_m2],
        }
    )


def _operators(site: Site, settings: WorldSettings) -> pl.DataFrame:
    hired = pl.lit(settings.start) + pl.duration(days=pl.col("hired_day"))
    return site.staff.table.select(
        pl.lit(site.shop.store_id).alias("store_id"),
        "operator_id",
        "employee_id",
        "role",
        hired_on=pl.when(~pl.col("virtual")).then(hired),
        virtual="virtual",
    )


def _items(site: Site) -> pl.DataFrame:
    return site.goods.table.select(
        "sku",
        "description",
        "department",
        "class",
        unit_cost=decimal(pl.col("cost")),
        list_price=decimal(pl.col("price")),
    ).filter(pl.col("list_price") > 0)


def _shifts(site: Site, settings: WorldSettings) -> pl.DataFrame:
    """Return who was clocked in when: the tills' shifts, and the supervisor of each half day.

    A clock-out is null where it was forgotten.
    """
    opens, closes = site.shop.opens_s, site.shop.closes_s
    middle = (opens + closes) // 2
    duty = pl.concat(
        [
            pl.DataFrame({"operator": site.staff.on_duty[:, half]}).with_columns(
                day=pl.int_range(pl.len(), dtype=pl.Int32),
                begins=pl.lit(begins, dtype=pl.Int64),
                ends=pl.lit(ends, dtype=pl.Int64),
            )
            for half, (begins, ends) in enumerate(((opens, middle), (middle, closes)))
        ]
    )
    duty = duty.filter(pl.col("day") >= site.opens_on)
    shifts = pl.concat([site.staff.sessions.select(duty.columns), duty])
    rng = np.random.default_rng([settings.seed, STREAM, site.shop.index])
    lot = pl.Series(rng.random(shifts.height))
    early = pl.when(lot < CLOCKED_EARLY).then(pl.Series(rng.integers(*EARLY_S, shifts.height)))
    forgot = lot > 1 - NEVER_CLOCKED
    midnight = pl.lit(settings.start).cast(pl.Datetime("us")) + pl.duration(days=pl.col("day"))
    zone = site.shop.time_zone
    return (
        shifts.select(
            store_id=pl.lit(site.shop.store_id),
            operator_id=site.staff.table["operator_id"].gather(shifts["operator"]),
            clock_in=midnight + pl.duration(seconds=pl.col("begins") - CLOCK_IN_S),
            clock_out=pl.when(~forgot).then(
                midnight + pl.duration(seconds=pl.col("ends") + CLOCK_OUT_S - early.otherwise(0))
            ),
        )
        .with_columns(
            pl.col("clock_in", "clock_out").dt.replace_time_zone(zone).dt.convert_time_zone("UTC")
        )
        .sort("clock_in", "operator_id")
    )
