import gzip
from pathlib import Path

import pytest
import zstandard

from shrinkwatch.intake.opening import head, open_plain


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_the_plain_bytes_come_out_whatever_the_name_says(tmp_path: Path, pack: type) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(pack(b"hello\n" * 100_000))
    with open_plain(path) as stream:
        assert stream.read() == b"hello\n" * 100_000
        assert stream.damage is None
    assert head(path, 7) == b"hello\nh"


@pytest.mark.parametrize("raw", [b"\x1f\x8b garbage", b"\x28\xb5\x2f\xfd garbage"])
def test_a_broken_archive_ends_and_says_why(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(raw)
    with open_plain(path) as stream:
        assert stream.read() == b""
        assert stream.damage
