"""Tells what a file is by looking into it; its name is never believed."""

import re
from dataclasses import dataclass
from pathlib import Path

from shrinkwatch.intake.opening import head
from shrinkwatch.records.tables import TableKind

_OBJECT_LINE = re.compile(rb"^\s*\{.*\}\s*$")
_JSON = re.compile(rb"^\s*[\[{]")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is.

    format: the module of `intake/formats` that reads its transactions, None if it holds none.
    table: which of the contract's tables it is, None if it is none.
    sentence: what it is, for a person; for an unknown file, what to do.
    needs_mapping: only a mapping can say how its columns are receipts.
    """

    sentence: str
    format: str | None = None
    table: TableKind | None = None
    needs_mapping: bool = False


def recognise(path: Path) -> Recognised:
    """Return what the file is, judged by its first 64 KiB, unpacked."""
    first = head(path).removeprefix(BOM)
    if _JSON.match(first):
        return _json(first)
    return Recognised("this is no file that Shrinkwatch knows")


def _json(first: bytes) -> Recognised:
    lines = first.split(b"\n")
    whole = lines if len(lines) == 1 else lines[:-1]
    if any(_OBJECT_LINE.match(line) for line in whole):
        return Recognised("till transactions, one JSON object a line", "ndjson")
    return Recognised("till transactions as one JSON document", "json_document")
