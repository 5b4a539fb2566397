"""Remembers where scoring stopped, so that the next run goes on from there instead of the start.

The memory of the features and the desk is written beside the journal with what it depends on. When
any of that has changed (an earlier day, a rule, a setting, the code), it is not used.
"""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

import shrinkwatch
from shrinkwatch.features.labelled import LookUp
from shrinkwatch.features.state_files import STATE_VERSION
from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.models.unlabelled import MODEL_VERSION
from shrinkwatch.ports import Journal
from shrinkwatch.records.tables import TableKind, Tables
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.desk import Desk
from shrinkwatch.scoring.evidence import EVIDENCE_VERSION
from shrinkwatch.scoring.settings import ScoringSettings

TABLES_THAT_JUDGE: tuple[TableKind, ...] = ("stores", "registers", "operators", "items")
"""Tables of which a change makes history be replayed anew."""


class Snapshot(Struct, frozen=True):
    """Where scoring stopped.

    day: the last UTC day that was closed. since: the first day whose alerts were raised (None: all
    of them). judge: the rules, settings and code. journal: all that had arrived by that day.
    """

    day: date
    since: date | None
    judge: str
    journal: str


def judge_of(rules: Sequence[Rule], settings: ScoringSettings) -> str:
    """Return a text that changes when anything that judges has changed."""
    versions = [shrinkwatch.__version__, STATE_VERSION, MODEL_VERSION, EVIDENCE_VERSION]
    return hashlib.sha256(msgspec.json.encode([rules, settings, versions])).hexdigest()


class Shelf:
    """The folder in which one snapshot is kept: `now`, while the next is made in `next`.

    `receipts` holds what a run has seen that somebody may yet return; the snapshot links to it.
    """

    def __init__(self, folder: Path) -> None:
        self._now = folder / "now"
        self._next = folder / "next"
        self._was = folder / "was"
        self._receipts = folder / "receipts"

    @property
    def desk(self) -> Path:
        """The folder of the desk as scoring left it; there is none before the first run."""
        return self._now / "desk"

    def fresh_receipts(self) -> Path:
        """Return the folder for a run's receipts, rid of what a killed run left there."""
        shutil.rmtree(self._receipts, ignore_errors=True)
        return self._receipts

    def find(
        self,
        journal: Journal,
        judge: str,
        since: date | None,
        days: Sequence[date],
        *,
        late_too: bool = True,
    ) -> Snapshot | None:
        """Return the snapshot from which a run may go on, or None when it must start anew.

        since: the first day whose alerts the run is to raise (None: all). days: those it is to
        replay. A run may go on where all that it is to raise lies ahead or was raised before.
        late_too: whether it must know what came late for its days.
        """
        if self._was.exists() and not self._now.exists():
            self._was.rename(self._now)  # killed while the next one was put in its place
        try:
            found = msgspec.json.decode((self._now / "snapshot.json").read_bytes(), type=Snapshot)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        ahead = since is not None and since > found.day
        if found.judge != judge or found.day not in days or not (ahead or found.since == since):
            return None
        if late_too and journal.fingerprint(found.day, TABLES_THAT_JUDGE) != found.journal:
            return None
        return found

    def read(
        self,
        tables: Tables,
        rules: Sequence[Rule],
        settings: ScoringSettings,
        look_up: LookUp | None = None,
        receipts: Path | None = None,
    ) -> tuple[FeatureStream, Desk]:
        """Return the memory of the snapshot that `find` found.

        receipts, look_up: as `FeatureStream.new`; receipts None: a fresh folder of the shelf.
        """
        folder = self._now / "features"
        own = self.fresh_receipts() if receipts is None else receipts
        stream = FeatureStream.load(folder, tables, own, look_up)
        return stream, Desk.load(self._now / "desk", rules, settings)

    def keep(
        self,
        snapshot: Snapshot,
        stream: FeatureStream,
        desk: Desk,
        packed: Mapping[str, bytes] | None = None,
    ) -> None:
        """Put this in the place of the last snapshot; killed half-way, the last one stays.

        A stream whose receipts are in the shelf cannot go on after that: they have moved. packed:
        as `Desk.save`.
        """
        shutil.rmtree(self._next, ignore_errors=True)
        for name in ("features", "desk"):
            (self._next / name).mkdir(parents=True)
        stream.save(self._next / "features")
        desk.save(self._next / "desk", packed)
        (self._next / "snapshot.json").write_bytes(msgspec.json.encode(snapshot))
        shutil.rmtree(self._was, ignore_errors=True)
        if self._now.exists():
            self._now.rename(self._was)
        self._next.rename(self._now)
        for old in (self._was, self._receipts):
            shutil.rmtree(old, ignore_errors=True)
