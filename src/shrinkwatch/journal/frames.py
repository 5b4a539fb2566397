"""The five frames of a batch, made of a draft: keys, minor units, UTC times and findings."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.journal import fingerprint, sums
from shrinkwatch.journal.amounts import whole_units
from shrinkwatch.journal.content import Words
from shrinkwatch.journal.days import DAY_US
from shrinkwatch.journal.draft import Draft
from shrinkwatch.journal.identities import broken_sums, out_of_order
from shrinkwatch.journal.keys import Keys, original_key, tx_keys
from shrinkwatch.journal.moments import NEVER, store_offsets
from shrinkwatch.journal.raw import nullable
from shrinkwatch.records.batch import NOBODY, PARTS, Batch, not_given
from shrinkwatch.records.finding import Finding
from shrinkwatch.records.money import PRICE_DECIMALS
from shrinkwatch.records.transaction import Original

_CHILDREN = ("lines", "price_changes", "tenders", "events")
_MINOR = {
    "transactions": ("gross", "discount", "tax", "net"),
    "lines": ("extended",),
    "price_changes": ("amount",),
    "tenders": ("amount",),
}
_UNIT_PRICES = ("list_price", "unit_cost")

_EMPTY = {part: pl.DataFrame(schema=kinds) for part, kinds in PARTS.items()}


class Columns(dict[str, pl.Series]):
    """The columns of a part by name; one that no record gave is made when it is asked for."""

    def __init__(self, part: str, rows: int) -> None:
        super().__init__()
        self.part, self.rows = part, rows

    def __missing__(self, name: str) -> pl.Series:
        return not_given(self.part, name, self.rows)


class Assembly:
    """Everything about a draft's transactions that becomes a column, each computed once."""

    def __init__(self, draft: Draft, keys: Mapping[str, Keys], words: Words) -> None:
        self.draft = draft
        self.keys = keys
        self.words = words
        self.fine = np.zeros(draft.count, dtype=np.bool_)
        began, ended = (draft.us("transactions", name) for name in ("began_at", "ended_at"))
        self.at = np.where(ended == NEVER, began, ended)
        said = [draft.reading("transactions", name) for name in ("ended_at", "began_at")]
        own = np.where(said[0].present, said[0].offset_s, said[1].offset_s)
        self.offset_s = store_offsets(self.at, draft.zone, draft.zones, own)
        self.business_days = self._business_days()
        self.parts = {part: self._part(part) for part in PARTS}

    def batch(self) -> Batch:
        """Return the finished batch."""
        top = self.parts["transactions"]
        top["business_date"] = pl.Series(self.business_days.astype(np.int32)).cast(pl.Date)
        self._finish_lines()
        self._finish_price_changes()
        self.parts["tenders"]["card_key"] = self._keys("card", "tenders", "card_token")
        top["currency"] = self.draft.money.series(pl.String)
        top["utc_offset_s"] = pl.Series(self.offset_s)
        if "arrived_at" not in top:
            top["arrived_at"] = _times(self.at)
        elif top["arrived_at"].null_count():
            top["arrived_at"] = top["arrived_at"].fill_null(_times(self.at))
        self._name_originals()
        self._name_subjects()
        top["content"] = fingerprint.of_draft(self.draft, self.parts, self.words)
        top["findings"] = pl.Series(self._findings())
        return Batch(**{part: _frame(part, self.parts[part]) for part in PARTS})

    def _part(self, part: str) -> Columns:
        """Return the columns of a part that need no other field: words, times, numbers."""
        draft, raw = self.draft, self.draft.raw
        made = Columns(part, draft.rows(part))
        for name in raw.said[part]:
            column = part, name
            if name in _MINOR.get(part, ()):
                made[f"{name}_minor"] = self._money(part, name, self._digits(part))
            elif part == "lines" and name in _UNIT_PRICES:
                made[name] = self._money(part, name, PRICE_DECIMALS)
            elif column in raw.numbers:
                made[name] = pl.Series(raw.numbers[column].value, nan_to_null=True)
            elif column in draft.moments:
                made[name] = _times(draft.us(part, name))
            elif column in raw.whole:
                made[name] = raw.whole[column]
            elif column in raw.flags:
                made[name] = raw.flags[column]
            elif column in raw.texts and name in PARTS[part]:
                made[name] = raw.texts[column].series(PARTS[part][name])
        if part in _CHILDREN:
            made["tx"] = pl.Series(draft.raw.tx[part])
        return made

    def _digits(self, part: str) -> NDArray[np.int64]:
        return self.draft.digits[self.draft.raw.tx[part]]

    def _money(self, part: str, name: str, digits: NDArray[np.int64] | int) -> pl.Series:
        """Return the amounts in whole units of 10**-digits; marks what was finer than that."""
        column = self.draft.raw.numbers[part, name]
        whole, finer = whole_units(column, digits)
        self.fine[self.draft.raw.tx[part][finer]] = True
        return nullable(whole, column.present)

    def _keys(self, kind: str, part: str, *names: str) -> pl.Series:
        made = self.parts[part]
        if names[-1] not in made:
            return pl.Series(np.zeros(made.rows, dtype=np.uint64))
        return pl.Series(self.keys[kind].of(*(made[name] for name in names)))

    def _business_days(self) -> NDArray[np.int64]:
        """Return the business date of each transaction in days since 1970."""
        days = (self.at + self.offset_s * 1_000_000) // DAY_US
        said = self.draft.raw.dates.get(("transactions", "business_date"))
        return days if said is None else np.where(said == NEVER, days, said)

    def _finish_lines(self) -> None:
        line, rows = self.parts["lines"], self.draft.raw.change_line
        amounts = self.parts["price_changes"]["amount_minor"].to_numpy()[rows >= 0]
        change = np.bincount(rows[rows >= 0], weights=amounts, minlength=line.rows)
        line["change_minor"] = pl.Series(change.astype(np.int64))
        line["sku_key"] = self._keys("sku", "lines", "sku")
        line["original_key"] = pl.Series(self._original_keys("lines"))

    def _finish_price_changes(self) -> None:
        rows = self.draft.raw.change_line
        numbers = self.parts["lines"]["line"].to_numpy()
        on_line = rows >= 0
        number = np.zeros(rows.size, dtype=np.int64)
        number[on_line] = numbers[rows[on_line]]
        self.parts["price_changes"]["line"] = nullable(number, on_line)

    def _original_keys(self, part: str) -> NDArray[np.uint64]:
        owner, originals = self.draft.raw.tx[part], self.draft.raw.originals[part]
        found = np.zeros(owner.size, dtype=np.uint64)
        if originals:
            top = self.parts["transactions"]
            names = ("source", "store_id", "register_id", "business_date")
            own = list(zip(*(top[name].to_list() for name in names), strict=True))
            for place, original in enumerate(originals):
                if original is not None:
                    found[place] = original_key(original, *own[owner[place]])
        return found

    def _name_originals(self) -> None:
        top, originals = self.parts["transactions"], self.draft.raw.originals["transactions"]
        if originals:
            for name in Original.__struct_fields__:
                values = [None if one is None else getattr(one, name) for one in originals]
                dtype = PARTS["transactions"][f"original_{name}"]
                top[f"original_{name}"] = pl.Series(values, dtype=dtype)
        top["original_key"] = pl.Series(self._original_keys("transactions"))

    def _name_subjects(self) -> None:
        top = self.parts["transactions"]
        top["store_key"] = self._keys("store", "transactions", "store_id")
        top["register_key"] = self._keys("register", "transactions", "store_id", "register_id")
        for role in ("operator", "approver"):
            person = ("source", "store_id", f"{role}_id")
            top[f"{role}_key"] = self._keys("operator", "transactions", *person)
        for kind in ("customer", "loyalty"):
            top[f"{kind}_key"] = self._keys(kind, "transactions", f"{kind}_id")
        names = ("source", "store_id", "transaction_id", "register_id", "business_date", "sequence")
        top["tx_key"] = pl.Series(tx_keys(pl.DataFrame({name: top[name] for name in names})))
        tender = self.parts["tenders"]
        top["card_key"] = pl.Series(
            card_of_largest(
                self.draft.raw.tx["tenders"],
                tender["amount_minor"].to_numpy(),
                ~tender["voided"].to_numpy(),
                tender["card_key"].to_numpy(),
                self.draft.count,
            )
        )

    def _findings(self) -> NDArray[np.uint32]:
        found = broken_sums(sums.of_draft(self.draft, self.parts))
        ends = [self.draft.us("transactions", name) for name in ("began_at", "ended_at")]
        line_times = [self.draft.us("lines", name) for name in ("at", "void_at")]
        arrived = self.draft.us("transactions", "arrived_at")
        marks = {
            Finding.FINE_MONEY: self.fine,
            Finding.CLOCK_FUTURE: (arrived != NEVER) & (self.at > arrived),
            Finding.TIME_ORDER: out_of_order(ends, self.draft.raw.tx["lines"], line_times),
        }
        for finding, rows in marks.items():
            found[rows] |= np.uint32(finding)
        for (part, _), moment in self.draft.moments.items():
            tx = self.draft.raw.tx[part]
            found[tx[moment.repeated]] |= np.uint32(Finding.REPEATED_HOUR)
            found[tx[moment.skipped]] |= np.uint32(Finding.MISSING_HOUR)
        return found


def card_of_largest(
    tx: NDArray[np.int64],
    amount_minor: NDArray[np.int64],
    live: NDArray[np.bool_],
    card: NDArray[np.uint64],
    count: int,
) -> NDArray[np.uint64]:
    """Return per transaction (uint64, 0: none) the card of its largest live tender with a card.

    tx: row of the transaction of each tender, sorted; amounts may be negative, size counts; of
    equal ones the first is taken. count: how many transactions there are.
    """
    keys = np.full(count, NOBODY, dtype=np.uint64)
    rows = np.flatnonzero(live & (card != NOBODY))
    order = rows[np.lexsort((-rows, np.abs(amount_minor[rows]), tx[rows]))]
    keys[tx[order]] = card[order]
    return keys


def _times(us: NDArray[np.int64]) -> pl.Series:
    """Return UTC microseconds as datetimes; NEVER is numpy's "not a time" and becomes null."""
    return pl.Series(us.view("datetime64[us]")).cast(pl.Datetime("us", "UTC"))


def _frame(part: str, columns: Columns) -> pl.DataFrame:
    """Return the part's frame with the columns that the batch promises, in its order."""
    if columns.rows == 0:
        return _EMPTY[part]
    kinds = PARTS[part]
    return pl.DataFrame(
        [
            _as_kind(columns[name], name, kind) if name in columns else columns[name]
            for name, kind in kinds.items()
        ]
    )


def _as_kind(column: pl.Series, name: str, kind: pl.DataType | type[pl.DataType]) -> pl.Series:
    known = column if column.dtype == kind else column.cast(kind)
    return known if known.name == name else known.alias(name)
