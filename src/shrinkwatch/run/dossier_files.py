"""Keeps the dossiers of closed days, so that training never computes them again.

A Parquet file per day, in a folder named after what judged: under other rules or other code the
numbers are others, and a replay writes them anew.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

_DRAFT = ".draft"


@dataclass(frozen=True, slots=True)
class DossierFiles:
    """The dossiers of a workspace under one judge (`run.snapshot.judge_of`)."""

    root: Path
    judge: str

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self.root / self.judge[:16]

    def keep(self, day: date, dossiers: pl.DataFrame) -> None:
        """Write the day's dossiers in the place of those written before.

        What another judge left is removed.
        """
        for old in self.root.glob("*"):
            if old != self.folder:
                shutil.rmtree(old, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f"{day}{_DRAFT}"
        dossiers.write_parquet(draft, compression="zstd")
        draft.replace(self._path(day))

    def days(self) -> list[date]:
        """Return the days that are kept, oldest first."""
        return sorted(date.fromisoformat(path.stem) for path in self.folder.glob("*.parquet"))

    def paths(self) -> list[Path]:
        """Return the files, oldest day first."""
        return [self._path(day) for day in self.days()]

    def read(self, days: Sequence[date]) -> pl.DataFrame:
        """Return the dossiers of these days, in order; there is at least one day."""
        return pl.concat([pl.read_parquet(self._path(day)) for day in days])

    def _path(self, day: date) -> Path:
        return self.folder / f"{day}.parquet"
