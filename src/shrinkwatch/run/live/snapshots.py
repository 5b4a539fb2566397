"""Keeps where live scoring is and all that it remembers, so that a restart reads only the tail.

A folder per snapshot, named by the position in the journal, is made beside its place and moved
there whole. Every file that is written has a checksum; a snapshot that is damaged is passed over
for the one before.
"""

import logging
import mmap
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec
import xxhash
from msgspec import Struct

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.journal.archive import sync_folder
from shrinkwatch.run.live.place import Place
from shrinkwatch.scoring.desk import Desk

KEPT = 2
"""Snapshots that are kept; the older is for when the newer is damaged."""

_ABOUT = "snapshot.json"
_DRAFT = "draft-"
_RECEIPTS = "receipts"
_log = logging.getLogger(__name__)


class About(Struct, frozen=True):
    """What a snapshot is of. judge: as `run.snapshot.judge_of`. sums: XXH3 of each file by path."""

    judge: str
    place: Place
    sums: dict[str, str]


class Snapshots:
    """The folder of snapshots of one workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(
        self,
        judge: str,
        place: Place,
        stream: FeatureStream,
        desk: Desk,
        packed: Mapping[str, bytes],
    ) -> None:
        """Write a snapshot; a forked copy of the process may. packed: of `Desk.packed`."""
        draft = self.folder / f"{_DRAFT}{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        (draft / "desk").mkdir(parents=True)
        stream.save(draft / "features")
        desk.save(draft / "desk", packed)
        sums = {name: _sum(draft / name) for name in _written(draft)}
        _write(draft / _ABOUT, msgspec.json.encode(About(judge, place, sums)))
        sync_folder(draft)
        there = self._at(place.position)
        shutil.rmtree(there, ignore_errors=True)
        draft.rename(there)
        sync_folder(self.folder)

    def newest(self, judge: str, end: int) -> tuple[Path, Place] | None:
        """Return the newest whole snapshot of this judge, and its place; None: there is none.

        end: of the journal; a snapshot that is ahead of it is of another journal.
        """
        for position in sorted(self._positions(), reverse=True):
            folder = self._at(position)
            about = _about(folder)
            if about is not None and about.judge == judge and position <= end:
                return folder, about.place
        return None

    def tidy(self) -> None:
        """Remove all but the newest ones, and what a killed process left half-written."""
        for old in sorted(self._positions())[:-KEPT]:
            shutil.rmtree(self._at(old), ignore_errors=True)
        for draft in self.folder.glob(f"{_DRAFT}*"):
            shutil.rmtree(draft, ignore_errors=True)

    def _positions(self) -> list[int]:
        return [int(path.name) for path in self.folder.glob("[0-9]*") if path.name.isdecimal()]

    def _at(self, position: int) -> Path:
        return self.folder / f"{position:012d}"


def _written(folder: Path) -> list[str]:
    """Return the files that were written; receipts of closed days are links that never change."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(str(path) for path in paths if _RECEIPTS not in path.parts)


def _about(folder: Path) -> About | None:
    """Return what the snapshot is of; None when it is damaged or of another version."""
    try:
        about = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=About)
        whole = all(_sum(folder / name) == told for name, told in about.sums.items())
    except (OSError, msgspec.MsgspecError) as error:
        _log.warning("the snapshot %s cannot be read (%s); the one before is used", folder, error)
        return None
    if not whole:
        _log.warning("the snapshot %s is damaged; the one before is used", folder)
        return None
    return about


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            return xxhash.xxh3_64_hexdigest(b"")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return xxhash.xxh3_64_hexdigest(content)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
