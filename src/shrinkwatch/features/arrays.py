"""Between columns with nulls, which people read, and plain arrays, which loops read."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.declared import Column, Dtype
from shrinkwatch.features.kernel import UNKNOWN_8, UNKNOWN_32, UNKNOWN_64, UNKNOWN_FLAG
from shrinkwatch.records.batch import PARTS

NO_CODE = 255
"""The code of a null in a column of names, such as a line's entry."""

Columns = dict[str, NDArray[Any]]

_NUMPY: dict[Any, tuple[type[np.generic], Any]] = {
    pl.Int8: (np.int8, UNKNOWN_8),
    pl.Int32: (np.int32, UNKNOWN_32),
    pl.Int64: (np.int64, UNKNOWN_64),
    pl.Float64: (np.float64, np.nan),
    pl.Boolean: (np.int8, UNKNOWN_FLAG),
    pl.Date: (np.int32, UNKNOWN_32),
    pl.UInt32: (np.uint32, 0),
    pl.UInt64: (np.uint64, 0),
}


_NEVER_UNKNOWN = (pl.Float64, pl.UInt32, pl.UInt64)
"""Keys and groups have no nulls, and the nulls of reals are made of NaN."""


class Block(NamedTuple):
    """Columns of one dtype that are made together: `values` has a row for each name.

    They become series at once, which is several times faster than one after the other.
    """

    names: Sequence[str]
    values: NDArray[Any]


class Coded(NamedTuple):
    """A column of names as numbers: (rows,) int64 places in `names`, where None is a null."""

    names: Sequence[str | None]
    code: NDArray[np.int64]

    def series(self) -> pl.Series:
        """Return the column of names."""
        return pl.Series(self.names, dtype=pl.String).gather(self.code)


def offsets(tx: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    """Return (rows + 1,) int64: children of transaction i are at [offsets[i], offsets[i + 1]).

    tx: the parent's row number of each child, ascending.
    """
    first = np.zeros(rows + 1, dtype=np.int64)
    np.cumsum(np.bincount(tx, minlength=rows), out=first[1:])
    return first


def column(frame: pl.DataFrame, name: str, dtype: Dtype) -> pl.Series:
    """Return the column, or nulls of that dtype where the reader did not ask for it."""
    if name in frame.columns:
        return frame.get_column(name)
    return pl.Series(name, [None], dtype=dtype).new_from_index(0, frame.height)


def plain(frame: pl.DataFrame, part: str, names: Iterable[str]) -> Columns:
    """Return these columns of a part of a batch as arrays that loops may take, by name.

    Keys are uint64 with 0 for null, numbers and times (microseconds, days) int64 with UNKNOWN_64,
    reals float64 with NaN, yes and no bool with False, names uint8 codes with NO_CODE. A column
    that the frame lacks is all null.
    """
    kinds = {name: _plain_kind(PARTS[part][name]) for name in names}
    there = [name for name in kinds if name in frame.columns]
    told = [name for name in there if frame.get_column(name).null_count() < frame.height]
    # in this thread: while others have the cores, to wait for Polars' threads costs more
    filled = frame.select_seq(pl.col(name).to_physical().fill_null(kinds[name][1]) for name in told)
    return {
        name: filled.get_column(name).to_numpy(writable=True).astype(dtype, copy=False)
        if name in told
        else np.full(frame.height, unknown, dtype=dtype)
        for name, (dtype, unknown) in kinds.items()
    }


def integers(series: pl.Series) -> NDArray[np.int64]:
    """Return int64 with UNKNOWN_64 for null; dates are days, times of day nanoseconds."""
    physical = series.to_physical().cast(pl.Int64).fill_null(int(UNKNOWN_64))
    return physical.to_numpy(writable=True)


def _plain_kind(dtype: Dtype) -> tuple[type[np.generic], Any]:
    if isinstance(dtype, pl.Enum):
        return np.uint8, NO_CODE
    if dtype == pl.Boolean:
        return np.bool_, False
    if dtype == pl.UInt64:
        return np.uint64, 0
    return (np.float64, np.nan) if dtype == pl.Float64 else (np.int64, int(UNKNOWN_64))


def among(codes: NDArray[np.uint8], wanted: Collection[int]) -> NDArray[np.bool_]:
    """Return whether each code is one of those wanted."""
    table = np.zeros(NO_CODE + 1, dtype=np.bool_)
    table[list(wanted)] = True
    return table[codes]


def blank(columns: Iterable[Column], rows: int) -> list[Block]:
    """Return blocks with these columns for a loop to fill: all unknown (keys: 0)."""
    names: dict[Any, list[str]] = {}
    for declared in columns:
        names.setdefault(declared.dtype, []).append(declared.name)
    return [
        Block(of_dtype, np.full((len(of_dtype), rows), _NUMPY[dtype][1], dtype=_NUMPY[dtype][0]))
        for dtype, of_dtype in names.items()
    ]


def by_name(blocks: Iterable[Block]) -> Columns:
    """Return the columns of the blocks by name, (rows,) each; they share the blocks' memory."""
    return {
        name: values
        for block in blocks
        for name, values in zip(block.names, block.values, strict=True)
    }


def apart(columns: Mapping[str, NDArray[Any]]) -> list[Block]:
    """Return a block for each column."""
    return [Block((name,), values.reshape(1, -1)) for name, values in columns.items()]


def frame_of(
    columns: Sequence[Column], blocks: list[Block], given: Mapping[str, pl.Series]
) -> pl.DataFrame:
    """Return the frame of these columns in their order, the blocks' unknowns as nulls.

    blocks: are taken out of the list, so that one may go before the next becomes series. given:
    columns that are in no block.
    """
    dtypes = {declared.name: declared.dtype for declared in columns}
    series = {name: one.alias(name) for name, one in given.items()}
    while blocks:
        series |= _series_of(blocks.pop(), dtypes)
    return pl.DataFrame([series[name] for name in dtypes])


def _series_of(block: Block, dtypes: Mapping[str, Dtype]) -> dict[str, pl.Series]:
    """Return the block's columns by name. dtypes: of all columns."""
    rows, dtype = block.values.shape[1], dtypes[block.names[0]]
    flat = pl.Series(block.values.reshape(-1), nan_to_null=True)
    unknown = _NUMPY[dtype][1]
    known = flat == 1 if dtype == pl.Boolean else flat
    if dtype not in _NEVER_UNKNOWN and (missing := flat == unknown).any():
        known = known.set(missing, None)
    if dtype == pl.Date:
        known = known.cast(pl.Date)
    return {name: known.slice(k * rows, rows).alias(name) for k, name in enumerate(block.names)}


def unknown_of(dtype: np.dtype[Any]) -> Any:
    """Return what stands for unknown in an array of this dtype."""
    return next(unknown for kind, unknown in _NUMPY.values() if dtype == kind)
