"""A batch in the making: what the feed said, read as moments and numbers, and what cannot be."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.journal.amounts import LIMIT
from shrinkwatch.journal.days import DAY_US
from shrinkwatch.journal.moments import NEVER, Instants, Readings, instants
from shrinkwatch.journal.places import Places
from shrinkwatch.journal.raw import NUMBERS, Column, RawParts
from shrinkwatch.journal.texts import Coded, Texts
from shrinkwatch.records.money import is_currency, minor_decimals

EARLIEST_US, LATEST_US = 0, 84_006 * DAY_US
"""A time outside 1970 to 2199 is an impossible value."""

Refusals = dict[int, tuple[str, str]]
"""Reason code and sentence by row of the transaction that they are about."""


class Draft:
    """What some transactions say, when and in which money, and which of them cannot be placed.

    moments: the times that any record gives, in UTC. money: the currency of each transaction.
    """

    __slots__ = ("digits", "moments", "money", "raw", "zone", "zones")

    def __init__(self, raw: RawParts, places: Places) -> None:
        self.raw = raw
        stores = raw.texts["transactions", "store_id"].coded()
        self.zone, self.zones = _zones(stores, places)
        self.money = _money(stores, raw.texts.get(("transactions", "currency")), places)
        decimals = np.array([minor_decimals(money or "") for money in self.money.texts])
        self.digits = decimals[self.money.codes]
        self.moments: dict[Column, Instants] = {
            (part, name): instants(read, self.zone[raw.tx[part]], self.zones)
            for (part, name), read in raw.times.items()
        }

    @property
    def count(self) -> int:
        """How many transactions there are."""
        return len(self.money)

    def rows(self, part: str) -> int:
        """Return how many records of this part there are."""
        return self.raw.tx[part].size

    def reading(self, part: str, name: str) -> Readings:
        """Return what the clock said, of any field that is a time."""
        found = self.raw.times.get((part, name))
        return Readings.none(self.rows(part)) if found is None else found

    def us(self, part: str, name: str) -> NDArray[np.int64]:
        """Return UTC microseconds, NEVER where unknown, of any field that is a time."""
        found = self.moments.get((part, name))
        return np.full(self.rows(part), NEVER) if found is None else found.us

    def values(self, part: str, name: str) -> NDArray[np.float64]:
        """Return float64, NaN where there is none, of any field that is a number."""
        found = self.raw.numbers.get((part, name))
        return np.full(self.rows(part), np.nan) if found is None else found.value

    def refusals(self) -> Refusals:
        """Return which transactions cannot be columns, and why; the first reason counts."""
        refused: Refusals = {}
        for rows, reason, sentence in (*self._impossible(), *self._missing()):
            for row in rows.tolist():
                refused.setdefault(row, (reason, sentence))
        return refused

    def _impossible(self) -> Iterator[tuple[NDArray[np.int64], str, str]]:
        for part, name in ((part, name) for part, names in NUMBERS.items() for name in names):
            found = self.raw.numbers.get((part, name))
            if found is not None and found.impossible.any():
                sentence = f"{name} in {part} is not a number below {LIMIT:,.0f}; correct it there"
                yield self.raw.tx[part][found.impossible], "impossible_value", sentence
        for (part, name), oversized in self.raw.oversized.items():
            if oversized.any():
                sentence = f"{name} in {part} is not a whole number of sensible size"
                yield self.raw.tx[part][oversized], "impossible_value", sentence
        for (part, name), moment in self.moments.items():
            known = moment.us != NEVER
            far = known & ((moment.us < EARLIEST_US) | (moment.us >= LATEST_US))
            if far.any():
                sentence = f"{name} in {part} lies outside 1970 to 2199; check the till's clock"
                yield self.raw.tx[part][far], "impossible_value", sentence
        for code in sorted(
            set(self.money.codes.tolist()), key=lambda at: self.money.texts[at] or ""
        ):
            money = self.money.texts[code]
            if money is not None and not is_currency(money):
                sentence = f"currency is {money[:20]!r}; write an ISO 4217 code, as EUR"
                yield np.flatnonzero(self.money.codes == code), "impossible_value", sentence

    def _missing(self) -> Iterator[tuple[NDArray[np.int64], str, str]]:
        for (part, name), read in self.raw.times.items():
            lost = read.present & (self.moments[part, name].us == NEVER)
            if lost.any():
                sentence = f"{name} in {part} is a local time and the store's zone is not known; "
                sentence += "load a stores table with time_zone or name it in the mapping"
                yield self.raw.tx[part][lost], "missing_zone", sentence
        moneyless = np.array([money is None for money in self.money.texts])[self.money.codes]
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
        numbered = self._has_text("register_id") & self._has_number("sequence")
        return ~(self._has_text("transaction_id") | numbered)

    def _has_text(self, name: str) -> NDArray[np.bool_]:
        texts = self.raw.texts.get(("transactions", name))
        return np.zeros(self.count, dtype=np.bool_) if texts is None else texts.present()

    def _has_number(self, name: str) -> NDArray[np.bool_]:
        whole = self.raw.whole.get(("transactions", name))
        if whole is None:
            return np.zeros(self.count, dtype=np.bool_)
        if not whole.null_count():
            return np.ones(self.count, dtype=np.bool_)
        return whole.is_not_null().to_numpy()


def _zones(stores: Coded, places: Places) -> tuple[NDArray[np.int64], list[str]]:
    """Return each store's zone as an index (-1: not known) into the list of zones."""
    names = [None if store is None else places.zone_of(store) for store in stores.texts]
    zones = sorted({name for name in names if name is not None})
    codes = [-1 if name is None else zones.index(name) for name in names]
    return np.array(codes, dtype=np.int64)[stores.codes], zones


def _money(stores: Coded, said: Texts | None, places: Places) -> Coded:
    """Return each transaction's currency: what it says itself, else its store's."""
    own = None if said is None else said.coded()
    if own is not None and None not in own.texts:
        return own
    of_store = [None if store is None else places.currency_of(store) for store in stores.texts]
    if own is None:
        return Coded(of_store, stores.codes)
    lacks = np.array([text is None for text in own.texts])[own.codes]
    codes = np.where(lacks, len(own.texts) + stores.codes, own.codes)
    return Coded([*own.texts, *of_store], codes)
