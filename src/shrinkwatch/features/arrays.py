"""Between columns with nulls, which people read, and plain arrays, which loops read."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.declared import Column, Dtype
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, UNKNOWN_FLAG

NO_CODE = 255
"""The code of a null in a column of names, such as a line's entry."""

_NUMPY: dict[Any, tuple[type[np.generic], Any]] = {
    pl.Int32: (np.int32, UNKNOWN_32),
    pl.Int64: (np.int64, UNKNOWN_64),
    pl.Float64: (np.float64, np.nan),
    pl.Boolean: (np.int8, UNKNOWN_FLAG),
    pl.UInt64: (np.uint64, 0),
}


def offsets(tx: pl.Series, rows: int) -> NDArray[np.int64]:
    """Return (rows + 1,) int64: children of transaction i are at [offsets[i], offsets[i + 1]).

    tx: the parent's row number of each child, ascending.
    """
    first = np.zeros(rows + 1, dtype=np.int64)
    np.cumsum(np.bincount(tx.to_numpy(), minlength=rows), out=first[1:])
    return first


def column(frame: pl.DataFrame, name: str, dtype: Dtype) -> pl.Series:
    """Return the column, or nulls of that dtype where the reader did not ask for it."""
    if name in frame.columns:
        return frame.get_column(name)
    return pl.repeat(None, frame.height, dtype=dtype, eager=True).alias(name)


def writable(series: pl.Series) -> NDArray[Any]:
    """Return the values as an array that loops may take: read-only ones would be compiled anew."""
    return series.to_numpy(writable=True)


def integers(frame: pl.DataFrame, name: str) -> NDArray[np.int64]:
    """Return int64 with UNKNOWN_64 for null; times are microseconds since 1970 UTC."""
    return _filled(frame, name, np.int64, int(UNKNOWN_64))


def keys(frame: pl.DataFrame, name: str) -> NDArray[np.uint64]:
    """Return uint64 subject keys with 0 (nobody) for null."""
    return _filled(frame, name, np.uint64, 0)


def reals(frame: pl.DataFrame, name: str) -> NDArray[np.float64]:
    """Return float64 with NaN for null."""
    return _filled(frame, name, np.float64, float("nan"))


def flags(frame: pl.DataFrame, name: str) -> NDArray[np.bool_]:
    """Return booleans with False for null."""
    return _filled(frame, name, np.bool_, value=False)


def codes(frame: pl.DataFrame, name: str) -> NDArray[np.uint8]:
    """Return uint8 codes of an Enum column, NO_CODE for null."""
    return _filled(frame, name, np.uint8, NO_CODE)


def _filled(frame: pl.DataFrame, name: str, dtype: type[np.generic], value: float) -> NDArray[Any]:
    """Return the column's values with `value` for null, or only that where there is no column."""
    if name not in frame.columns:
        return np.full(frame.height, value, dtype=dtype)
    series = frame.get_column(name)
    missing = series.null_count()
    if missing == frame.height:
        return np.full(frame.height, value, dtype=dtype)
    plain = series.dtype.is_numeric() or series.dtype == pl.Boolean
    physical = series if plain else series.to_physical()
    filled = physical.fill_null(value) if missing else physical
    return writable(filled).astype(dtype, copy=False)


def blank(columns: Iterable[Column], rows: int) -> dict[str, NDArray[Any]]:
    """Return an array per column for a loop to fill: all unknown (keys: 0)."""
    arrays = {}
    for declared in columns:
        dtype, unknown = _NUMPY[declared.dtype]
        arrays[declared.name] = np.full(rows, unknown, dtype=dtype)
    return arrays


def frame_of(columns: tuple[Column, ...], arrays: Mapping[str, NDArray[Any]]) -> pl.DataFrame:
    """Return the frame of these arrays, in the columns' order, unknowns as nulls."""
    series = [pl.Series(c.name, arrays[c.name], nan_to_null=c.dtype == pl.Float64) for c in columns]
    return pl.DataFrame(series).with_columns(_known(columns))


@cache
def _known(columns: tuple[Column, ...]) -> list[pl.Expr]:
    """Return one expression per dtype: a frame of 200 columns is planned in a third of the time."""
    known: list[pl.Expr] = []
    for dtype in (pl.Int32, pl.Int64):
        names = [column.name for column in columns if column.dtype == dtype]
        unknown = pl.lit(int(_NUMPY[dtype][1]), dtype=dtype)
        known.append(pl.when(pl.col(names) != unknown).then(pl.col(names)))
    names = [column.name for column in columns if column.dtype == pl.Boolean]
    known.append(pl.when(pl.col(names) != UNKNOWN_FLAG).then(pl.col(names) == 1))
    return known


def unknown_of(dtype: np.dtype[Any]) -> Any:
    """Return what stands for unknown in an array of this dtype."""
    return next(unknown for kind, unknown in _NUMPY.values() if dtype == kind)
