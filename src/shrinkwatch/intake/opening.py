"""Opens a file as plain bytes, whether it is packed or not, by what its first bytes say."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import zstandard

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
_DAMAGE = (EOFError, OSError, zlib.error, zstandard.ZstdError)
_PIECE = 1 << 17
_ZSTD_PIECE = 1 << 13
"""Packed bytes unpacked at a time: small, since a hostile archive can grow 30,000-fold."""
_LARGEST_WINDOW = 1 << 27


class Plain(io.BufferedReader):
    """A file's plain bytes; a broken archive ends where it breaks, and `damage` says how."""

    raw: "_Unpacked | _File"

    @property
    def damage(self) -> str | None:
        """What was wrong where the bytes ended; None after a good end."""
        return self.raw.damage


class _Unpacked(io.RawIOBase):
    def __init__(self, packed: BinaryIO) -> None:
        self.damage: str | None = None
        self._packed = packed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        room = memoryview(buffer).cast("B")
        try:
            piece = self._packed.read1(min(len(room), _PIECE))  # type: ignore[attr-defined]
        except _DAMAGE as error:
            self.damage = str(error) or type(error).__name__
            return 0
        room[: len(piece)] = piece
        return len(piece)


class _File(io.FileIO):
    damage: str | None = None

    def readinto(self, buffer: "WriteableBuffer") -> int:
        try:
            return super().readinto(buffer) or 0
        except OSError as error:
            self.damage = str(error)
            return 0


class _Zstd:
    """Frames of zstd one after the other; unlike the library's reader it notices a missing end."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        self._frame = self._unpacker.decompressobj()
        self._plain = memoryview(b"")
        self._is_within = False

    def read1(self, size: int) -> bytes:
        """Return some bytes, at most `size`; none at the end. Raises EOFError within a frame."""
        while not self._plain:
            packed = self._packed.read(_ZSTD_PIECE)
            if not packed and self._is_within:
                raise EOFError("the archive has no end")
            if not packed:
                return b""
            self._plain = memoryview(self._unpack(packed))
        piece, self._plain = self._plain[:size], self._plain[size:]
        return bytes(piece)

    def _unpack(self, packed: bytes) -> bytes:
        plain = []
        while packed:
            plain.append(self._frame.decompress(packed))
            self._is_within = not self._frame.eof
            packed = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame = self._unpacker.decompressobj()
        return b"".join(plain)


@contextmanager
def open_plain(path: Path) -> Iterator[Plain]:
    """Open the file for reading, unpacked: .gz and .zst are known by their content."""
    with path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        if magic.startswith(GZIP):
            yield Plain(_Unpacked(cast("BinaryIO", gzip.GzipFile(fileobj=file))), _PIECE)
        elif magic == ZSTD:
            yield Plain(_Unpacked(cast("BinaryIO", _Zstd(file))), _PIECE)
        else:
            with _File(path) as plain:
                yield Plain(plain, _PIECE)


def head(path: Path, size: int = 1 << 16) -> bytes:
    """Return the first bytes of the unpacked file; fewer where the file is short or broken."""
    with open_plain(path) as stream:
        return stream.read(size)
