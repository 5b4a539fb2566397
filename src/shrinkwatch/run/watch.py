"""Takes in the files that appear in a folder, once each is whole, and puts aside what is none.

A file is whole when it was the same at two looks: nobody writes to it any more. It is loaded as
`shrinkwatch load` loads it, so that the same file twice changes nothing, and killed half-way the
next look begins again with it.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import Literal

from msgspec import Struct

from shrinkwatch.intake.recognise import recognise
from shrinkwatch.ports import Clock
from shrinkwatch.records.deed import Actor
from shrinkwatch.records.trouble import Misconfigured, Refused, Unreachable
from shrinkwatch.run.load import LoadReport, load
from shrinkwatch.run.workspace import Workspace

DONE = "done"
ASIDE = "set-aside"
WATCH = Actor("program", "watch")

PAUSE_S = 5.0
"""Between two looks: a file that does not grow for so long is taken as whole."""

_UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".tmp", ".swp", "~")
_KIND = "watched"

Became = Literal["loaded", "set_aside", "waiting"]


class Taken(Struct, frozen=True):
    """What became of a file.

    accepted: transactions that were new; rows: of a table, those that were new or different.
    says: why it was set aside or waits; of a loaded file, how many of its records were rejected.
    """

    file: str
    became: Became
    accepted: int = 0
    rows: int = 0
    says: str = ""


class _Mark(Struct, frozen=True):
    """By what a file is known to be the same."""

    name: str
    size: int
    mtime_ns: int
    inode: int


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class FolderWatch:
    """Looks into one folder. as_kind, mapping: as `load` takes them.

    keep: leave files where they are and remember them, instead of moving them to `done`.
    """

    folder: Path
    workspace: Workspace
    as_kind: str | None = None
    mapping: Path | None = None
    keep: bool = False
    clock: Clock = _now
    _seen: dict[str, _Mark] = field(default_factory=dict)

    def look(self) -> list[Taken]:
        """Take in the files that are as they were at the last look; returns what became of them.

        When the disk or the database refuses, the rest waits for the next look.
        Raises: Misconfigured for settings or a mapping that are wrong; Refused where the folder
        cannot be read or written.
        """
        there = self._there()
        whole = [mark for mark in there if self._seen.get(mark.name) == mark]
        self._seen = {mark.name: mark for mark in there}
        done: list[Taken] = []
        for mark in sorted(whole, key=self._turn):
            done.append(self._take(mark))
            if done[-1].became == "waiting":
                break
        return done

    def _there(self) -> list[_Mark]:
        """Return the files that may be taken in, without those that were."""
        known = self._remembered() if self.keep else frozenset()
        found = []
        try:
            for path in self.folder.iterdir():
                with suppress(FileNotFoundError):  # somebody took it away meanwhile
                    about = path.lstat()
                    mark = _Mark(path.name, about.st_size, about.st_mtime_ns, about.st_ino)
                    if S_ISREG(about.st_mode) and about.st_size and not _unfinished(path.name):
                        found.append(mark)
        except OSError as error:
            raise Refused(
                f"{self.folder}: {error.strerror}; name a folder that can be read"
            ) from error
        return [mark for mark in found if mark not in known]

    def _turn(self, mark: _Mark) -> tuple[bool, int, str]:
        """Return a file's turn: tables before receipts, the older before the newer."""
        try:
            is_table = recognise(self.folder / mark.name).table is not None
        except Exception:  # noqa: BLE001 - whatever it is, loading it will say so
            is_table = False
        return not is_table, mark.mtime_ns, mark.name

    def _take(self, mark: _Mark) -> Taken:
        path = self.folder / mark.name
        try:
            report = load(
                [path],
                self.workspace,
                as_kind=self.as_kind,
                mapping=self.mapping,
                clock=self.clock,
                by=WATCH,
            )
        except Unreachable as lost:
            return Taken(mark.name, "waiting", says=str(lost))
        except Misconfigured:
            raise
        except Refused as refused:
            return self._set_aside(mark, str(refused))
        except Exception as fault:  # noqa: BLE001 - one bad file stops no other
            # what a fault says may hold what the file holds
            return self._set_aside(mark, f"reading it failed ({type(fault).__name__})")
        if report.interrupted:
            raise KeyboardInterrupt
        if report.failed:
            return self._set_aside(mark, _why(report))
        if self._changed(mark):
            return Taken(mark.name, "waiting", says="it was written to while it was read")
        self._away(mark, DONE)
        rows = sum(one.changed for one in report.tables.values())
        return Taken(mark.name, "loaded", report.accepted + report.revised, rows, _why(report))

    def _changed(self, mark: _Mark) -> bool:
        return mark not in self._there()

    def _set_aside(self, mark: _Mark, why: str) -> Taken:
        kept = self._away(mark, ASIDE)
        if kept is not None:
            kept.with_name(kept.name + ".why.txt").write_text(why + "\n", "utf-8")
        return Taken(mark.name, "set_aside", says=why)

    def _away(self, mark: _Mark, where: str) -> Path | None:
        """Move the file to this folder beside it, or remember it; returns where it is moved to."""
        if self.keep:
            self.workspace.journal.note(_KIND, mark, self.clock())
            return None
        target = self.folder / where
        try:
            target.mkdir(exist_ok=True)
            free = _free(target, mark.name)
            return (self.folder / mark.name).rename(free)
        except OSError as error:
            raise Refused(
                f"{self.folder / mark.name} cannot be moved to {target}: {error.strerror}; allow "
                "it, or have files remembered instead: --keep. What was loaded is kept"
            ) from error

    def _remembered(self) -> frozenset[_Mark]:
        notes = self.workspace.journal.notes(_KIND)
        return frozenset(_Mark(**body) for _, body in notes)


def watch_on(
    watch: FolderWatch,
    stop: threading.Event,
    tell: Callable[[Sequence[Taken]], None],
    pause_s: float = PAUSE_S,
) -> None:
    """Look into the folder, pause, and so on until stopped. tell: called after every look."""
    while not stop.is_set():
        tell(watch.look())
        stop.wait(pause_s)


def _unfinished(name: str) -> bool:
    """Tell whether a name says that somebody still writes the file, or that it is hidden."""
    return name.startswith(".") or name.casefold().endswith(_UNFINISHED)


def _free(folder: Path, name: str) -> Path:
    """Return a path in this folder that is not taken: the name, or the name with a number."""
    path, number = folder / name, 2
    while path.exists():
        path, number = folder / f"{name}.{number}", number + 1
    return path


def _why(report: LoadReport) -> str:
    """Return how many records were rejected, and what is wrong with one for each reason."""
    return "; ".join(
        f"{count:,} rejected ({reason}): {report.examples[reason]}"
        for reason, count in report.rejected.items()
    )
