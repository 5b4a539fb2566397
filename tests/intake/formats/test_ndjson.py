import io

import pytest

from shrinkwatch.intake.block import BLOCK_BYTES
from shrinkwatch.intake.contract_lines import read
from shrinkwatch.intake.formats import ndjson
from shrinkwatch.intake.refusal import KEPT_BYTES
from shrinkwatch.intake.token_key import TokenKey


def test_blocks_hold_whole_lines_and_count_their_places() -> None:
    lines = [b'{"a":%d,"b":"%s"}' % (i, b"x" * 900) for i in range(40_000)]
    found = list(ndjson.blocks(io.BytesIO(b"\n".join(lines)), "f"))
    assert len(found) > 2
    assert b"".join(b.raw for b in found).split(b"\n") == lines
    assert [lines[b.place - 1] for b in found] == [b.raw.split(b"\n")[0] for b in found]


@pytest.mark.parametrize("size", [10 << 20, 13 << 20, 30 << 20])
def test_a_line_of_ten_megabytes_costs_only_itself(size: int) -> None:
    raw = b'{"a":1}\n' + b"x" * size + b'\n{"b":2}\n'
    found = list(ndjson.blocks(io.BytesIO(raw), "f"))
    rejects = [reject for block in found for reject in read(block, TokenKey(bytes(32))).rejects]
    assert [(r.place, r.reason) for r in rejects] == [
        (1, "missing_field"),
        (2, "too_long"),
        (3, "missing_field"),
    ]
    assert [len(r.raw) for r in rejects] == [7, KEPT_BYTES, 7]
    assert max(len(b.raw) for b in found) < 4 * BLOCK_BYTES


def test_an_empty_file_has_no_blocks() -> None:
    assert list(ndjson.blocks(io.BytesIO(b""), "f")) == []
