"""A filter passes every key that is there, and few others."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.features.key_filter import marks_of, may_hold


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(1, 2**64 - 1), min_size=1, max_size=60))
def test_every_key_that_is_there_passes(keys: set[int]) -> None:
    ordered = np.array(sorted(keys), dtype=np.uint64)
    assert may_hold(ordered, marks_of(ordered)).all()


def test_nearly_every_key_that_is_not_there_is_stopped() -> None:
    keys = np.random.default_rng(1).integers(1, 2**64 - 1, 40_000, dtype=np.uint64)
    passed = may_hold(keys[20_000:], marks_of(np.sort(keys[:20_000])))
    assert passed.mean() < 0.03  # a filter of 12 bits a key in words of 64
