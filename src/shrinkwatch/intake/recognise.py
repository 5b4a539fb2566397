"""Tells what a file is by looking into it; its name is never believed."""

import io
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shrinkwatch.intake.cells import PARQUET, decoded, guess_separator, read_sheet
from shrinkwatch.intake.headers import table_kind
from shrinkwatch.intake.opening import head, open_plain
from shrinkwatch.records.tables import TableKind

_OBJECT_LINE = re.compile(rb"^\{.*\}\s*$")
_JSON = re.compile(rb"^\s*(?:\{|\[\s*(?:[\[{\]\"\d-]|$))")
_XML = re.compile(r"^\s*<(?:\?xml|!--|!DOCTYPE|\w)", re.IGNORECASE)
_POSLOG = re.compile(r"<(?:[\w.-]+:)?(?:POSLog|Transaction)[\s>/]")
BOM = b"\xef\xbb\xbf"
_HEAD = 1 << 16


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
    first = head(path, _HEAD)
    if first.startswith(PARQUET):
        return _columns(_parquet_columns(path))
    if not first.strip():
        return Recognised("this file is empty; ask for it again")
    plain = first.removeprefix(BOM)
    if _JSON.match(plain):
        return _json(plain)
    text = decoded(first)
    if _XML.match(text):
        return _xml(text)
    if "\0" in text or sum(not c.isprintable() and c not in "\r\n\t" for c in text[:4096]) > 40:
        return _unknown("it holds bytes that are no text")
    separator = guess_separator(text)
    lines = [line for line in text.splitlines() if line.strip()]
    if any(separator not in line for line in lines[:2]):
        return _unknown("its first line names no columns")
    return _columns(_csv_columns(lines[0], separator))


def _json(first: bytes) -> Recognised:
    """Return NDJSON where a line is an object; one in an array, or indented, is part of another."""
    lines = first.lstrip().split(b"\n")
    whole = lines if len(lines) == 1 or len(first) < _HEAD else lines[:-1]
    if not lines[0].startswith(b"[") and any(_OBJECT_LINE.match(line) for line in whole):
        return Recognised("till transactions, one JSON object a line", "ndjson")
    return Recognised("till transactions as one JSON document", "json_document")


def _xml(text: str) -> Recognised:
    if _POSLOG.search(text):
        return Recognised("till transactions as ARTS POSLog", "poslog")
    return _unknown("it is XML, but no POSLog: it has no Transaction element near its beginning")


def _columns(columns: list[str]) -> Recognised:
    if not columns:
        return _unknown("its columns cannot be read")
    kind = table_kind(columns)
    if kind is not None:
        return Recognised(f"a table of {kind.replace('_', ' ')}", table=kind)
    sentence = (
        "a table whose columns Shrinkwatch does not know: run `shrinkwatch map FILE` to draft a "
        "mapping, then load it with --mapping; or name one of the contract's tables with --as"
    )
    return Recognised(sentence, "table", needs_mapping=True)


def _unknown(why: str) -> Recognised:
    return Recognised(
        f"this is no file that Shrinkwatch reads: {why}. It reads transactions as NDJSON, JSON or "
        "POSLog XML, and tables as CSV or Parquet with a header, each also as .gz or .zst"
    )


def _parquet_columns(path: Path) -> list[str]:
    with open_plain(path) as stream:
        raw = io.BytesIO(stream.read())
    try:
        return list(pl.read_parquet_schema(raw))
    except (pl.exceptions.PolarsError, OSError):
        return []


def _csv_columns(line: str, separator: str) -> list[str]:
    return read_sheet((line + "\n").encode(), separator=separator).frame.columns[:-1]
