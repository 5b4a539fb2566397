"""The fingerprint of each transaction of a draft, over every field that the contract names."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.journal.content import (
    NULL,
    Column,
    Words,
    fingerprints,
    of_dates,
    of_integers,
    of_numbers,
    of_times,
)
from shrinkwatch.journal.draft import Draft
from shrinkwatch.journal.raw import FIELDS, days_of
from shrinkwatch.records.batch import NOBODY, PARTS
from shrinkwatch.records.transaction import Original

_LEFT_OUT = {"arrived_at", "lines", "tenders", "events", "price_changes"}
"""Not the record's own words, or hashed as a part of its own."""
_SAME = {"source", "store_id", "transaction_id"}
"""Parts of the natural key: records are only compared where these are equal."""
_FEW = 1_000
"""So many words are looked up one by one: a column has a fixed price."""
_KEYED = {
    "transactions": {
        "register_id": "register_key",
        "operator_id": "operator_key",
        "approver_id": "approver_key",
        "customer_id": "customer_key",
        "loyalty_id": "loyalty_key",
    },
    "lines": {"sku": "sku_key"},
    "tenders": {"card_token": "card_key"},
}
"""Texts whose subject key, a hash already, stands for them."""


def of_draft(draft: Draft, parts: Mapping[str, Mapping[str, pl.Series]], words: Words) -> pl.Series:
    """Return a Binary series of 16 bytes per transaction.

    parts: the finished columns of the draft's words, truth values and subject keys.
    """
    tables = [(draft.raw.tx[part], _columns(draft, part, parts[part], words)) for part in PARTS]
    return pl.Series(fingerprints(tables, draft.count), dtype=pl.Binary)


def _columns(
    draft: Draft, part: str, made: Mapping[str, pl.Series], words: Words
) -> Iterator[Column]:
    if draft.rows(part) == 0:
        return
    if part == "price_changes":
        yield of_integers(made["line"])
    for name in FIELDS[part].__struct_fields__:
        if name in _LEFT_OUT or (part == "transactions" and name in _SAME):
            continue
        key = _KEYED.get(part, {}).get(name)
        if name not in draft.raw.said[part]:
            fields = len(Original.__struct_fields__) if name == "original" else 1
            yield from [NULL if key is None else NOBODY] * fields
        elif key is not None:
            yield made[key].to_numpy().view(np.int64)
        elif name == "original":
            yield from _originals(draft.raw.originals[part], words)
        else:
            yield _column(draft, part, name, made, words)


def _column(
    draft: Draft, part: str, name: str, made: Mapping[str, pl.Series], words: Words
) -> Column:
    raw, column = draft.raw, (part, name)
    if column in raw.times:
        return of_times(raw.times[column])
    if column in raw.numbers:
        return of_numbers(raw.numbers[column].value)
    if column in raw.whole:
        return of_integers(raw.whole[column])
    if column in raw.dates:
        return of_dates(raw.dates[column])
    if column in raw.flags:
        return of_integers(raw.flags[column])
    texts, kind = raw.texts[column], PARTS[part].get(name)
    if isinstance(kind, pl.Enum) and len(texts) > _FEW:
        return words.of_words(made[name])
    return texts.hashes(words)


def _originals(values: Sequence[Original | None], words: Words) -> Iterator[NDArray[np.int64]]:
    """Yield the five columns of the transactions that are named as originals."""
    found = [Original() if one is None else one for one in values]
    yield words.of([one.store_id for one in found])
    yield words.of([one.register_id for one in found])
    yield of_dates(days_of([one.business_date for one in found]))
    yield of_integers(pl.Series([one.sequence for one in found], dtype=pl.Int64))
    yield words.of([one.transaction_id for one in found])
