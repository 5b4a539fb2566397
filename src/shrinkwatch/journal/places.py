"""Where the tills stand: each store's time zone and currency, and what holds for the rest."""

from dataclasses import dataclass, field
from typing import Self

import polars as pl


def _is_zone(name: str) -> bool:
    try:
        pl.Series([0]).cast(pl.Datetime("us")).dt.replace_time_zone(name)
    except pl.exceptions.ComputeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Places:
    """Zones and currencies by store id; `time_zone` and `currency` are for every other store.

    None means that none is known: a naive local time or an amount without currency is rejected.
    """

    zones: dict[str, str] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)
    time_zone: str | None = None
    currency: str | None = None

    @classmethod
    def of(
        cls, stores: pl.DataFrame, *, time_zone: str | None = None, currency: str | None = None
    ) -> Self:
        """Return the places of a stores table (columns store_id, time_zone, currency).

        time_zone, currency: what a mapping or the settings say of stores that the table lacks.
        A zone that the IANA database does not know counts as unknown.
        """
        known = {zone for zone in stores["time_zone"].drop_nulls().unique() if _is_zone(zone)}
        rows = stores.select("store_id", "time_zone", "currency").rows()
        return cls(
            zones={store: zone for store, zone, _ in rows if zone in known},
            currencies={store: money for store, _, money in rows if money is not None},
            time_zone=time_zone,
            currency=currency,
        )

    def zone_of(self, store_id: str) -> str | None:
        """Return the store's IANA time zone, None when it is not known."""
        return self.zones.get(store_id, self.time_zone)

    def currency_of(self, store_id: str) -> str | None:
        """Return the store's ISO 4217 currency, None when it is not known."""
        return self.currencies.get(store_id, self.currency)
