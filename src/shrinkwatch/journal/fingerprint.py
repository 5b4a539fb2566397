"""The fingerprint of each transaction of a draft, over every field that the contract names."""

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.journal.content import (
    Words,
    fingerprints,
    of_dates,
    of_integers,
    of_numbers,
    of_times,
)
from shrinkwatch.journal.draft import Draft
from shrinkwatch.records.batch import PARTS
from shrinkwatch.records.transaction import Original

_LEFT_OUT = {"arrived_at", "lines", "tenders", "events", "price_changes"}
"""Not the record's own words, or hashed as a part of its own."""
_SAME = {"source", "store_id", "transaction_id"}
"""Parts of the natural key: records are only compared where these are equal."""
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
) -> Iterator[NDArray[np.int64]]:
    if part == "price_changes":
        yield of_integers(made["line"])
    for name, values in draft.raw.fields[part].items():
        if name in _LEFT_OUT or (part == "transactions" and name in _SAME):
            continue
        keyed = _KEYED.get(part, {}).get(name)
        if keyed is not None:
            yield made[keyed].to_numpy().view(np.int64)
            continue
        if name == "original":
            yield from _originals(values, words)
        elif (part, name) in draft.read:
            yield of_times(draft.read[part, name])
        elif (part, name) in draft.numbers:
            yield of_numbers(draft.numbers[part, name].value)
        elif (part, name) in draft.integers:
            yield of_integers(draft.integers[part, name])
        elif name == "business_date":
            yield of_dates(values)
        elif isinstance(PARTS[part][name], pl.Enum):
            yield words.of_words(made[name])
        elif PARTS[part][name] == pl.Boolean:
            yield of_integers(made[name])
        else:
            yield words.of(values)


def _originals(values: list[Original | None], words: Words) -> Iterator[NDArray[np.int64]]:
    """Yield the five columns of the transactions that are named as originals."""
    count = len(values)
    if values.count(None) == count:
        yield from (words.of([None] * count) for _ in Original.__struct_fields__)
        return
    found = [Original() if one is None else one for one in values]
    yield words.of([one.store_id for one in found])
    yield words.of([one.register_id for one in found])
    yield of_dates([one.business_date for one in found])
    yield of_integers(pl.Series([one.sequence for one in found], dtype=pl.Int64))
    yield words.of([one.transaction_id for one in found])
