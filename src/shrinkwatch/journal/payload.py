"""Packs a batch into bytes and back: what a journal keeps and one process hands another."""

import io
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
import xxhash
import zstandard

from shrinkwatch.journal.projection import Projection, wanted_columns
from shrinkwatch.journal.versions import Index
from shrinkwatch.records.batch import PARTS, Batch, not_given
from shrinkwatch.records.trouble import Damaged

_LENGTH = struct.Struct("<Q")
_SUM = struct.Struct("<Q")
_SUMMED = b"summed\xff\xff"
"""What a payload with a sum begins with: as a length it would be larger than anything."""

_FEW = 1_000
"""A payload of fewer records lacks the columns that none of them gives and is squeezed as a whole:
of few, most of it is column names, and each column that is read has its price."""
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
    """Return the batch as bytes: five Arrow IPC streams, each after its length, after their sum.

    Of few records a part without rows has no bytes at all.
    """
    pieces, is_small = [], len(batch) < _FEW
    for part in PARTS:
        frame: pl.DataFrame = getattr(batch, part)
        raw = _pack_few(frame) if is_small else pack_frame(frame)
        pieces += [_LENGTH.pack(len(raw)), raw]
    whole = b"".join(pieces)
    if is_small:
        whole = _SQUEEZED + zstandard.compress(whole, level=1)
    return _SUMMED + _SUM.pack(xxhash.xxh3_64_intdigest(whole)) + whole


def _pack_few(frame: pl.DataFrame) -> bytes:
    if frame.height == 0:
        return b""
    given = [column for column in frame.get_columns() if column.null_count() < frame.height]
    return pack_frame(pl.DataFrame(given), squeezed=False)


def unpack(raw: bytes, columns: Projection | None = None) -> Batch:
    """Return the batch that `pack` packed, with only the columns asked for (None: all).

    What an older version packed has no sum and is not checked. Raises: Damaged.
    """
    content = _checked(memoryview(raw))
    if _is_squeezed(content):
        return _joined([content], columns)
    return _of_frames(content, columns)


def unpack_sound(
    raws: Iterable[bytes], columns: Projection | None = None
) -> tuple[list[Batch], list[bool]]:
    """Return the batches of the payloads that are as they were written, and which are.

    Payloads of few records become one batch with their neighbours; the order stays.
    """
    batches: list[Batch] = []
    few: list[memoryview] = []
    sound: list[bool] = []
    for raw in raws:
        try:
            content = _checked(memoryview(raw))
            if _is_squeezed(content):
                few.append(content)
            else:
                batch = _of_frames(content, columns)
                batches += [_joined(few, columns), batch] if few else [batch]
                few = []
        except Damaged:
            sound.append(False)
        else:
            sound.append(True)
    return ([*batches, _joined(few, columns)] if few else batches), sound


def _joined(few: Sequence[memoryview], columns: Projection | None) -> Batch:
    """Return the records of these squeezed payloads as one batch."""
    parts: dict[str, list[pl.DataFrame]] = {part: [] for part in PARTS}
    before: dict[str, list[int]] = {part: [] for part in PARTS}
    count = 0
    for content in few:
        rows = 0
        for part, raw in _streams(_whole(content)):
            if raw and _is_wanted(part, columns):
                frame = _frame(raw, None)
                parts[part].append(frame)
                before[part].append(count)
                rows = frame.height if part == "transactions" else rows
        count += rows
    return Batch(**{part: _completed(part, parts[part], before[part], columns) for part in PARTS})


def _completed(
    part: str, frames: Sequence[pl.DataFrame], before: Sequence[int], columns: Projection | None
) -> pl.DataFrame:
    """Return the frames as one with all columns that are wanted; before: transactions before it."""
    if not _is_wanted(part, columns):
        return pl.DataFrame(schema={"tx": pl.UInt32})
    wanted = wanted_columns(part, columns)
    if not frames:
        return pl.DataFrame(schema={name: PARTS[part][name] for name in wanted})
    whole = frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal", rechunk=True)
    if part != "transactions" and any(before):
        moved = np.repeat(before, [frame.height for frame in frames]).astype(np.uint32)
        own = whole["tx"].to_numpy() + moved
        whole = whole.with_columns(pl.Series("tx", own))
    given = {column.name: column for column in whole.get_columns()}
    return pl.DataFrame(
        [given[name] if name in given else not_given(part, name, whole.height) for name in wanted]
    )


def _of_frames(content: memoryview, columns: Projection | None) -> Batch:
    frames = {}
    for part, raw in _streams(content):
        if _is_wanted(part, columns):
            frames[part] = _frame(raw, None if columns is None else wanted_columns(part, columns))
        else:
            frames[part] = pl.DataFrame(schema={"tx": pl.UInt32})
    return Batch(**frames)


def _streams(content: memoryview) -> Iterator[tuple[str, memoryview]]:
    """Yield the bytes of each part's frame."""
    at = 0
    for part in PARTS:
        (length,) = _LENGTH.unpack(content[at : at + _LENGTH.size])
        at += _LENGTH.size + length
        yield part, content[at - length : at]


def _is_wanted(part: str, columns: Projection | None) -> bool:
    return columns is None or part == "transactions" or part in columns


def _frame(raw: memoryview, columns: Sequence[str] | None) -> pl.DataFrame:
    try:
        return unpack_frame(raw, columns)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise Damaged(_CURE) from error


def _is_squeezed(content: memoryview) -> bool:
    return bytes(content[: len(_SQUEEZED)]) == _SQUEEZED


def _whole(content: memoryview) -> memoryview:
    return memoryview(zstandard.decompress(content[len(_SQUEEZED) :]))


def _checked(view: memoryview) -> memoryview:
    """Return what the sum is of. Raises: Damaged."""
    start = len(_SUMMED) + _SUM.size
    if bytes(view[: len(_SUMMED)]) == _SUMMED and len(view) >= start:
        (told,) = _SUM.unpack(view[len(_SUMMED) : start])
        if told != xxhash.xxh3_64_intdigest(view[start:]):
            raise Damaged(_CURE)
        return view[start:]
    end = 0
    for _ in PARTS:
        if end + _LENGTH.size > len(view):
            raise Damaged(_CURE)
        end += _LENGTH.size + _LENGTH.unpack(view[end : end + _LENGTH.size])[0]
    if end != len(view):
        raise Damaged(_CURE)
    return view
