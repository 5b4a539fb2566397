"""Closed days as files that never change, so that replay reads columns and parses nothing.

`archive/arrived=2026-03-02/<segment>-<part>.parquet`: a segment holds the transactions of one day
of arrival (UTC) that came from some blocks of the journal, in arrival order; what is loaded late
adds a segment. `manifest.json` names every file with its rows and SHA-256, and the blocks that are
in it; a file that it does not name does not exist. Files are written and synced before the manifest
that names them is, so a kill at any moment leaves the old manifest or the new one.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from shrinkwatch.journal.days import DAY_US, day_of
from shrinkwatch.journal.projection import Projection, wanted_columns
from shrinkwatch.records.batch import PARTS, Batch
from shrinkwatch.records.trouble import Misconfigured

VERSION = 1
_MANIFEST = "manifest.json"
_POSITION = "position"
_PLACED = (_POSITION, "arrived_at")


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


@dataclass(frozen=True, slots=True)
class Piece:
    """Some arrivals: a batch, each transaction's position in the journal and when it arrived.

    positions, arrived_us: int64, a value per transaction; UTC µs.
    """

    batch: Batch
    positions: NDArray[np.int64]
    arrived_us: NDArray[np.int64]


class Archive:
    """The Parquet copy of the days that are over."""

    def __init__(self, folder: Path) -> None:
        """Open the archive in this folder; an empty or missing folder is an empty archive.

        Raises: Misconfigured when the manifest cannot be read or is of another version.
        """
        self._folder = folder
        self.reload()

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

    def whole_day(self, day: date, columns: Projection | None) -> Batch | None:
        """Return that day's arrivals where they are in one segment, else None."""
        segments = self._by_day.get(day, ())
        return self._read(segments[0], columns) if len(segments) == 1 else None

    def pieces(self, day: date, columns: Projection | None) -> list[Piece]:
        """Return the archived arrivals of that day, a piece per segment, each in arrival order."""
        return [
            Piece(self._read(segment, columns), *self._places(segment))
            for segment in self._by_day.get(day, ())
        ]

    def damage(self) -> Iterator[str]:
        """Yield a sentence for each file that is missing or not what was written."""
        for segment in self._manifest.segments:
            for file in segment.files.values():
                path = self._folder / file.path
                if not path.exists():
                    yield f"{path} is missing; delete {self._folder} to have it made again"
                elif _sha256(path) != file.sha256:
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
                files[part] = PartFile(relative, frame.height, _sha256(path))
        _sync_folder(folder)
        return Segment(day, blocks, files)

    def _read(self, segment: Segment, columns: Projection | None) -> Batch:
        frames = {}
        for part, kinds in PARTS.items():
            wanted = wanted_columns(part, columns)
            file = segment.files.get(part)
            if file is None or (columns is not None and part not in columns):
                frames[part] = pl.DataFrame(schema={name: kinds[name] for name in wanted})
            else:
                frames[part] = pl.read_parquet(self._folder / file.path, columns=wanted)
        return Batch(**frames)

    def _places(self, segment: Segment) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        path = self._folder / segment.files["transactions"].path
        frame = pl.read_parquet(path, columns=list(_PLACED))
        return frame[_POSITION].to_numpy(), frame["arrived_at"].to_physical().to_numpy()


def by_day(piece: Piece, pending: NDArray[np.bool_]) -> dict[date, Piece]:
    """Return the pending transactions of a piece by UTC day of arrival, each in arrival order.

    pending: bool per transaction, which of them are wanted.
    """
    rows = np.flatnonzero(pending)
    order = rows[np.lexsort((piece.positions[rows], piece.arrived_us[rows]))]
    batch = piece.batch if _is_identity(order, len(piece.batch)) else piece.batch.take(order)
    arrived, positions = piece.arrived_us[order], piece.positions[order]
    days, starts = np.unique(arrived // DAY_US, return_index=True)
    ends = [*starts[1:].tolist(), order.size]
    return {
        day_of(day): Piece(_slice(batch, start, end), positions[start:end], arrived[start:end])
        for day, start, end in zip(days.tolist(), starts.tolist(), ends, strict=True)
    }


def in_arrival_order(pieces: Sequence[Piece], dead: frozenset[int]) -> Batch:
    """Return the pieces as one batch in arrival order, without the positions in `dead`."""
    batch = Batch.concat(piece.batch for piece in pieces)
    if not pieces:
        return batch
    positions = np.concatenate([piece.positions for piece in pieces])
    arrived = np.concatenate([piece.arrived_us for piece in pieces])
    order = np.lexsort((positions, arrived))
    if dead:
        order = order[~np.isin(positions[order], np.fromiter(dead, np.int64, len(dead)))]
    return batch if _is_identity(order, len(batch)) else batch.take(order)


def _is_identity(order: NDArray[np.int64], count: int) -> bool:
    return order.size == count and bool((order == np.arange(count)).all())


def _slice(batch: Batch, start: int, end: int) -> Batch:
    """Return the transactions from row `start` to before row `end`."""
    children = {}
    for part in PARTS:
        if part == "transactions":
            continue
        frame: pl.DataFrame = getattr(batch, part)
        first, last = np.searchsorted(frame["tx"].to_numpy(), [start, end]).tolist()
        moved = pl.col("tx") - pl.lit(start, dtype=pl.UInt32)
        children[part] = frame.slice(first, last - first).with_columns(moved)
    return Batch(transactions=batch.transactions.slice(start, end - start), **children)


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
    frame.write_parquet(draft, compression="lz4", statistics=False)
    _sync(draft)
    draft.replace(path)


def _write_whole(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(raw)
    _sync(draft)
    draft.replace(path)
    _sync_folder(path.parent)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
