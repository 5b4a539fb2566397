"""Till transactions as one JSON document: an array, or objects written over many lines."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numba import njit

from shrinkwatch.intake.block import BLOCK_BYTES, LONGEST_RECORD, Block
from shrinkwatch.intake.mapping import Mapping

_BETWEEN = b" \t\r\n,[]"


def blocks(stream: BinaryIO, file: str, _: Mapping | None = None) -> Iterator[Block]:
    """Yield the document's objects as lines, in blocks; a broken object costs only itself.

    An object that never ends (an open quote or bracket) takes the rest of the file with it, as
    one reject.
    """
    place, rest = 1, b""
    while chunk := stream.read(BLOCK_BYTES):
        rest += chunk
        bounds = _bounds(np.frombuffer(rest, dtype=np.uint8)).tolist()
        lines = _lines(rest, bounds)
        if lines:
            yield Block(b"\n".join(lines), file, place)
            place += len(lines)
        rest = rest[bounds[-1][1] :] if bounds else rest
        if len(rest) > LONGEST_RECORD:
            yield _unended(rest, file, place)
            return
    if rest.strip(_BETWEEN):
        yield _unended(rest, file, place)


def _unended(rest: bytes, file: str, place: int) -> Block:
    sentence = "from here on the JSON makes no whole object: a bracket or a quote is left open"
    return Block(rest, file, place, damage=("bad_json", sentence))


def _lines(raw: bytes, bounds: list[list[int]]) -> list[bytes]:
    """Return the whole objects, one line each; whatever stands between two is a line too."""
    lines: list[bytes] = []
    at = 0
    for start, end in bounds:
        between = raw[at:start].strip(_BETWEEN)
        if between:
            lines.append(_one_line(between))
        lines.append(_one_line(raw[start:end]))
        at = end
    return lines


def _one_line(raw: bytes) -> bytes:
    return raw.replace(b"\r", b" ").replace(b"\n", b" ")


@njit(cache=True, nogil=True)
def _bounds(data):  # type: ignore[no-untyped-def]
    """Return start and end of every outermost object; the brackets of an array are passed over."""
    bounds = np.empty((64, 2), np.int64)
    count = depth = start = 0
    in_text = False
    at, size = 0, data.size
    while at < size:
        byte = data[at]
        at += 1
        if in_text:
            if byte == 92:
                at += 1
            elif byte == 34:
                in_text = False
        elif byte == 34:
            in_text = depth > 0
        elif byte == 123:
            if depth == 0:
                start = at - 1
            depth += 1
        elif byte == 125 and depth > 0:
            depth -= 1
            if depth == 0:
                if count == bounds.shape[0]:
                    grown = np.empty((2 * count, 2), np.int64)
                    grown[:count] = bounds
                    bounds = grown
                bounds[count, 0], bounds[count, 1] = start, at
                count += 1
    return bounds[:count]
