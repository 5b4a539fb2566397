"""Who made which model the champion, when and why: a history that is only ever added to."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from shrinkwatch.journal.archive import sync_folder
from shrinkwatch.models.manifest import Seal, written
from shrinkwatch.records.trouble import Refused

What = Literal["judged", "promoted", "rolled_back"]
Verdict = Literal["passed", "refused", "unknown", "same"]

_KIND = "history"
_SUFFIX = ".json"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened.

    judged: the gate gave `verdict` on `model_id`. promoted: `model_id` became champion; against:
    though the gate had not passed it. rolled_back: `model_id` is champion again (None: no learned
    model is). previous: the signature of the entry before, so that none can be taken out.
    """

    number: int
    what: What
    model_id: str | None
    at: datetime
    by: str
    why: str
    verdict: Verdict | None = None
    against: bool = False
    previous: str


class _Signed(msgspec.Struct, frozen=True):
    entry: Entry
    signature: str


@dataclass(frozen=True, slots=True)
class Told:
    """The history as far as its signatures hold, and what is wrong after that (None: nothing)."""

    entries: tuple[Entry, ...]
    head: str
    trouble: str | None


def read(folder: Path, seal: Seal) -> Told:
    """Return the history kept in this folder, one signed file an entry."""
    entries: list[Entry] = []
    head = ""
    for number, path in enumerate(_files(folder), 1):
        found = _read_one(path, seal)
        if found is None or found.entry.number != number or found.entry.previous != head:
            trouble = (
                f"{path} was changed, or an entry before it was taken out; put the folder "
                f"{folder} back from a backup"
            )
            return Told(tuple(entries), head, trouble)
        entries.append(found.entry)
        head = found.signature
    return Told(tuple(entries), head, None)


def append(
    folder: Path,
    seal: Seal,
    told: Told,
    what: What,
    model_id: str | None,
    *,
    at: datetime,
    by: str,
    why: str,
    verdict: Verdict | None = None,
    against: bool = False,
) -> Entry:
    """Add an entry and return it; a clock that ran back gives it the time of the one before.

    told: the history that the decision rests on. Raises: Refused when it was tampered with, or
    when somebody else added an entry since it was read.
    """
    if told.trouble is not None:
        raise Refused(told.trouble)
    entry = Entry(
        number=len(told.entries) + 1,
        what=what,
        model_id=model_id,
        at=max([at, *(one.at for one in told.entries[-1:])]),
        by=by,
        why=why,
        verdict=verdict,
        against=against,
        previous=told.head,
    )
    signed = _Signed(entry, seal.mark(_KIND, written(entry)))
    folder.mkdir(parents=True, exist_ok=True)
    _create_whole(folder / f"{entry.number:06d}{_SUFFIX}", written(signed))
    return entry


def champions(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the models that stand behind each other as champions, the present one last.

    A rollback takes off what stands after the one that it goes back to.
    """
    stack: list[str] = []
    for entry in entries:
        if entry.what == "promoted" and entry.model_id is not None:
            stack.append(entry.model_id)
        elif entry.what == "rolled_back":
            del stack[-1:]
            while stack and stack[-1] != entry.model_id:
                stack.pop()
    return tuple(stack)


def champion_at(entries: Sequence[Entry], at: datetime) -> str | None:
    """Return which model was champion at this moment; None: no learned one was."""
    stack = champions([entry for entry in entries if entry.at <= at])
    return stack[-1] if stack else None


def verdict_on(entries: Sequence[Entry], model_id: str) -> Verdict | None:
    """Return the gate's latest verdict on the model; None: it was never judged."""
    for entry in reversed(entries):
        if entry.what == "judged" and entry.model_id == model_id:
            return entry.verdict
    return None


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{_SUFFIX}") if not path.name.startswith("."))


def _read_one(path: Path, seal: Seal) -> _Signed | None:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Signed)
    except msgspec.MsgspecError:
        return None
    return found if seal.fits(_KIND, written(found.entry), found.signature) else None


def _create_whole(path: Path, raw: bytes) -> None:
    """Make the file at once with all its bytes; raises Refused if there is one already."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        raise Refused(
            "somebody else changed the models just now; look with `shrinkwatch models`, then "
            "try again"
        ) from None
    finally:
        draft.unlink()
    sync_folder(path.parent)
