"""What is written beside a learned model, so that nobody can change it without being noticed."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

import msgspec

from shrinkwatch.intake.token_key import TokenKey

FORMAT = 1
_PURPOSE = "shrinkwatch signs models, 1"
_ID_DIGITS = 20


class Part(msgspec.Struct, frozen=True):
    """A file of the model and its SHA-256, in hexadecimal."""

    file: str
    sha256: str


class DataWindow(msgspec.Struct, frozen=True):
    """The closed days that a model learned from, both included, and how many answers it had."""

    first: date
    last: date
    answers: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a model but its parts.

    columns: the features that it reads, in order; schema: their hash. code: the version that
    learned it. parent: the champion that it was learned beside (None: there was none).
    """

    format: int = FORMAT
    model_id: str
    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    schema: str
    data: DataWindow
    code: str
    parent: str | None
    made_at: datetime
    metrics: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs what the registry writes: HMAC-SHA256 under a secret derived from the workspace's key.

    Source: HMAC, RFC 2104; why not a public-key signature: docs/decisions/model-registry.md.
    """

    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, key: TokenKey) -> Self:
        """Return the seal of the workspace that has this key."""
        return cls(key.derived(_PURPOSE))

    def mark(self, kind: str, raw: bytes) -> str:
        """Return the signature (64 hex digits) of a document of this kind."""
        return hmac.digest(self.secret, kind.encode() + b"\n" + raw, hashlib.sha256).hex()

    def fits(self, kind: str, raw: bytes, mark: str) -> bool:
        """Tell whether this workspace signed these bytes as a document of this kind."""
        return hmac.compare_digest(self.mark(kind, raw).encode(), mark.strip().encode())


def describe(
    parts: Mapping[str, bytes],
    *,
    columns: tuple[str, ...],
    data: DataWindow,
    code: str,
    parent: str | None,
    made_at: datetime,
    metrics: Mapping[str, float | None],
) -> Manifest:
    """Return the manifest of a model made of these files (name -> content).

    Its id is a hash of the files, the columns, the data window and the code: learning the same
    again gives the same id, whenever that is and whoever was champion.
    """
    listed = tuple(Part(name, _sha256(parts[name])) for name in sorted(parts))
    same = msgspec.json.encode([FORMAT, listed, columns, data, code], order="deterministic")
    return Manifest(
        model_id=_sha256(same)[:_ID_DIGITS],
        parts=listed,
        columns=columns,
        schema=schema_of(columns),
        data=data,
        code=code,
        parent=parent,
        made_at=made_at,
        metrics=dict(metrics),
    )


def schema_of(columns: tuple[str, ...]) -> str:
    """Return the hash (SHA-256, hexadecimal) of the names of the columns in their order."""
    return _sha256(msgspec.json.encode(columns))


def written(document: object) -> bytes:
    """Return the document as the JSON that is signed: the same document gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(document, order="deterministic")) + b"\n"


def whole(parts: Mapping[str, bytes], manifest: Manifest) -> str | None:
    """Return what is wrong with the files of a model, or None when they are what was signed."""
    for part in manifest.parts:
        raw = parts.get(part.file)
        if raw is None:
            return f"its part {part.file} is lacking"
        if _sha256(raw) != part.sha256:
            return f"its part {part.file} was changed"
    if manifest.schema != schema_of(manifest.columns):
        return "its columns are not those of its schema"
    return None


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
