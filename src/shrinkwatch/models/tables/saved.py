"""A learned model in a folder: plain text, with a manifest that shows any change to it."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from shrinkwatch.models.tables.calibration import Calibration
from shrinkwatch.models.tables.choice import Learned
from shrinkwatch.models.tables.columns import Schema
from shrinkwatch.models.tables.design import Design
from shrinkwatch.models.tables.logistic import Logistic
from shrinkwatch.models.tables.profit import Profit
from shrinkwatch.models.tables.trees import Trees
from shrinkwatch.records.trouble import Refused

MANIFEST = "manifest.json"
FORMAT = 1


class Part(msgspec.Struct, frozen=True):
    """A file of the model and its SHA-256, in hexadecimal."""

    file: str
    sha256: str


class Member(msgspec.Struct, frozen=True):
    """Where a member's parts lie: weights in `sum`, trees in `trees` with their built columns."""

    sum: str | None = None
    trees: str | None = None
    built: str | None = None


class Manifest(msgspec.Struct, frozen=True):
    """Everything about a model but its weights and trees; this is what a signature signs."""

    format: int
    code: str
    label: str
    positive: str
    schema: Schema
    profit: Profit
    threshold: float
    calibration: Calibration
    members: tuple[Member, ...]
    parts: tuple[Part, ...]
    report: dict[str, Any]


def save(
    folder: Path,
    learned: Learned,
    *,
    schema: Schema,
    profit: Profit,
    label: str,
    positive: str,
    report: dict[str, Any],
    code: str,
) -> Manifest:
    """Write the model and return its manifest, which is written last.

    positive: the label's word for yes. code: the version that learned. Raises: Refused if the
    folder holds something that is no model.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise Refused(f"{folder} holds something else; name an empty folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    members, parts = [], []
    for place, member in enumerate(learned.members):
        files = _texts(place, member)
        parts += [_write(folder, name, text) for name, text in files.values()]
        members.append(Member(**{kind: name for kind, (name, _) in files.items()}))
    manifest = Manifest(
        FORMAT, code, label, positive, schema, profit, profit.threshold, learned.calibration,
        tuple(members), tuple(parts), report,
    )  # fmt: skip
    text = msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"))
    (folder / MANIFEST).write_bytes(text + b"\n")
    return manifest


def read_back(folder: Path) -> tuple[Manifest, Learned]:
    """Return the model in the folder.

    Raises: Refused if it is none, or if a part is lacking or was changed.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise Refused(f"{folder} holds no model: {MANIFEST} is not there; make one with learn fit")
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.MsgspecError as error:
        raise Refused(f"{path} cannot be read ({error}); learn the model again") from None
    if manifest.format != FORMAT:
        raise Refused(f"{path} is of format {manifest.format}, this reads {FORMAT}; learn again")
    texts = {part.file: _checked(folder, part) for part in manifest.parts}
    members = tuple(_member(member, texts, path) for member in manifest.members)
    return manifest, Learned(members, manifest.calibration)


def _texts(place: int, member: Logistic | Trees) -> dict[str, tuple[str, str]]:
    """Return the name and the text of each of the member's files, by kind."""
    if isinstance(member, Logistic):
        return {"sum": (f"{place}-sum.json", _json(member))}
    found = {"trees": (f"{place}-trees.txt", member.text)}
    if member.built is not None:
        found["built"] = (f"{place}-built.json", _json(member.built))
    return found


def _json(what: Any) -> str:
    return msgspec.json.encode(what, order="deterministic").decode() + "\n"


def _write(folder: Path, name: str, text: str) -> Part:
    raw = text.encode()
    (folder / name).write_bytes(raw)
    return Part(name, hashlib.sha256(raw).hexdigest())


def _checked(folder: Path, part: Part) -> str:
    """Return the part's text; raises Refused if it is not what the manifest says."""
    path = folder / part.file
    if Path(part.file).name != part.file or not path.is_file():
        raise Refused(
            f"the model lacks its part {part.file}; copy the whole folder, or learn it again"
        )
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != part.sha256:
        raise Refused(
            f"{path} was changed since the model was learned; it is not used: learn it again"
        )
    return raw.decode()


def _member(member: Member, texts: dict[str, str], path: Path) -> Logistic | Trees:
    try:
        if member.sum is not None:
            return msgspec.json.decode(texts[member.sum], type=Logistic)
        built = None
        if member.built is not None:
            built = msgspec.json.decode(texts[member.built], type=Design)
        return Trees(texts[str(member.trees)], built)
    except (KeyError, msgspec.MsgspecError) as error:
        raise Refused(f"{path} does not fit its parts ({error}); learn the model again") from None
