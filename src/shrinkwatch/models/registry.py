"""Keeps every learned model with its papers, and knows which one is trusted now and was before.

A folder per model with its parts, its manifest and the manifest's signature; beside them a history
of promotions. A model that was changed, is unsigned or half-written is refused by name.
"""

import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from shrinkwatch.journal.archive import sync_folder
from shrinkwatch.models import promotions
from shrinkwatch.models.manifest import FORMAT, DataWindow, Manifest, Seal, describe, whole, written
from shrinkwatch.models.promotions import Entry, Told, Verdict
from shrinkwatch.records.trouble import Refused

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
HISTORY = "history"
_OURS = (MANIFEST, SIGNATURE)
_KIND = "manifest"
_CURE = "it is not used; train it again, or take another with `shrinkwatch models promote`"


@dataclass(frozen=True, slots=True)
class Kept:
    """A model that verified: its manifest and its files by name.

    skipped: why newer champions were passed over for it, one sentence each.
    """

    manifest: Manifest
    parts: dict[str, bytes]
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A model's folder: its manifest, or why it is refused; and the gate's latest verdict."""

    model_id: str
    manifest: Manifest | None
    trouble: str | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Registry:
    """The folder of models. seal: signs what is written here and checks what is read."""

    root: Path
    seal: Seal

    def add(
        self,
        parts: Mapping[str, bytes],
        *,
        columns: tuple[str, ...],
        data: DataWindow,
        code: str,
        made_at: datetime,
        metrics: Mapping[str, float | None],
    ) -> Manifest:
        """Keep the model and return its manifest; the same model again changes nothing.

        parts: file name -> content. Killed half-way, nothing was added.
        Raises: Refused for a file name that is none, or one that the registry uses itself.
        """
        for name in parts:
            if Path(name).name != name or name.startswith(".") or name in _OURS:
                raise Refused(f"a part of a model cannot be called {name!r}; give a plain name")
        manifest = describe(
            parts, columns=columns, data=data, code=code, parent=self.champion(),
            made_at=made_at, metrics=metrics,
        )  # fmt: skip
        try:
            return self.read(manifest.model_id).manifest
        except Refused:
            self._put(manifest, parts)
        return manifest

    def read(self, model_id: str, columns: Collection[str] | None = None) -> Kept:
        """Return the model with this id.

        columns: the features that there are now; None: whatever they are. Raises: Refused when it
        is not there, was changed, is unsigned or half-written, or reads a feature that is lacking.
        """
        folder = self.root / model_id
        if not model_id.isalnum() or not folder.is_dir():
            raise Refused(f"no model is called {model_id}; `shrinkwatch models` lists them")
        manifest = self._manifest(folder)
        files = [part.file for part in manifest.parts if (folder / part.file).is_file()]
        parts = {name: (folder / name).read_bytes() for name in files}
        wrong = whole(parts, manifest)
        if wrong is not None:
            raise Refused(f"model {model_id}: {wrong}; {_CURE}")
        lacking = [] if columns is None else [one for one in manifest.columns if one not in columns]
        if lacking:
            raise Refused(
                f"model {model_id} reads {', '.join(lacking[:5])}, which this version does not "
                f"compute; {_CURE}"
            )
        return Kept(manifest, parts)

    def listed(self) -> tuple[Listed, ...]:
        """Return every model's folder, the one made last first; refused ones stand at the end."""
        told = self.history()
        folders = sorted(path for path in self.root.glob("*") if path.is_dir())
        ids = [path.name for path in folders if path.name.isalnum() and path.name != HISTORY]
        found = [self._listed(model_id, told) for model_id in ids]
        good = [one for one in found if one.manifest is not None]
        good.sort(key=lambda one: one.manifest.made_at, reverse=True)  # type: ignore[union-attr]
        return (*good, *(one for one in found if one.manifest is None))

    def find(self, text: str) -> str:
        """Return the id of the model that begins with this text; raises Refused if none or many."""
        ids = [one.model_id for one in self.listed() if text and one.model_id.startswith(text)]
        if len(ids) == 1:
            return ids[0]
        why = "no model's id begins" if not ids else f"{len(ids)} models' ids begin"
        raise Refused(f"{why} with {text!r}; `shrinkwatch models` lists them")

    def history(self) -> Told:
        """Return what happened to the models, as far as the signatures hold."""
        return promotions.read(self.root / HISTORY, self.seal)

    def champion(self, at: datetime | None = None) -> str | None:
        """Return the id of the champion at this moment (None: now); None: no learned model is.

        Raises: Refused when the history was tampered with.
        """
        told = self.history()
        if told.trouble is not None:
            raise Refused(told.trouble)
        if at is not None:
            return promotions.champion_at(told.entries, at)
        return next(reversed(promotions.champions(told.entries)), None)

    def last_good(self, columns: Collection[str] | None = None) -> Kept | None:
        """Return the newest champion that verifies, with why newer ones were passed over.

        None: there never was one that verifies, so that nothing learned is used. columns: as in
        `read`. Of a history that was tampered with, the part before that counts.
        """
        told = self.history()
        skipped = [] if told.trouble is None else [told.trouble]
        for model_id in reversed(promotions.champions(told.entries)):
            try:
                kept = self.read(model_id, columns)
            except Refused as refused:
                skipped.append(str(refused))
            else:
                return Kept(kept.manifest, kept.parts, tuple(skipped))
        return None

    def judged(self, model_id: str, verdict: Verdict, *, at: datetime, by: str, why: str) -> Entry:
        """Write down what the gate said of a model, and return the entry."""
        self.read(model_id)
        told = self.history()
        return promotions.append(
            self.root / HISTORY, self.seal, told, "judged", model_id, at=at, by=by, why=why,
            verdict=verdict,
        )  # fmt: skip

    def promote(
        self, model_id: str, *, at: datetime, by: str, why: str, anyway: bool = False
    ) -> Entry:
        """Make the model champion and return the entry.

        anyway: even if the gate did not pass it, which is written down. Raises: Refused when it
        does not verify, is champion already, or the gate did not pass it.
        """
        self.read(model_id)
        told = self.history()
        if told.trouble is not None:
            raise Refused(told.trouble)
        if promotions.champions(told.entries)[-1:] == (model_id,):
            raise Refused(f"model {model_id} is the champion already; nothing was changed")
        verdict = promotions.verdict_on(told.entries, model_id)
        if verdict != "passed" and not anyway:
            said = "has not judged it" if verdict is None else f"said {verdict} of it"
            raise Refused(
                f"model {model_id} is not promoted: the gate {said}; read its report, or insist "
                "with --anyway, which is written down"
            )
        return promotions.append(
            self.root / HISTORY, self.seal, told, "promoted", model_id, at=at, by=by, why=why,
            verdict=verdict, against=verdict != "passed",
        )  # fmt: skip

    def rollback(self, *, at: datetime, by: str, why: str) -> Entry:
        """Make the champion before the present one champion again, and return the entry.

        One that does not verify is passed over. Before the first champion there was no learned
        model: the entry then names none. Raises: Refused when there is no champion.
        """
        told = self.history()
        stack = promotions.champions(told.entries)
        if told.trouble is not None:
            raise Refused(told.trouble)
        if not stack:
            raise Refused("no learned model is champion; there is nothing to roll back")
        before = next((one for one in reversed(stack[:-1]) if self._verifies(one)), None)
        return promotions.append(
            self.root / HISTORY, self.seal, told, "rolled_back", before, at=at, by=by, why=why
        )

    def _manifest(self, folder: Path) -> Manifest:
        for name in _OURS:
            if not (folder / name).is_file():
                raise Refused(f"model {folder.name} is half-written, it has no {name}; {_CURE}")
        raw = (folder / MANIFEST).read_bytes()
        mark = (folder / SIGNATURE).read_text("ascii", errors="replace")
        if not self.seal.fits(_KIND, raw, mark):
            raise Refused(
                f"model {folder.name}: its manifest was changed, or another workspace signed it; "
                f"{_CURE}"
            )
        try:
            manifest = msgspec.json.decode(raw, type=Manifest)
        except msgspec.MsgspecError:
            raise Refused(f"model {folder.name} is of another version; {_CURE}") from None
        if manifest.format != FORMAT or manifest.model_id != folder.name:
            raise Refused(
                f"model {folder.name}: its manifest is of format {manifest.format} and of model "
                f"{manifest.model_id}; {_CURE}"
            )
        return manifest

    def _verifies(self, model_id: str) -> bool:
        return self._listed(model_id, Told((), "", None)).trouble is None

    def _listed(self, model_id: str, told: Told) -> Listed:
        verdict = promotions.verdict_on(told.entries, model_id)
        try:
            return Listed(model_id, self.read(model_id).manifest, None, verdict)
        except Refused as refused:
            return Listed(model_id, None, str(refused), verdict)

    def _put(self, manifest: Manifest, parts: Mapping[str, bytes]) -> None:
        """Write the folder beside its place and move it there, whole."""
        draft = self.root / f".new-{manifest.model_id}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        raw = written(manifest)
        files = {**parts, MANIFEST: raw, SIGNATURE: (self.seal.mark(_KIND, raw) + "\n").encode()}
        for name, content in files.items():
            with (draft / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        sync_folder(draft)
        shutil.rmtree(self.root / manifest.model_id, ignore_errors=True)
        draft.rename(self.root / manifest.model_id)
        sync_folder(self.root)
