"""Till transactions written one JSON object a line: the contract's own form."""

from collections.abc import Iterator
from typing import BinaryIO

from shrinkwatch.intake.block import BLOCK_BYTES, LONGEST_RECORD, Block
from shrinkwatch.intake.mapping import Mapping


def blocks(stream: BinaryIO, file: str, _: Mapping | None = None) -> Iterator[Block]:
    """Yield the file in blocks of whole lines; a line over 8 MiB becomes a block of its own."""
    place = 1
    while chunk := stream.read(BLOCK_BYTES):
        rest = b"" if chunk.endswith(b"\n") else stream.readline(LONGEST_RECORD + 1)
        if len(rest) > LONGEST_RECORD and not rest.endswith(b"\n"):
            chunk, newline, begun = chunk.rpartition(b"\n")
            if newline:
                yield Block(chunk + newline, file, place)
                place += chunk.count(b"\n") + 1
            size = len(begun) + len(rest)
            yield Block(begun + rest, file, place, damage=("too_long", _too_long(stream, size)))
            place += 1
        else:
            raw = chunk + rest if rest else chunk
            yield Block(raw, file, place)
            place += raw.count(b"\n")


def _too_long(stream: BinaryIO, size: int) -> str:
    """Read on to the end of the line and return what to say of it."""
    while piece := stream.readline(1 << 20):
        size += len(piece)
        if piece.endswith(b"\n"):
            break
    return f"one line of {size} bytes; a record may have {LONGEST_RECORD}: is it a till feed?"
