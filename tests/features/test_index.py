"""The index against a dictionary."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.features.index import Index, index_of

KEYS = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), max_size=50)


@settings(max_examples=60, deadline=None)
@given(st.lists(KEYS, max_size=5))
def test_slots_are_numbered_in_order_of_first_appearance(batches: list[list[int]]) -> None:
    index, reference = Index(), dict[int, int]()
    for batch in batches:
        slots = index.slots(np.array(batch, dtype=np.uint64))
        for key in batch:
            if key:
                reference.setdefault(key, len(reference))
        assert slots.tolist() == [reference[key] if key else -1 for key in batch]
    assert index.keys().tolist() == list(reference)


def test_it_grows_and_keeps_its_numbers() -> None:
    keys = np.arange(1, 100_001, dtype=np.uint64) * np.uint64(7_919)
    index = index_of(keys)
    assert index.used == keys.size
    assert index.nbytes() / keys.size <= 20
    assert (index.slots(keys) == np.arange(keys.size)).all()


def test_a_key_that_was_never_added_is_not_found() -> None:
    index = index_of(np.array([5, 9], dtype=np.uint64))
    assert index.find(np.array([9, 0, 7, 5], dtype=np.uint64)).tolist() == [1, -1, -1, 0]
