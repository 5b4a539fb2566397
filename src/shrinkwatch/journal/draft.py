"""A batch in the making: what the feed said, read as moments and numbers, and what cannot be."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.journal.amounts import LIMIT, Numbers, numbers
from shrinkwatch.journal.days import DAY_US
from shrinkwatch.journal.moments import NEVER, Instants, Readings, instants, readings
from shrinkwatch.journal.places import Places
from shrinkwatch.journal.raw import RawParts, whole_numbers
from shrinkwatch.records.money import is_currency, minor_decimals
from shrinkwatch.records.transaction import Transaction

TIMES = {
    "transactions": ("began_at", "ended_at", "totaled_at", "arrived_at", "updated_at"),
    "lines": ("at", "void_at"),
    "events": ("at",),
}
NUMBERS = {
    "transactions": ("net", "gross", "discount", "tax"),
    "lines": ("quantity", "weight", "list_price", "unit_cost", "extended"),
    "price_changes": ("amount",),
    "tenders": ("amount",),
}
INTEGERS = {
    "transactions": ("sequence", "revision", "receipt_reprints"),
    "lines": ("line",),
}

EARLIEST_US, LATEST_US = 0, 84_006 * DAY_US
"""A time outside 1970 to 2199 is an impossible value."""

Column = tuple[str, str]
"""Part of a record and name of the field in it, e.g. ("lines", "at")."""

Refusals = dict[int, tuple[str, str]]
"""Reason code and sentence by row of the transaction that they are about."""


class Draft:
    """The typed fields of some transactions, and which of them cannot be placed.

    read, moments, numbers, integers, oversized: of the fields that any record gives.
    """

    __slots__ = (
        "currencies",
        "digits",
        "integers",
        "moments",
        "numbers",
        "oversized",
        "raw",
        "read",
        "zone",
        "zones",
    )

    def __init__(
        self,
        transactions: Sequence[Transaction],
        places: Places,
        given: Collection[str] | None = None,
    ) -> None:
        self.raw = RawParts(transactions, given)
        top = self.raw.fields["transactions"]
        self.zone, self.zones = _zones(top["store_id"], places)
        self.currencies: list[str | None] = [
            places.currency_of(store) if money is None else money
            for store, money in zip(top["store_id"], top["currency"], strict=True)
        ]
        decimals = {money: minor_decimals(money or "") for money in set(self.currencies)}
        self.digits = np.array([decimals[money] for money in self.currencies], dtype=np.int64)
        self.read: dict[Column, Readings] = {}
        self.moments: dict[Column, Instants] = {}
        self.numbers: dict[Column, Numbers] = {}
        self.integers: dict[Column, pl.Series] = {}
        self.oversized: dict[Column, NDArray[np.bool_]] = {}
        self._read_fields()

    def _read_fields(self) -> None:
        for part, name in self._said(TIMES):
            read = readings(self.raw.fields[part][name])
            self.read[part, name] = read
            zone = self.zone[self.raw.tx[part]]
            self.moments[part, name] = instants(read, zone, self.zones)
        for part, name in self._said(NUMBERS):
            self.numbers[part, name] = numbers(self.raw.fields[part][name])
        for part, name in self._said(INTEGERS):
            whole, oversized = whole_numbers(self.raw.fields[part][name])
            self.integers[part, name], self.oversized[part, name] = whole, oversized

    def _said(self, table: Mapping[str, Sequence[str]]) -> Iterator[Column]:
        for part, names in table.items():
            for name in names:
                if name in self.raw.said[part]:
                    yield part, name

    @property
    def count(self) -> int:
        """How many transactions there are."""
        return len(self.currencies)

    def rows(self, part: str) -> int:
        """Return how many records of this part there are."""
        return self.raw.tx[part].size

    def reading(self, part: str, name: str) -> Readings:
        """Return what the clock said, of any field that is a time."""
        found = self.read.get((part, name))
        return Readings.none(self.rows(part)) if found is None else found

    def us(self, part: str, name: str) -> NDArray[np.int64]:
        """Return UTC microseconds, NEVER where unknown, of any field that is a time."""
        found = self.moments.get((part, name))
        return np.full(self.rows(part), NEVER) if found is None else found.us

    def values(self, part: str, name: str) -> NDArray[np.float64]:
        """Return float64, NaN where there is none, of any field that is a number."""
        found = self.numbers.get((part, name))
        return np.full(self.rows(part), np.nan) if found is None else found.value

    def refusals(self) -> Refusals:
        """Return which transactions cannot be columns, and why; the first reason counts."""
        refused: Refusals = {}
        for rows, reason, sentence in (*self._impossible(), *self._missing()):
            for row in rows.tolist():
                refused.setdefault(row, (reason, sentence))
        return refused

    def _impossible(self) -> Iterator[tuple[NDArray[np.int64], str, str]]:
        for (part, name), found in self.numbers.items():
            if found.impossible.any():
                sentence = f"{name} in {part} is not a number below {LIMIT:,.0f}; correct it there"
                yield self.raw.tx[part][found.impossible], "impossible_value", sentence
        for (part, name), oversized in self.oversized.items():
            if oversized.any():
                sentence = f"{name} in {part} is not a whole number of sensible size"
                yield self.raw.tx[part][oversized], "impossible_value", sentence
        for (part, name), moment in self.moments.items():
            known = moment.us != NEVER
            far = known & ((moment.us < EARLIEST_US) | (moment.us >= LATEST_US))
            if far.any():
                sentence = f"{name} in {part} lies outside 1970 to 2199; check the till's clock"
                yield self.raw.tx[part][far], "impossible_value", sentence
        for money in sorted({money for money in self.currencies if money is not None}):
            if not is_currency(money):
                rows = np.flatnonzero(np.array([one == money for one in self.currencies]))
                sentence = f"currency is {money[:20]!r}; write an ISO 4217 code, as EUR"
                yield rows, "impossible_value", sentence

    def _missing(self) -> Iterator[tuple[NDArray[np.int64], str, str]]:
        for (part, name), read in self.read.items():
            lost = read.present & (self.moments[part, name].us == NEVER)
            if lost.any():
                sentence = f"{name} in {part} is a local time and the store's zone is not known; "
                sentence += "load a stores table with time_zone or name it in the mapping"
                yield self.raw.tx[part][lost], "missing_zone", sentence
        moneyless = np.array([money is None for money in self.currencies])
        sentence = "no currency; name it in the record, the mapping or the stores table"
        yield np.flatnonzero(moneyless), "missing_currency", sentence
        timeless = ~(self._has("began_at") | self._has("ended_at"))
        yield np.flatnonzero(timeless), "missing_field", "neither began_at nor ended_at is given"
        yield (
            np.flatnonzero(self._keyless()),
            "missing_field",
            ("no key: give transaction_id, or register_id and sequence"),
        )

    def _has(self, name: str) -> NDArray[np.bool_]:
        return self.reading("transactions", name).present

    def _keyless(self) -> NDArray[np.bool_]:
        top = self.raw.fields["transactions"]
        keys = zip(top["transaction_id"], top["register_id"], top["sequence"], strict=True)
        return np.array(
            [own is None and (till is None or number is None) for own, till, number in keys]
        )


def _zones(stores: Sequence[str], places: Places) -> tuple[NDArray[np.int64], list[str]]:
    """Return each store's zone as an index (-1: not known) into the list of zones."""
    names = {store: places.zone_of(store) for store in set(stores)}
    zones = sorted({name for name in names.values() if name is not None})
    codes = {store: -1 if name is None else zones.index(name) for store, name in names.items()}
    return np.array([codes[store] for store in stores], dtype=np.int64), zones
