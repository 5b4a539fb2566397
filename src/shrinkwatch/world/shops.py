"""The stores of the chain: format, opening hours, tills and time zone."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from shrinkwatch.world.formats import FORMATS, MIX, Format
from shrinkwatch.world.settings import WorldSettings

REGIONS = (
    ("north", "Europe/London", "GBP", 53.4, -2.2),
    ("south", "Europe/Berlin", "EUR", 50.1, 8.7),
)


@dataclass(frozen=True, slots=True)
class Shop:
    """One store. Registers are rows: staffed lanes first, then the desk, then self-checkouts.

    sales_per_day: mean sales a day. muddle: the store's own factors on honest mistakes (voids,
    cancels and so on), because stores differ in habits as people do.
    """

    index: int
    store_id: str
    kind: str
    format: Format
    region: str
    time_zone: str
    currency: str
    latitude: float
    longitude: float
    area_m2: float
    sales_per_day: float
    muddle: float

    @property
    def opens_s(self) -> int:
        """Return when the store opens, in seconds after midnight."""
        return self.format.opens * 3600

    @property
    def closes_s(self) -> int:
        """Return when the store closes, in seconds after midnight."""
        return self.format.closes * 3600

    @property
    def staffed(self) -> tuple[int, ...]:
        """Return the rows of the lanes with a cashier."""
        return tuple(range(len(self.format.lanes)))

    @property
    def desk(self) -> tuple[int, ...]:
        """Return the row of the service desk, or nothing."""
        return (len(self.format.lanes),) if self.format.desk else ()

    @property
    def self_checkouts(self) -> tuple[int, ...]:
        """Return the rows of the self-checkouts."""
        first = len(self.format.lanes) + len(self.desk)
        return tuple(range(first, first + self.format.self_checkouts))

    def registers(self) -> pl.DataFrame:
        """Return `store_id, register_id, lane_type`, one row per register in row order."""
        ids = [f"{row + 1}" for row in self.staffed]
        ids += ["20" for _ in self.desk]
        ids += [f"{51 + n}" for n in range(self.format.self_checkouts)]
        lanes = ["staffed"] * len(self.staffed) + ["service"] * len(self.desk)
        lanes += ["self_checkout"] * self.format.self_checkouts
        return pl.DataFrame({"register_id": ids, "lane_type": lanes}).select(
            pl.lit(self.store_id).alias("store_id"), "register_id", "lane_type"
        )


def shops(settings: WorldSettings, rng: np.random.Generator) -> list[Shop]:
    """Return the stores of the chain; their traffic averages to the setting."""
    kinds = [MIX[index % len(MIX)] for index in range(settings.stores)]
    size = np.array([FORMATS[kind].traffic for kind in kinds]) * rng.lognormal(
        0.0, 0.18, settings.stores
    )
    size *= settings.transactions_per_store_day / size.mean()
    found = []
    for index, kind in enumerate(kinds):
        region, zone, currency, latitude, longitude = REGIONS[index % 3 == 2]
        found.append(
            Shop(
                index=index,
                store_id=f"{101 + index}",
                kind=kind,
                format=FORMATS[kind],
                region=region,
                time_zone=zone,
                currency=currency,
                latitude=round(latitude + rng.normal(0, 0.6), 4),
                longitude=round(longitude + rng.normal(0, 0.6), 4),
                area_m2=float(round(size[index] * rng.uniform(1.8, 3.2))),
                sales_per_day=float(size[index]),
                muddle=float(rng.lognormal(0.0, 0.25)),
            )
        )
    return found
