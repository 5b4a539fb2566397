"""What a record says, as a fingerprint: the same words in other dress have the same one.

The fingerprint is of the values as the feed gave them, before any default was filled in, so that a
store table loaded later does not make strangers of old records. Left out is only `arrived_at`:
the order of fields and the way a number is written do not count, since decimals are compared as
numbers and times as moments.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

import numpy as np
import polars as pl
import xxhash
from numba import njit
from numpy.typing import NDArray

from shrinkwatch.journal.moments import Readings

_CACHED = 500_000
NULL = -(2**63)
"""Stands for "the feed did not say"."""

_UNIX_DAY = date(1970, 1, 1).toordinal()

Column = NDArray[np.int64] | int


class Words(dict[str | None, int]):
    """64-bit hashes of texts, each computed once; a missing text has its own."""

    def __init__(self) -> None:
        super().__init__()
        self._tables: dict[pl.Enum, NDArray[np.int64]] = {}

    def __missing__(self, text: str | None) -> int:
        if len(self) >= _CACHED:
            self.clear()
        if text is None:
            self[text] = NULL
            return NULL
        value = xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
        number = self[text] = value - 2**64 if value >= 2**63 else value
        return number

    def of(self, values: Sequence[str | None]) -> NDArray[np.int64]:
        """Return the hashes of these texts."""
        return np.fromiter(map(self.__getitem__, values), np.int64, len(values))

    def of_words(self, values: pl.Series) -> NDArray[np.int64]:
        """Return the hashes of an Enum series, one look-up per category."""
        kind = values.dtype
        assert isinstance(kind, pl.Enum)
        table = self._tables.get(kind)
        if table is None:
            table = np.array([*(self[word] for word in kind.categories), NULL], dtype=np.int64)
            self._tables[kind] = table
        codes = values.to_physical().cast(pl.Int64)
        if codes.null_count():
            codes = codes.fill_null(len(table) - 1)
        return np.asarray(table[codes.to_numpy()], dtype=np.int64)


def of_numbers(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bits of floats; NaN, "no number", has its own."""
    return np.where(np.isnan(values), NULL, (values + 0.0).view(np.int64))


def of_dates(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return days since 1970 as days since 0001-01-01, counted from 1."""
    return np.where(days == NULL, NULL, days + _UNIX_DAY)


def of_times(read: Readings) -> NDArray[np.int64]:
    """Return moments: an aware reading as UTC microseconds, a naive one as its wall, marked."""
    utc = read.wall_us - read.offset_s * 1_000_000
    return np.where(read.present, np.where(read.naive, ~read.wall_us, utc), NULL)


def of_integers(values: pl.Series) -> NDArray[np.int64]:
    """Return an Int64 or Boolean series, null with its own number."""
    whole = values.cast(pl.Int64)
    return (whole.fill_null(NULL) if values.null_count() else whole).to_numpy()


def fingerprints(
    parts: Sequence[tuple[NDArray[np.int64], Iterable[Column]]], count: int
) -> list[bytes]:
    """Return the 16-byte fingerprint of each of `count` transactions.

    parts: per part of a record, the transactions themselves first, the row of the transaction
    that each of its rows belongs to (sorted), and its columns as int64; a number stands for a
    column that has it in every row.
    Two chains of 64 bits, each value taken in by the finaliser of SplitMix64, over the columns of
    a row and then over the rows of a transaction. Each step can be undone, so records that differ
    in one value differ in their fingerprint; of others, one pair in 2**128 is taken for the same.
    Source: Steele, Lea & Flood 2014, "Fast Splittable Pseudorandom Number Generators", OOPSLA.
    """
    (_, top), *children = parts
    found = _of_rows(top, count)
    for tx, own in children:
        of_child = np.zeros((count, 2), dtype=np.uint64)
        _fold(of_child, tx, _of_rows(own, tx.size))
        _fold(found, np.arange(count), of_child)
    raw = found.tobytes()
    return [raw[at : at + 16] for at in range(0, len(raw), 16)]


def _of_rows(columns: Iterable[Column], count: int) -> NDArray[np.uint64]:
    """Return (count, 2) uint64: what each row says in all its columns."""
    found = np.empty((count, 2), dtype=np.uint64)
    found[:] = np.array([0x243F6A8885A308D3, 0x13198A2E03707344], dtype=np.uint64)  # digits of pi
    for number, same in groupby(columns, key=_number):
        if number is None:
            for column in same:
                _take_in(found, np.ascontiguousarray(column).view(np.uint64))
        else:
            _take_in_again(found, np.int64(number).view(np.uint64), sum(1 for _ in same))
    return found


def _number(column: Column) -> int | None:
    return column if isinstance(column, int) else None


@njit(cache=True, nogil=True, inline="always")
def _mixed(value):  # type: ignore[no-untyped-def]
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(cache=True, nogil=True)
def _take_in(found, column):  # type: ignore[no-untyped-def]
    """Take one more value into both chains of each row; the second sees its bits inverted."""
    for row in range(column.size):
        found[row, 0] = _mixed(found[row, 0] ^ column[row])
        found[row, 1] = _mixed(found[row, 1] + ~column[row])


@njit(cache=True, nogil=True)
def _take_in_again(found, value, times):  # type: ignore[no-untyped-def]
    """Take one value into both chains of each row, so many times."""
    for row in range(len(found)):
        for _ in range(times):
            found[row, 0] = _mixed(found[row, 0] ^ value)
            found[row, 1] = _mixed(found[row, 1] + ~value)


@njit(cache=True, nogil=True)
def _fold(found, to, rows):  # type: ignore[no-untyped-def]
    """Take rows, in order, into the chains of what they belong to."""
    for row in range(to.size):
        for chain in range(2):
            found[to[row], chain] = _mixed(found[to[row], chain] + rows[row, chain])
