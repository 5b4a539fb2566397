"""A table of keys finds what was put in, grows, and forgets when it is told to."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.journal.known_keys import KnownKeys

HASHES = st.lists(st.integers(1, 2**64 - 1), unique=True, max_size=50)


@given(HASHES, HASHES)
def test_finds_what_was_put_in_and_nothing_else(known, asked):
    table = KnownKeys()
    hashes = np.array(known, dtype=np.uint64)
    table.add(hashes, hashes // 3, most=1000)
    wanted = np.array([*known, *asked], dtype=np.uint64)
    found, missing = table.of(wanted)
    assert found.tolist() == [one // 3 if one in known else 0 for one in wanted.tolist()]
    assert missing.tolist() == [row for row, one in enumerate(wanted.tolist()) if one not in known]


def test_grows_and_forgets():
    table, many = KnownKeys(), np.arange(1, 10_001, dtype=np.uint64)
    for start in range(0, 10_000, 1000):
        some = many[start : start + 1000]
        table.add(some, some + 7, most=10_000)
    assert len(table) == 10_000
    assert (table.of(many)[0] == many + 7).all()
    table.add(many[:1] + 10_000, many[:1], most=10_000)
    assert len(table) == 1
    assert table.of(many)[1].size == 10_000
