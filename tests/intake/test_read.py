"""Universal checks: every format of the folder inherits them."""

import gzip
import importlib
import io
import pickle
import pkgutil
import random
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.intake import formats
from shrinkwatch.intake.mapping import parse_mapping
from shrinkwatch.intake.read import NotReceipts, ReadBlock, blocks, read
from shrinkwatch.intake.token_key import TokenKey

KEY = TokenKey(bytes(32))
RECORD = (
    b'{"source":"pos","store_id":"S1","type":"no_sale","net":0,"currency":"EUR",'
    b'"ended_at":"2026-03-04T12:00:00Z","transaction_id":"%d"}\n'
)
FORMATS = sorted(module.name for module in pkgutil.iter_modules(formats.__path__))
ANY_COLUMNS = parse_mapping(
    'receipt = ["a"]\n[transaction]\n[line]\nsku = { column = "a" }\nextended = { column = "b" }',
    "m",
)


def all_of(path: Path) -> ReadBlock:
    whole = ReadBlock()
    for block in blocks(path):
        part = read(pickle.loads(pickle.dumps(block)), KEY)
        whole.transactions += part.transactions
        whole.rejects += part.rejects
    return whole


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=80, deadline=None)
@given(
    raw=st.binary(max_size=300)
    | st.text('{}[]":,\\<Transaction/>&; \n12', max_size=200).map(str.encode)
)
def test_any_bytes_end_as_records_or_rejects(name: str, raw: bytes) -> None:
    module = importlib.import_module(f"shrinkwatch.intake.formats.{name}")
    head = b"a,b\n" if name == "table" else b""
    for block in module.blocks(io.BytesIO(head + raw), "f", ANY_COLUMNS):
        assert isinstance(read(block, KEY), ReadBlock)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_a_file_is_read_whole_packed_or_not(tmp_path: Path, pack: type) -> None:
    path = tmp_path / "feed"
    path.write_bytes(pack(b"".join(RECORD % i for i in range(30_000))))
    found = all_of(path)
    assert [t.transaction_id for t in found.transactions] == [str(i) for i in range(30_000)]
    assert found.rejects == []


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_a_byte_order_mark_costs_no_record(tmp_path: Path, pack: type) -> None:
    path = tmp_path / "feed"
    path.write_bytes(pack(b"\xef\xbb\xbf" + RECORD % 1 + RECORD % 2))
    found = all_of(path)
    assert [t.transaction_id for t in found.transactions] == ["1", "2"]
    assert found.rejects == []


def test_several_packed_files_in_one_are_read_through(tmp_path: Path) -> None:
    path = tmp_path / "feed"
    for pack in (gzip.compress, zstandard.compress):
        path.write_bytes(pack(RECORD % 1) + pack(RECORD % 2))
        assert len(all_of(path).transactions) == 2


def test_a_shortened_archive_keeps_what_came_before_and_says_so(tmp_path: Path) -> None:
    noise = random.Random(7)
    lines = [RECORD % noise.getrandbits(60) for _ in range(30_000)]
    path = tmp_path / "feed"
    for pack in (gzip.compress, zstandard.compress):
        packed = pack(b"".join(lines))
        path.write_bytes(packed[: len(packed) * 2 // 3])
        found = all_of(path)
        assert 10_000 < len(found.transactions) < 30_000
        assert found.rejects[-1].reason == "damaged_file"


def test_a_file_that_is_none_of_ours_is_refused_before_the_first_block(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("Dear Sir,\nhello")
    with pytest.raises(NotReceipts, match="reads transactions as NDJSON"):
        next(blocks(path))
    path.write_text("a,b\n1,2\n")
    with pytest.raises(NotReceipts, match="shrinkwatch map"):
        next(blocks(path))
