"""Packs a batch into bytes and back: what a journal keeps and one process hands another."""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import polars as pl
import xxhash
import zstandard

from shrinkwatch.journal.projection import Projection, wanted_columns
from shrinkwatch.journal.versions import Index
from shrinkwatch.records.batch import PARTS, Batch
from shrinkwatch.records.trouble import Damaged

_LENGTH = struct.Struct("<Q")
_SUM = struct.Struct("<Q")
_SUMMED = b"summed\xff\xff"
"""What a payload with a sum begins with: as a length it would be larger than anything."""

_FEW = 1_000
"""A payload of fewer records is squeezed as a whole: of few, most of it is column names, and what
is squeezed column by column takes twice as long to read."""
_SQUEEZED = b"squeezed\xff"
"""What a squeezed payload begins with, after its sum: as a length it would be too large, too."""

_CURE = "some records of the journal are not as they were written; restore its file from a backup"


def pack_frame(frame: pl.DataFrame, *, squeezed: bool = True) -> bytes:
    """Return the frame as one Arrow IPC stream. squeezed: its columns one by one (LZ4)."""
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer, compression="lz4" if squeezed else "uncompressed")
    return buffer.getvalue()


def unpack_frame(raw: bytes | memoryview, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the frame that `pack_frame` packed, with only these columns (None: all)."""
    kept = None if columns is None else list(columns)
    return pl.read_ipc_stream(io.BytesIO(raw), columns=kept)


@dataclass(frozen=True, slots=True)
class Packed:
    """A batch ready to be stored: what settles it, and its columns as bytes."""

    index: Index
    payload: bytes

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Return the packed batch."""
        return cls(Index.of(batch), pack(batch))


def pack(batch: Batch) -> bytes:
    """Return the batch as bytes: five Arrow IPC streams, each after its length, after their sum."""
    pieces, is_small = [], len(batch) < _FEW
    for part in PARTS:
        raw = pack_frame(getattr(batch, part), squeezed=not is_small)
        pieces += [_LENGTH.pack(len(raw)), raw]
    whole = b"".join(pieces)
    if is_small:
        whole = _SQUEEZED + zstandard.compress(whole, level=1)
    return _SUMMED + _SUM.pack(xxhash.xxh3_64_intdigest(whole)) + whole


def unpack(raw: bytes, columns: Projection | None = None) -> Batch:
    """Return the batch that `pack` packed, with only the columns asked for (None: all).

    What an older version packed has no sum and is not checked. Raises: Damaged.
    """
    view, frames = _checked(memoryview(raw)), {}
    for part in PARTS:
        (length,) = _LENGTH.unpack(view[: _LENGTH.size])
        end = _LENGTH.size + length
        if columns is None or part == "transactions" or part in columns:
            wanted = None if columns is None else wanted_columns(part, columns)
            frames[part] = _frame(view[_LENGTH.size : end], wanted)
        else:
            frames[part] = pl.DataFrame(schema={"tx": pl.UInt32})
        view = view[end:]
    return Batch(**frames)


def _frame(raw: memoryview, columns: Sequence[str] | None) -> pl.DataFrame:
    try:
        return unpack_frame(raw, columns)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise Damaged(_CURE) from error


def _whole(view: memoryview) -> memoryview:
    if bytes(view[: len(_SQUEEZED)]) != _SQUEEZED:
        return view
    return memoryview(zstandard.decompress(view[len(_SQUEEZED) :]))


def _checked(view: memoryview) -> memoryview:
    """Return what the sum is of. Raises: Damaged."""
    start = len(_SUMMED) + _SUM.size
    if bytes(view[: len(_SUMMED)]) == _SUMMED and len(view) >= start:
        (told,) = _SUM.unpack(view[len(_SUMMED) : start])
        if told != xxhash.xxh3_64_intdigest(view[start:]):
            raise Damaged(_CURE)
        return _whole(view[start:])
    end = 0
    for _ in PARTS:
        if end + _LENGTH.size > len(view):
            raise Damaged(_CURE)
        end += _LENGTH.size + _LENGTH.unpack(view[end : end + _LENGTH.size])[0]
    if end != len(view):
        raise Damaged(_CURE)
    return view
