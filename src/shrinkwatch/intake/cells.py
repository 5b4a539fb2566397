"""Reads any CSV or Parquet file as a sheet of texts, so that nothing is lost by guessing types.

Every cell stays the text that it was: `0012` keeps its zeros and `1.10` its last one. A row that
cannot be cut into the header's columns costs only itself.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

PARQUET = b"PAR1"
ROW = "row number"
"""The column of a sheet that holds each row's number in the file, from 1 (the header is none)."""

SEPARATORS = ",;\t|"
LONGEST_RECORD = 100
"""Lines that one quoted record may span; a quote left open longer than that is damage."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as texts: `frame` has the file's columns and ROW; an empty cell is null.

    separator: what parts the cells of a CSV, None for Parquet.
    broken: rows that have no place in the columns: number, bytes and what is wrong.
    """

    frame: pl.DataFrame
    separator: str | None = None
    broken: list[tuple[int, bytes, str]] = field(default_factory=list)


def read_sheet(raw: bytes, *, separator: str | None = None, encoding: str = "utf8") -> Sheet:
    """Return the file's cells as texts.

    separator: of a CSV; None guesses. encoding: a Python codec's name; bytes that are no UTF-8
    are read as Windows-1252.
    """
    if raw.startswith(PARQUET):
        return _parquet(raw)
    text = decoded(raw, encoding)
    separator = separator or guess_separator(text)
    if not text.strip():
        return Sheet(pl.DataFrame(schema={ROW: pl.Int64}), separator)
    try:
        frame = pl.read_csv(text.encode(), separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError:
        return _row_by_row(text, separator)
    return Sheet(_numbered(frame), separator)


def decoded(raw: bytes, encoding: str = "utf8") -> str:
    """Return the bytes as text: by their byte order mark, else the encoding, else Windows-1252."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.removeprefix(b"\xef\xbb\xbf").decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return raw.decode("cp1252", "replace")


def guess_separator(text: str) -> str:
    """Return what parts the cells: the sign that most lines hold equally often, `,` in doubt.

    >>> guess_separator("Datum;Betrag\\n01.02.2026;1,50\\n02.02.2026;0,99\\n")
    ';'
    """
    lines = [line for line in text[: 1 << 16].splitlines()[:30] if line.strip()]
    best, most = ",", 0
    for sign in SEPARATORS:
        counts = Counter(_outside_quotes(line).count(sign) for line in lines)
        header = _outside_quotes(lines[0]).count(sign) if lines else 0
        score = counts[header] * header
        if header and score > most:
            best, most = sign, score
    return best


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _clean_names(names: Iterable[str]) -> list[str]:
    """Return the names trimmed, none empty, none twice, none that stands for several columns."""
    clean: list[str] = [ROW]
    for number, name in enumerate(names, 1):
        new = name.strip()
        if not new or new == "*" or (new.startswith("^") and new.endswith("$")):
            new = f"column {number}"
        while new in clean:
            new += "_"
        clean.append(new)
    return clean[1:]


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    frame.columns = _clean_names(frame.columns)
    texts = [
        pl.when(pl.col(name).str.strip_chars() != "")
        .then(pl.col(name).str.strip_chars())
        .alias(name)
        for name in frame.columns
    ]
    return frame.select(*texts, pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW))


def _parquet(raw: bytes) -> Sheet:
    try:
        frame = pl.read_parquet(io.BytesIO(raw))
    except (pl.exceptions.PolarsError, OSError) as error:
        sentence = f"this Parquet file cannot be read: {str(error).splitlines()[0][:200]}"
        return Sheet(pl.DataFrame(schema={ROW: pl.Int64}), None, [(1, raw[:1024], sentence)])
    frame.columns = _clean_names(frame.columns)
    plain = [c for c, kind in frame.schema.items() if not kind.is_nested() and kind != pl.Binary]
    frame = frame.select(pl.col(c).cast(pl.String, strict=False) for c in plain)
    return Sheet(_numbered(frame))


def _row_by_row(text: str, separator: str) -> Sheet:
    """Read a CSV that has broken rows; slow, but each broken row costs only itself."""
    lines = text.replace("\r\n", "\n").split("\n")
    start = next(number for number, line in enumerate(lines) if line.strip())
    names = _clean_names(_cut(lines[start], separator) or [lines[start]])
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    broken: list[tuple[int, bytes, str]] = []
    for number, (record, cells) in enumerate(
        _records(lines[start + 1 :], separator, len(names)), 1
    ):
        if 0 < len(cells) <= len(names):
            rows.append([*cells, *[None] * (len(names) - len(cells))])
            numbers.append(number)
        else:
            sentence = f"{len(cells)} cells where the header has {len(names)}"
            sentence = sentence if cells else "a quote is left open or does not end its cell"
            broken.append((number, record.encode("utf-8", "replace"), sentence))
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    numbered = _numbered(frame).with_columns(pl.Series(ROW, numbers, dtype=pl.Int64))
    return Sheet(numbered, separator, broken)


def _records(lines: list[str], separator: str, width: int) -> Iterator[tuple[str, list[str]]]:
    """Yield text and cells of each record; no cells where it cannot be cut.

    A quote that would swallow other rows, and then does not make a row of this width, is damage
    of its own line only.
    """
    at = 0
    while at < len(lines):
        end = at + 1
        quotes = lines[at].count('"')
        while quotes % 2 and end < min(len(lines), at + LONGEST_RECORD):
            quotes += lines[end].count('"')
            end += 1
        record = "\n".join(lines[at:end])
        cells = _cut(record, separator)
        if end > at + 1 and len(cells) != width:
            end, record, cells = at + 1, lines[at], []
        if record.strip():
            yield record, cells
        at = end


def _cut(record: str, separator: str) -> list[str]:
    try:
        rows = list(csv.reader(io.StringIO(record), delimiter=separator, strict=True))
    except csv.Error:
        return []
    return rows[0] if len(rows) == 1 else []
