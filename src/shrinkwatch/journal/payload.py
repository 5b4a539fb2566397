"""Packs a batch into bytes and back: what a journal keeps and one process hands another."""

import io
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, Self

import msgspec
import numpy as np
import polars as pl
import xxhash
import zstandard

from shrinkwatch.journal.as_sent import AsSent, columns_of
from shrinkwatch.journal.projection import Projection, project, wanted_columns
from shrinkwatch.journal.versions import Index
from shrinkwatch.records.batch import PARTS, Batch, not_given
from shrinkwatch.records.trouble import Damaged

_LENGTH = struct.Struct("<Q")
_SUM = struct.Struct("<Q")
_SUMMED = b"summed\xff\xff"
"""What a payload with a sum begins with: as a length it would be larger than anything."""

FEW = 1_000
"""A payload of fewer records lacks the columns that none of them gives and is squeezed as a whole:
of few, most of it is column names, and each column that is read has its price."""
_SQUEEZED = b"squeezed\xff"
"""What a squeezed payload begins with, after its sum: as a length it would be too large, too."""

_AS_SENT = b"as sent.\xff"
"""What lines that wait for their columns begin with, after their sum."""

_Form = Literal["frames", "squeezed", "lines", "damaged"]
_BEGINS: dict[bytes, _Form] = {_SQUEEZED: "squeezed", _AS_SENT: "lines"}
_SMALL = frozenset(_BEGINS.values())

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
    pieces, is_small = [], len(batch) < FEW
    for part in PARTS:
        frame: pl.DataFrame = getattr(batch, part)
        raw = _pack_few(frame) if is_small else pack_frame(frame)
        pieces += [_LENGTH.pack(len(raw)), raw]
    whole = b"".join(pieces)
    return _summed(_SQUEEZED + zstandard.compress(whole, level=1) if is_small else whole)


def pack_as_sent(group: AsSent) -> bytes:
    """Return lines that wait for their columns as bytes, after their sum."""
    return _summed(_AS_SENT + zstandard.compress(msgspec.msgpack.encode(group), level=1))


def _summed(content: bytes) -> bytes:
    return _SUMMED + _SUM.pack(xxhash.xxh3_64_intdigest(content)) + content


def _pack_few(frame: pl.DataFrame) -> bytes:
    if frame.height == 0:
        return b""
    given = [column for column in frame.get_columns() if column.null_count() < frame.height]
    return pack_frame(pl.DataFrame(given), squeezed=False)


def unpack(raw: bytes, columns: Projection | None = None) -> Batch:
    """Return the batch that was packed, with only the columns asked for (None: all).

    What an older version packed has no sum and is not checked. Raises: Damaged.
    """
    content = _checked(memoryview(raw))
    return _UNPACK[_form(content)]([content], columns)


def unpack_all(raws: Iterable[bytes], columns: Projection | None = None) -> list[Batch]:
    """Return the batches of these payloads in order, small neighbours together. Raises: Damaged."""
    batches, sound = unpack_sound(raws, columns)
    if not all(sound):
        raise Damaged(_CURE)
    return batches


def unpack_sound(
    raws: Iterable[bytes], columns: Projection | None = None
) -> tuple[list[Batch], list[bool]]:
    """Return the batches of the payloads that are as they were written, and which are.

    Payloads of few records become one batch with their neighbours; the order stays.
    """
    batches: list[Batch] = []
    sound: list[bool] = []
    for form, run in groupby(map(_opened, raws), key=_form):
        contents = list(run)
        for some in [contents] if form in _SMALL else [[one] for one in contents]:
            found, are_sound = _tried(form, some, columns)
            batches += found
            sound += are_sound
    return batches, sound


def _tried(
    form: _Form, contents: Sequence[memoryview], columns: Projection | None
) -> tuple[list[Batch], list[bool]]:
    """Return the same of payloads of one form: all as one batch, where each of them is sound."""
    try:
        return [_UNPACK[form](contents, columns)], [True] * len(contents)
    except Damaged:
        if len(contents) == 1:
            return [], [False]
    alone = [_tried(form, [content], columns) for content in contents]
    return [one for found, _ in alone for one in found], [one for _, told in alone for one in told]


def _of_squeezed(few: Sequence[memoryview], columns: Projection | None) -> Batch:
    """Return the records of these squeezed payloads as one batch."""
    parts: dict[str, list[pl.DataFrame]] = {part: [] for part in PARTS}
    before: dict[str, list[int]] = {part: [] for part in PARTS}
    count = 0
    for content in few:
        rows = 0
        for part, raw in _streams(_plain(content, _SQUEEZED)):
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


def _of_lines(groups: Sequence[memoryview], columns: Projection | None) -> Batch:
    """Return the records of these lines as one batch."""
    try:
        told = [msgspec.msgpack.decode(_plain(one, _AS_SENT), type=AsSent) for one in groups]
    except msgspec.MsgspecError as error:
        raise Damaged(_CURE) from error
    return project(columns_of(told), columns)


def _of_frames(contents: Sequence[memoryview], columns: Projection | None) -> Batch:
    frames = {}
    for part, raw in _streams(*contents):
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


def _form(content: memoryview) -> _Form:
    if not content:
        return "damaged"
    return _BEGINS.get(bytes(content[: len(_SQUEEZED)]), "frames")


def _plain(content: memoryview, begin: bytes) -> memoryview:
    try:
        return memoryview(zstandard.decompress(content[len(begin) :]))
    except zstandard.ZstdError as error:
        raise Damaged(_CURE) from error


def _opened(raw: bytes) -> memoryview:
    """Return what the sum is of, nothing where it is not of that."""
    try:
        return _checked(memoryview(raw))
    except Damaged:
        return memoryview(b"")


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


def _of_nothing(_: Sequence[memoryview], __: Projection | None) -> Batch:
    raise Damaged(_CURE)


_UNPACK: dict[_Form, Callable[[Sequence[memoryview], Projection | None], Batch]] = {
    "frames": _of_frames,
    "squeezed": _of_squeezed,
    "lines": _of_lines,
    "damaged": _of_nothing,
}
