"""What a record says, as a fingerprint: the same words in other dress have the same one.

The fingerprint is of the values as the feed gave them, before any default was filled in, so that a
store table loaded later does not make strangers of old records. Left out is only `arrived_at`:
the order of fields and the way a number is written do not count, since decimals are compared as
numbers and times as moments.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

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
        return np.fromiter(map(self.__getitem__, values), np.int64, len(values))

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

    parts: per part of a record, the transactions themselves first, the row of the transaction
    that each of its rows belongs to (sorted), and its columns as int64.
    Source: XXH3 128 bits (Yann Collet), over a transaction's row and the digests of its children.
    """
    (_, top), *children = parts
    columns = [*top]
    for tx, own in children:
        columns += _digests(tx, np.column_stack([*own]), count)
    table = np.column_stack(columns)
    view, width = _bytes(table), table.shape[1] * 8
    digest = xxhash.xxh3_128_digest
    return [digest(view[at : at + width]) for at in range(0, count * width, width)]


def _bytes(table: NDArray[np.int64]) -> memoryview:
    """Return the rows of the table one after the other, without a copy."""
    return np.ascontiguousarray(table).data.cast("B")


def _digests(
    tx: NDArray[np.int64], table: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return two int64 columns: the digest of each transaction's rows, 0 where it has none."""
    found = np.zeros((count, 2), dtype=np.int64)
    if tx.size:
        starts = np.flatnonzero(np.diff(tx, prepend=-1))
        bounds = (np.append(starts, tx.size) * table.shape[1] * 8).tolist()
        view, digest = _bytes(table), xxhash.xxh3_128_digest
        raw = b"".join([digest(view[first:end]) for first, end in pairwise(bounds)])
        found[tx[starts]] = np.frombuffer(raw, dtype=">i8").reshape(-1, 2)
    return found[:, 0], found[:, 1]
