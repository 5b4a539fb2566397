"""Takes files in: tables first, then receipts, each durable before the next is begun.

Reading and column building run in two processes, the journal is written in this one, in the order
of the files. Loading the same files again changes nothing. The stores table belongs before the
receipts of a feed with local times: what was placed in time with a default zone stays there, and
the same file loaded after a correction of the zone is reported as conflicting.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import polars as pl
from msgspec import Struct

from shrinkwatch.intake.block import Block
from shrinkwatch.intake.mapping import Mapping, load_mapping
from shrinkwatch.intake.read import blocks
from shrinkwatch.intake.recognise import recognise
from shrinkwatch.intake.scrub import scrub_value
from shrinkwatch.intake.tables import read_table
from shrinkwatch.journal.places import Places
from shrinkwatch.journal.post_voids import NET_COLUMNS, not_negative
from shrinkwatch.journal.sequences import SequenceGap, gaps
from shrinkwatch.journal.table_loads import BEGINNING
from shrinkwatch.ports import Appended, Clock
from shrinkwatch.records.deed import Actor
from shrinkwatch.records.finding import Finding
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.tables import TABLE_KINDS, TableKind
from shrinkwatch.records.trouble import Refused
from shrinkwatch.rules.profile import FieldProfile, with_tables
from shrinkwatch.run.audit import note
from shrinkwatch.run.closed_days import archive
from shrinkwatch.run.load_notes import LoadNote, note_load
from shrinkwatch.run.read_block import Found, added
from shrinkwatch.run.readers import WORKERS, plain_size, readers
from shrinkwatch.run.settings import read as read_settings
from shrinkwatch.run.workspace import Workspace

Progress = Callable[[str, float, float | None], None]
"""Called with what is being done, how much is done, and how much there is (None: not known)."""

SHOWN_GAPS = 50

ARCHIVED_WITHIN = 150_000
"""Transactions after which days that are over are archived, while others read on."""


class TableLoaded(Struct, frozen=True):
    """A table's file: rows read, and how many of them were new or different."""

    kind: TableKind
    rows: int
    changed: int


class LoadReport(Struct, frozen=True):
    """What became of everything in the files.

    accepted, duplicate, revised, conflicting: transactions; they add up to what could be read.
    rejected: by reason code; rejects_new: how many were not known from an earlier load.
    examples: by reason code, what is wrong with one of them.
    failed: by file name, how many records it held, where every single one was rejected.
    unknown_fields: by dotted name. skipped: rows that a mapping says are no receipts.
    findings: transactions by name of the broken identity (records.finding).
    tables: by file name. profiles: per source, what its receipts carry.
    missing_numbers: sequence numbers that never came, in `gap_days` till-days; gaps: the worst.
    archived: transactions of closed days copied to the archive.
    interrupted: True when it was stopped; everything counted here is kept all the same.
    """

    accepted: int = 0
    duplicate: int = 0
    revised: int = 0
    conflicting: int = 0
    rejected: dict[str, int] = {}
    rejects_new: int = 0
    examples: dict[str, str] = {}
    failed: dict[str, int] = {}
    unknown_fields: dict[str, int] = {}
    skipped: dict[str, int] = {}
    findings: dict[str, int] = {}
    tables: dict[str, TableLoaded] = {}
    profiles: tuple[FieldProfile, ...] = ()
    missing_numbers: int = 0
    gap_days: int = 0
    gaps: tuple[SequenceGap, ...] = ()
    archived: int = 0
    interrupted: bool = False
    seconds: float = 0.0


def _now() -> datetime:
    return datetime.now(UTC)


def load(
    paths: Sequence[Path],
    workspace: Workspace,
    *,
    as_kind: str | None = None,
    mapping: Path | None = None,
    progress: Progress | None = None,
    clock: Clock = _now,
    workers: int = WORKERS,
    by: Actor | None = None,
) -> LoadReport:
    """Read the files into the workspace's journal and return what became of them.

    as_kind: what every file holds ("transactions" or a table's kind), where content does not say.
    mapping: a mapping file, or the name of a shipped one. workers: processes that read; 0: none.
    by: who loads, for the audit log; None: whoever is logged in.
    Ctrl-C ends a load early: what is in the journal stays, and the report says so.
    Raises: Refused, before anything is read, for a file that nothing here can read.
    """
    began = time.monotonic()
    chosen = None if mapping is None else load_mapping(mapping)
    kinds = {path: _kind(path, as_kind, chosen) for path in paths}
    told = _Told(workspace, clock, progress)
    for path in sorted(kinds, key=lambda path: _table_order(kinds[path])):
        kind = kinds[path]
        if kind is not None:
            told.table(path, kind, _places(workspace, chosen))
    receipts = [path for path in paths if kinds[path] is None]
    interrupted = False
    try:
        with readers(receipts, workspace.key, _places(workspace, chosen), workers) as read:
            size_of_all = sum(map(plain_size, receipts))
            for found, size in read(_all_blocks(receipts, chosen)):
                told.receipts(found, size, size_of_all)
                told.archive(least=ARCHIVED_WITHIN)
        told.archive()
    except KeyboardInterrupt:
        interrupted = True
    report = told.report(time.monotonic() - began, interrupted=interrupted)
    if receipts:
        names = [scrub_value("file", path.name, workspace.key) for path in receipts]
        note_load(workspace, _noted(report, names, clock()))
    note(workspace, "files_loaded", f"{len(paths)} files", _counted(report), by=by)
    return report


def _counted(report: LoadReport) -> dict[str, int]:
    """Return what became of the files, as the audit log keeps it; their names stay out of it."""
    counts = {
        "accepted": report.accepted,
        "duplicate": report.duplicate,
        "revised": report.revised,
        "conflicting": report.conflicting,
        "rejected": sum(report.rejected.values()),
    }
    tables: Counter[str] = Counter()
    for one in report.tables.values():
        tables[one.kind] += one.changed
    return {name: count for name, count in counts.items() if count} | dict(tables)


def _noted(report: LoadReport, files: Sequence[str], at: datetime) -> LoadNote:
    return LoadNote(
        at,
        tuple(files),
        report.accepted,
        report.duplicate,
        report.revised,
        report.conflicting,
        report.rejected,
    )


class _Told:
    """What a load has told the journal so far, and the sums of it."""

    def __init__(self, workspace: Workspace, clock: Clock, progress: Progress | None) -> None:
        self._workspace = workspace
        self._clock = clock
        self._progress = progress
        self._counts = Appended()
        self._rejected: dict[str, int] = {}
        self._rejects_new = 0
        self._examples: dict[str, str] = {}
        self._taken: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._unknown: dict[str, int] = {}
        self._skipped: dict[str, int] = {}
        self._findings: dict[str, int] = {}
        self._tables: dict[str, TableLoaded] = {}
        self._profiles: dict[str, FieldProfile] = {}
        self._runs: list[pl.DataFrame] = []
        self._voids: list[pl.DataFrame] = []
        self._bytes = 0
        self._waiting = 0
        self._archived = 0

    def table(
        self, path: Path, kind: TableKind, places: Places, mapping: Mapping | None = None
    ) -> None:
        """Store a table's file. A kind's first load is what history has always known."""
        journal = self._workspace.journal
        table = read_table(path, kind, self._workspace.key, places, mapping=mapping)
        first = journal.tables()[kind].height == 0
        arrived_at = BEGINNING if first else self._clock()
        changed = journal.append_table(kind, table.frame, arrived_at)
        self._tables[path.name] = TableLoaded(kind, table.frame.height, changed)
        self._unknown = added(self._unknown, table.unknown_fields)
        self._taken[path.name] += table.frame.height
        self._reject(path.name, table.rejects)

    def receipts(self, found: Found, size: int, total: int) -> None:
        """Store what a block held; when this returns, it is on disk."""
        if found.packed is not None:
            done = self._workspace.journal.append_packed(found.packed)
            names = Appended.__dataclass_fields__
            self._counts = Appended(
                **{name: getattr(self._counts, name) + getattr(done, name) for name in names}
            )
            self._taken[found.file] += len(found.packed.index)
            self._waiting += len(found.packed.index)
        self._reject(found.file, found.rejects)
        self._unknown = added(self._unknown, found.unknown_fields)
        self._skipped = added(self._skipped, found.skipped)
        self._findings = added(self._findings, found.findings)
        for one in found.profiles:
            known = self._profiles.get(one.source)
            self._profiles[one.source] = one if known is None else known + one
        if found.runs is not None:
            self._runs.append(found.runs)
        if found.voids is not None and found.voids.height:
            self._voids.append(found.voids)
        self._bytes += size
        if self._progress is not None:
            self._progress("Loading", self._bytes, total if self._bytes <= total else None)

    def archive(self, least: int = 0) -> None:
        """Copy the days that are over to the archive, once `least` transactions wait for it.

        Raises: Unreachable when the disk is full or refuses.
        """
        if self._waiting < least:
            return
        self._waiting = 0
        if least == 0 and self._progress is not None:
            self._progress("Archiving", 0, None)
        self._archived += archive(self._workspace, self._clock)

    def report(self, seconds: float, *, interrupted: bool) -> LoadReport:
        """Return the sums."""
        found = gaps(self._runs)
        findings = added(self._findings, self._wrong_voids())
        return LoadReport(
            accepted=self._counts.accepted,
            duplicate=self._counts.duplicate,
            revised=self._counts.revised,
            conflicting=self._counts.conflicting,
            rejected=self._rejected,
            rejects_new=self._rejects_new,
            examples=self._examples,
            failed=self._failed(),
            unknown_fields=self._unknown,
            skipped=self._skipped,
            findings=findings,
            tables=self._tables,
            profiles=with_tables(self._profiles.values(), self._workspace.journal.tables()),
            missing_numbers=sum(gap.missing for gap in found),
            gap_days=len(found),
            gaps=tuple(found[:SHOWN_GAPS]),
            archived=self._archived,
            interrupted=interrupted,
            seconds=seconds,
        )

    def _wrong_voids(self) -> dict[str, int]:
        """Return how many post-voids of this load are not the negative of their original."""
        if not self._voids:
            return {}
        keys = pl.concat(self._voids)["original_key"].unique().to_list()
        known = self._workspace.journal.receipts(keys, NET_COLUMNS).transactions
        wrong = not_negative(self._voids, known)
        return {str(Finding.VOID_NOT_NEGATIVE.name): wrong} if wrong else {}

    def _failed(self) -> dict[str, int]:
        """Return the files of which nothing was taken, and how many records each held."""
        return {file: count for file, count in self._refused.items() if not self._taken[file]}

    def _reject(self, file: str, rejects: Sequence[Rejected]) -> None:
        if rejects:
            self._rejects_new += self._workspace.journal.reject(rejects)
            self._refused[file] += len(rejects)
            for one in rejects:
                self._rejected[one.reason] = self._rejected.get(one.reason, 0) + 1
                self._examples.setdefault(one.reason, one.sentence)


def _kind(path: Path, as_kind: str | None, mapping: Mapping | None) -> TableKind | None:
    """Return which table the file is, None for transactions."""
    if not path.is_file():
        raise Refused(
            f"{path} is no file but a folder, a pipe or a device; a load looks at its files more "
            "than once: write it to a file first, and name that; nothing was loaded"
        )
    if as_kind is not None and as_kind != "transactions":
        if as_kind not in TABLE_KINDS:
            raise Refused(f"there is no table {as_kind}; it is one of {', '.join(TABLE_KINDS)}")
        return cast("TableKind", as_kind)
    seen = recognise(path)
    if as_kind is None and mapping is None and seen.table is not None:
        return seen.table
    if seen.format is None and mapping is None:
        raise Refused(f"{path.name}: {seen.sentence}; nothing was loaded")
    if seen.needs_mapping and mapping is None:
        raise Refused(f"{path.name} is {seen.sentence}; nothing was loaded")
    return None


def _table_order(kind: str | None) -> int:
    """Return a table's turn: stores first, for their zones and currencies."""
    return len(TABLE_KINDS) if kind is None else TABLE_KINDS.index(kind)


def _places(workspace: Workspace, mapping: Mapping | None) -> Places:
    defaults = read_settings(workspace.folder).defaults
    stores = workspace.journal.tables()["stores"]
    zone = mapping.time_zone if mapping is not None else None
    money = mapping.currency if mapping is not None else None
    return Places.of(
        stores,
        time_zone=defaults.time_zone if zone is None else zone,
        currency=defaults.currency if money is None else money,
    )


def _all_blocks(paths: Iterable[Path], mapping: Mapping | None) -> Iterator[Block]:
    for path in paths:
        yield from blocks(path, mapping=mapping)
