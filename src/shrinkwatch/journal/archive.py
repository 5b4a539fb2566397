"""Closed days as files that never change, so that replay reads columns and parses nothing.

`archive/arrived=2026-03-02/<segment>-<part>.parquet`: a segment holds the transactions of one day
of arrival (UTC) that came from some blocks of the journal, in arrival order; what is loaded late
adds a segment. `manifest.json` names every file with its rows and SHA-256, and the blocks that are
in it; a file that it does not name does not exist. Files are written and synced before the manifest
that names them is, so a kill at any moment leaves the old manifest or the new one.
"""

import fcntl
import hashlib
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from shrinkwatch.journal.days import DAY_US, day_of
from shrinkwatch.journal.pieces import Piece
from shrinkwatch.journal.projection import Projection, wanted_columns
from shrinkwatch.records.batch import PARTS, Batch
from shrinkwatch.records.trouble import Misconfigured

VERSION = 1
_MANIFEST = "manifest.json"
_POSITION = "position"

_ROW_GROUP = 32_768
"""Rows that are packed together; half of them take as long to read as all."""

_LEAST_READ = 2**20
"""Values of a file that are read at once at least: to begin takes as long as many of them."""


class PartFile(Struct, frozen=True):
    """One file of a segment."""

    path: str
    rows: int
    sha256: str


class Segment(Struct, frozen=True):
    """The transactions of one day that came from these blocks (their first positions)."""

    day: date
    blocks: tuple[int, ...]
    files: dict[str, PartFile]


class Manifest(Struct, frozen=True):
    """Every file of the archive."""

    version: int = VERSION
    segments: tuple[Segment, ...] = ()


class ArchivedPiece:
    """A segment, of which rows are read when they are asked for."""

    def __init__(self, folder: Path, segment: Segment, columns: Projection | None) -> None:
        self._paths = {part: folder / file.path for part, file in segment.files.items()}
        self._rows = segment.files["transactions"].rows
        self._columns = columns
        self._readers: dict[str, _Reader] = {}

    def __len__(self) -> int:
        return self._rows

    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (n,) int64 each: positions in the journal, and UTC µs of arrival."""
        path = self._paths["transactions"]
        frame = pl.read_parquet(path, columns=[_POSITION, "arrived_at"])
        return frame[_POSITION].to_numpy(), frame["arrived_at"].to_physical().to_numpy()

    def rows(self, start: int, end: int) -> Batch:
        """Return the transactions from row `start` to before row `end`, with their parts."""
        found = Batch(**{part: self._part(part, start, end) for part in PARTS})
        if end == self._rows:  # read in order, these were the last
            self._readers.clear()
            self.__dict__.pop("_owner", None)
        return found

    def _part(self, part: str, start: int, end: int) -> pl.DataFrame:
        wanted, path = wanted_columns(part, self._columns), self._paths.get(part)
        if path is None or (self._columns is not None and part not in self._columns):
            return pl.DataFrame(schema={name: PARTS[part][name] for name in wanted})
        if end - start == self._rows:
            return pl.read_parquet(path, columns=wanted)
        if part not in self._readers:
            self._readers[part] = _Reader(path, wanted)
        reader = self._readers[part]
        if part == "transactions":
            return _lighter(reader.rows(start, end))
        ends = np.array([start, end], dtype=np.uint32)
        first, last = np.searchsorted(self._owner[part], ends).tolist()
        moved = pl.col("tx") - pl.lit(start, dtype=pl.UInt32)
        return reader.rows(first, last).with_columns(moved)

    @cached_property
    def _owner(self) -> dict[str, NDArray[np.uint32]]:
        """Per child part (rows,) uint32: the transaction that each row belongs to, ascending."""
        return {
            part: pl.read_parquet(path, columns=["tx"])["tx"].to_numpy()
            for part, path in self._paths.items()
            if part != "transactions"
        }


def _lighter(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with one column of nulls for all those of a kind that say nothing.

    Of what a transaction may carry, most feeds leave half out: 16 bytes a row and text.
    """
    silent = [column for column in frame if column.null_count() == frame.height]
    nulls = {
        kind: pl.Series([None], dtype=kind).new_from_index(0, frame.height)
        for kind in {column.dtype for column in silent}
    }
    return frame.with_columns(nulls[column.dtype].alias(column.name) for column in silent)


class _Reader:
    """A file of which some rows are read after others, whole row groups at a time.

    A part of a row group takes as long as all of it, so what is left of the last one is kept.
    """

    def __init__(self, path: Path, columns: list[str]) -> None:
        self._file = pl.scan_parquet(path).select(columns)
        self._least = _LEAST_READ // len(columns)
        self._kept, self._at = pl.DataFrame(schema=self._file.collect_schema()), 0

    def rows(self, first: int, last: int) -> pl.DataFrame:
        """Return the rows from `first` to before `last`; those before `last` are not kept."""
        end = self._at + self._kept.height
        if not self._at <= first <= end:
            self._kept, self._at = self._kept.clear(), first // _ROW_GROUP * _ROW_GROUP
            end = self._at
        if last > end:
            groups = math.ceil(max(last - end, self._least) / _ROW_GROUP)
            more = self._file.slice(end, groups * _ROW_GROUP).collect()
            self._kept = pl.concat([self._kept, more])
        found = self._kept.slice(first - self._at, last - first)
        self._kept, self._at = self._kept.slice(last - self._at), last
        return found


class Archive:
    """The Parquet copy of the days that are over."""

    def __init__(self, folder: Path) -> None:
        """Open the archive in this folder; an empty or missing folder is an empty archive.

        Raises: Misconfigured when the manifest cannot be read or is of another version.
        """
        self._folder = folder
        self.reload()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder's lock, once who holds it lets go; know what is archived by then."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.reload()
            yield

    def reload(self) -> None:
        """Read the manifest again: another process may have archived since."""
        self._manifest = _read_manifest(self._folder / _MANIFEST)
        self._by_day: dict[date, list[Segment]] = {}
        for segment in self._manifest.segments:
            self._by_day.setdefault(segment.day, []).append(segment)

    def blocks(self, day: date) -> frozenset[int]:
        """Return the blocks (first positions) whose transactions of that day are archived."""
        return frozenset(block for one in self._by_day.get(day, ()) for block in one.blocks)

    def add(self, pieces: Mapping[date, Piece], blocks: Mapping[date, Sequence[int]]) -> None:
        """Store the pieces as new segments; when it returns they are on disk, all or none.

        blocks: the first positions of the blocks that each day's piece came from.
        """
        new = [
            self._write_segment(day, tuple(blocks[day]), piece)
            for day, piece in sorted(pieces.items())
        ]
        manifest = Manifest(segments=(*self._manifest.segments, *new))
        document = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        _write_whole(self._folder / _MANIFEST, document)
        self.reload()

    def pieces(self, day: date, columns: Projection | None) -> list[ArchivedPiece]:
        """Return the archived arrivals of that day, a piece per segment, each in arrival order."""
        return [
            ArchivedPiece(self._folder, segment, columns) for segment in self._by_day.get(day, ())
        ]

    def damage(self) -> Iterator[str]:
        """Yield a sentence for each file that is missing or not what was written."""
        for segment in self._manifest.segments:
            for file in segment.files.values():
                path = self._folder / file.path
                if not path.exists():
                    yield f"{path} is missing; delete {self._folder} to have it made again"
                elif sha256_of(path) != file.sha256:
                    yield f"{path} has changed; delete {self._folder} to have it made again"

    def _write_segment(self, day: date, blocks: tuple[int, ...], piece: Piece) -> Segment:
        folder = self._folder / f"arrived={day.isoformat()}"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{blocks[0]:012d}-{blocks[-1]:012d}"
        files = {}
        for part in PARTS:
            frame: pl.DataFrame = getattr(piece.batch, part)
            if part == "transactions":
                frame = frame.with_columns(pl.Series(_POSITION, piece.positions))
            if frame.height:
                path = folder / f"{name}-{part}.parquet"
                _write_parquet(path, frame)
                relative = path.relative_to(self._folder).as_posix()
                files[part] = PartFile(relative, frame.height, sha256_of(path))
        sync_folder(folder)
        return Segment(day, blocks, files)


def by_day(piece: Piece, pending: NDArray[np.bool_]) -> dict[date, Piece]:
    """Return the pending transactions of a piece by UTC day of arrival, each in arrival order.

    pending: bool per transaction, which of them are wanted.
    """
    whole = piece.in_order(pending)
    days, starts = np.unique(whole.arrived_us // DAY_US, return_index=True)
    ends = [*starts[1:].tolist(), len(whole)]
    return {
        day_of(day): whole.slice(start, end)
        for day, start, end in zip(days.tolist(), starts.tolist(), ends, strict=True)
    }


def _read_manifest(path: Path) -> Manifest:
    if not path.exists():
        return Manifest()
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise Misconfigured(
            f"{path} cannot be read ({error}); delete the archive folder, it is made again from "
            "the journal"
        ) from error
    if manifest.version != VERSION:
        raise Misconfigured(
            f"{path} is of version {manifest.version}, this is version {VERSION}; delete the "
            "archive folder, it is made again from the journal"
        )
    return manifest


def _write_parquet(path: Path, frame: pl.DataFrame) -> None:
    draft = path.with_suffix(".draft")
    frame.write_parquet(draft, compression="lz4", statistics=False, row_group_size=_ROW_GROUP)
    _sync(draft)
    draft.replace(path)


def _write_whole(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(raw)
    _sync(draft)
    draft.replace(path)
    sync_folder(path.parent)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Return when the names in the folder are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
