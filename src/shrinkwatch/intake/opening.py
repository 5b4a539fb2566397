"""Opens a file as plain bytes, whether it is packed or not, by what its first bytes say."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
DAMAGE = (EOFError, OSError, zstandard.ZstdError)
"""What reading a broken or shortened archive raises."""


@contextmanager
def open_plain(path: Path) -> Iterator[BinaryIO]:
    """Open the file for reading, unpacked: .gz and .zst are known by their content."""
    with path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        if magic.startswith(GZIP):
            yield cast("BinaryIO", gzip.GzipFile(fileobj=file))
        elif magic == ZSTD:
            unpacked = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
                file, read_across_frames=True
            )
            yield cast("BinaryIO", io.BufferedReader(unpacked, 1 << 20))
        else:
            yield file


def head(path: Path, size: int = 1 << 16) -> bytes:
    """Return the first bytes of the unpacked file; fewer where the file is short or broken."""
    pieces: list[bytes] = []
    with open_plain(path) as stream:
        try:
            while size > 0 and (piece := stream.read(size)):
                pieces.append(piece)
                size -= len(piece)
        except DAMAGE:
            return b"".join(pieces)
    return b"".join(pieces)
