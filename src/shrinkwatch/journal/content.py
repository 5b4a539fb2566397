"""What a record says, as a fingerprint: the same words in other dress have the same one.

The fingerprint is of the values as the feed gave them, before any default was filled in, so that a
store table loaded later does not make strangers of old records. Left out is only `arrived_at`:
the order of fields and the way a number is written do not count, since decimals are compared as
numbers and times as moments.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

from shrinkwatch.journal.moments import Readings
from shrinkwatch.journal.raw import is_missing

_CACHED = 500_000
_NULL = np.int64(-(2**63))


class Words(dict[str | None, int]):
    """64-bit hashes of texts, each computed once; a missing text has its own."""

    def __missing__(self, text: str | None) -> int:
        if len(self) >= _CACHED:
            self.clear()
        if text is None:
            self[text] = int(_NULL)
            return self[text]
        value = xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
        number = self[text] = value - 2**64 if value >= 2**63 else value
        return number

    def of(self, values: Sequence[str | None]) -> NDArray[np.int64]:
        """Return the hashes of these texts."""
        if is_missing(values):
            return np.full(len(values), _NULL)
        return np.array([self[value] for value in values], dtype=np.int64)

    def of_words(self, values: pl.Series) -> NDArray[np.int64]:
        """Return the hashes of an Enum series, one look-up per category."""
        kind = values.dtype
        assert isinstance(kind, pl.Enum)
        table = np.array([*(self[word] for word in kind.categories), _NULL], dtype=np.int64)
        codes = values.to_physical().cast(pl.Int64)
        if codes.null_count():
            codes = codes.fill_null(len(table) - 1)
        return np.asarray(table[codes.to_numpy()], dtype=np.int64)


def of_numbers(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bits of floats; NaN, "no number", has its own."""
    return np.where(np.isnan(values), _NULL, (values + 0.0).view(np.int64))


def of_dates(values: Sequence[date | None]) -> NDArray[np.int64]:
    """Return dates as days since 0001-01-01."""
    return np.array([_NULL if value is None else value.toordinal() for value in values], np.int64)


def of_times(read: Readings) -> NDArray[np.int64]:
    """Return moments: an aware reading as UTC microseconds, a naive one as its wall, marked."""
    utc = read.wall_us - read.offset_s * 1_000_000
    return np.where(read.present, np.where(read.naive, ~read.wall_us, utc), _NULL)


def of_integers(values: pl.Series) -> NDArray[np.int64]:
    """Return an Int64 or Boolean series, null with its own number."""
    missing = values.null_count()
    if missing == len(values):
        return np.full(missing, _NULL)
    whole = values.cast(pl.Int64)
    return (whole.fill_null(int(_NULL)) if missing else whole).to_numpy()


def fingerprints(
    parts: Sequence[tuple[NDArray[np.int64], Iterable[NDArray[np.int64]]]], count: int
) -> list[bytes]:
    """Return the 16-byte fingerprint of each of `count` transactions.

    parts: per part of a record, the row of the transaction that each of its rows belongs to
    (sorted), and its columns as int64.
    Source: XXH3 128 bits (Yann Collet), over each transaction's rows of every part in turn.
    """
    tables = [(tx, np.column_stack([*columns])) for tx, columns in parts]
    rows = [np.bincount(tx, minlength=count) for tx, _ in tables]
    words = [own * table.shape[1] for own, (_, table) in zip(rows, tables, strict=True)]
    ends = np.cumsum(len(parts) + sum(words))
    flat = np.empty(int(ends[-1]), dtype=np.int64)
    at = ends - len(parts) - sum(words)
    for own in rows:
        flat[at] = own
        at = at + 1
    for own, (tx, table), size in zip(rows, tables, words, strict=True):
        place = np.arange(tx.size) - (np.cumsum(own) - own)[tx]
        first = at[tx] + place * table.shape[1]
        flat[first[:, None] + np.arange(table.shape[1])] = table
        at = at + size
    view, bounds = memoryview(flat.tobytes()), (ends * 8).tolist()
    digest = xxhash.xxh3_128_digest
    return [digest(view[a:b]) for a, b in zip([0, *bounds[:-1]], bounds, strict=True)]
