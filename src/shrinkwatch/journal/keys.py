"""Who is who: the recipe of every subject key, in one place.

A key is `records.batch.subject_key(kind, *parts)`, a 64-bit hash that is the same on every machine;
0 is nobody. The parts, in order:

=========  ==========================================================================
kind       parts
=========  ==========================================================================
store      store_id
register   store_id, register_id
operator   source, store_id, operator_id (approvers and salespeople are operators too)
card       card_token
loyalty    loyalty_id
customer   customer_id
sku        sku
tx         source, store_id, "", transaction_id, "" (a feed that numbers its receipts)
           source, store_id, register_id, business_date, sequence (the till's own numbering)
=========  ==========================================================================

A transaction that has both is known by its `transaction_id`. The transaction that `original`
names has the same source; what `original` leaves out is taken from the transaction itself (store,
register and, with a sequence, the business date). One that cannot be completed has key 0.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

from shrinkwatch.journal.known_keys import KnownKeys
from shrinkwatch.records.batch import NOBODY
from shrinkwatch.records.transaction import Original

_CACHED = 500_000
_FEW = 256
"""So many rows, as tills send them, are taken one by one: to hash columns has a fixed price."""


class Keys:
    """The keys of one kind of subject, each computed once."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._known = KnownKeys()
        self._known_few: dict[tuple[str | None, ...], int] = {}

    def __len__(self) -> int:
        return len(self._known) + len(self._known_few)

    def of(self, *columns: pl.Series) -> NDArray[np.uint64]:
        """Return the keys (uint64) of the rows; a last part that is null or empty is nobody.

        columns: texts, the parts of what identifies the subject in the contract's order.
        """
        if columns[-1].null_count() == len(columns[-1]):
            return np.zeros(len(columns[-1]), dtype=np.uint64)
        if len(columns[-1]) <= _FEW:
            return self._of_few(columns)
        parts = pl.DataFrame([part.rename(str(at)) for at, part in enumerate(columns)])
        hashes = parts.hash_rows().to_numpy() | np.uint64(1)
        found, new = self._known.of(hashes)
        if new.size:
            distinct, first, place = np.unique(hashes[new], return_index=True, return_inverse=True)
            keys = self._computed(parts[new[first]])
            self._known.add(distinct, keys, _CACHED)
            found[new] = keys[place]
        return found

    def _of_few(self, columns: Sequence[pl.Series]) -> NDArray[np.uint64]:
        known = self._known_few
        if len(known) + len(columns[-1]) > _CACHED:
            known.clear()
        rows = list(zip(*(column.to_list() for column in columns), strict=True))
        for row in rows:
            if row not in known:
                known[row] = _key_of((self.kind, *row)) if row[-1] else NOBODY
        return np.fromiter(map(known.__getitem__, rows), np.uint64, len(rows))

    def _computed(self, parts: pl.DataFrame) -> NDArray[np.uint64]:
        """Return the keys as `subject_key` makes them, all at once."""
        text = pl.concat_str(pl.lit(self.kind), pl.all().fill_null(""), separator="\x1f")
        named = (parts.to_series(-1).fill_null("") != "").to_numpy()
        return np.where(named, _hashed(parts.select(text).to_series()), np.uint64(NOBODY))


def _key_of(parts: Sequence[str | None]) -> int:
    text = "\x1f".join([part or "" for part in parts])
    return xxhash.xxh3_64_intdigest(text.encode()) or 1


def _hashed(texts: pl.Series) -> NDArray[np.uint64]:
    """Return the hash (uint64) of each text's bytes; none is 0, which is nobody."""
    raw = texts.cast(pl.Binary).to_list()
    keys = np.fromiter(map(xxhash.xxh3_64_intdigest, raw), np.uint64, len(raw))
    keys[keys == 0] = 1
    return keys


def tx_keys(own: pl.DataFrame) -> NDArray[np.uint64]:
    """Return the key (uint64) of each row's natural key, as `tx_key` makes it.

    own: source, store_id, transaction_id, register_id, business_date (Date), sequence, complete.
    """
    if len(own) <= _FEW:
        return np.array([tx_key(*row) for row in own.iter_rows()], dtype=np.uint64)
    till = ("source", "store_id", "register_id", "business_date", "sequence")
    numbered = pl.concat_str(pl.lit("tx"), *till, separator="\x1f")
    named = pl.concat_str(
        pl.lit("tx"),
        "source",
        "store_id",
        pl.lit(""),
        "transaction_id",
        pl.lit(""),
        separator="\x1f",
    )
    has_own = pl.col("transaction_id").is_not_null()
    return _hashed(own.select(pl.when(has_own).then(named).otherwise(numbered)).to_series())


def tx_key(
    source: str,
    store_id: str,
    transaction_id: str | None,
    register_id: str | None,
    business_date: date | None,
    sequence: int | None,
) -> int:
    """Return the key of the transaction with this natural key, 0 when it is not complete."""
    if transaction_id is not None:
        # the same as `subject_key` makes of these parts, at a third of the time
        text = f"tx\x1f{source}\x1f{store_id}\x1f\x1f{transaction_id}\x1f"
    elif register_id is None or business_date is None or sequence is None:
        return NOBODY
    else:
        text = f"tx\x1f{source}\x1f{store_id}\x1f{register_id}\x1f{business_date}\x1f{sequence}"
    return xxhash.xxh3_64_intdigest(text.encode()) or 1


def original_key(
    original: Original,
    source: str,
    store_id: str,
    register_id: str | None,
    business_date: date | None,
) -> int:
    """Return the key of the transaction that `original` names, 0 when it cannot be completed.

    source, store_id, register_id, business_date: of the transaction that names it.
    """
    return tx_key(
        source,
        store_id if original.store_id is None else original.store_id,
        original.transaction_id,
        register_id if original.register_id is None else original.register_id,
        business_date if original.business_date is None else original.business_date,
        original.sequence,
    )
