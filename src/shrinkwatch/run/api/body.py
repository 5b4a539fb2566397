"""Unpacks the body of a request and cuts it into records, one JSON object a line."""

import io
import zlib
from dataclasses import dataclass

import zstandard

from shrinkwatch.intake.formats import json_document
from shrinkwatch.run.api.problem import Problem

MOST_SENT = 4 << 20
"""Bytes that a request may have as sent (4 MiB)."""
MOST_PLAIN = 16 << 20
"""Bytes that it may have when it is unpacked (16 MiB)."""
MOST_RECORDS = 5_000
"""Records that one request may hold: each is answered."""
LINES = b"application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Cut:
    """The records of a request, a line each.

    damaged: what is left of a document that breaks off, and what is wrong with it.
    """

    lines: list[bytes]
    damaged: tuple[bytes, str, str] | None = None

    def __len__(self) -> int:
        return len(self.lines) + (self.damaged is not None)


def plain(body: bytes, encoding: bytes) -> bytes:
    """Return the body unpacked. encoding: as in Content-Encoding; empty: it is plain.

    Raises: Problem when it cannot be unpacked, or is too large then.
    """
    if encoding in {b"", b"identity"}:
        return body
    try:
        if encoding == b"gzip":
            raw, whole = _gunzipped(body)
        elif encoding == b"zstd":
            raw, whole = _unzstd(body)
        else:
            raise Problem(415, "unknown-encoding", "pack the body with gzip or zstd, or not at all")
    except (zlib.error, zstandard.ZstdError) as error:
        raise Problem(400, "damaged", f"the body cannot be unpacked: {error}") from error
    if len(raw) > MOST_PLAIN:
        raise too_large(f"the body has more than {MOST_PLAIN} bytes when it is unpacked")
    if not whole:
        raise Problem(400, "damaged", "the packed body breaks off; send it whole")
    return raw


def _gunzipped(body: bytes) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(wbits=31)
    return unpacker.decompress(body, MOST_PLAIN + 1), unpacker.eof


def _unzstd(body: bytes) -> tuple[bytes, bool]:
    unpacker = zstandard.ZstdDecompressor(max_window_size=MOST_PLAIN)
    raw = unpacker.stream_reader(io.BytesIO(body)).read(MOST_PLAIN + 1)
    if len(raw) > MOST_PLAIN:
        return raw, False
    again = unpacker.decompressobj()  # a reader does not tell whether the body breaks off
    again.decompress(body)
    return raw, again.eof


def cut(raw: bytes, content_type: bytes) -> Cut:
    """Return the records of a body: one object, an array, or an object a line.

    Raises: Problem when it is empty or holds too many.
    """
    if content_type.split(b";")[0].strip().lower() == LINES:
        found = Cut([line for line in raw.split(b"\n") if line and not line.isspace()])
    elif b"\n" not in raw and raw[:1] == b"{" and raw[-1:] == b"}":
        found = Cut([raw])
    else:
        found = _document(raw)
    if len(found) == 0:
        raise Problem(400, "empty", "the body holds no record; send a JSON object")
    if len(found) > MOST_RECORDS:
        raise too_large(f"{len(found)} records at once; send at most {MOST_RECORDS}")
    return found


def _document(raw: bytes) -> Cut:
    lines: list[bytes] = []
    for block in json_document.blocks(io.BytesIO(raw), ""):
        if block.damage is not None:
            return Cut(lines, (block.raw, *block.damage))
        lines += block.raw.split(b"\n")
    return Cut(lines)


def too_large(detail: str) -> Problem:
    """Return the problem of a body that is too large."""
    return Problem(413, "too-large", detail)
