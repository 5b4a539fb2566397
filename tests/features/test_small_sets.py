"""Distinct counts against Python's own sets."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.features.small_sets import count_distinct, forget_old, room_of

SIZE, SPAN = 4, 7
SEEN = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=60)


def counted(who: list[int], hops: list[int]) -> list[int]:
    counts = np.full(len(who), -1, dtype=np.int32)
    count_distinct(
        np.zeros(len(who), dtype=np.int64),
        np.array(who, dtype=np.uint64),
        np.array(hops) * 100,
        100,
        room_of(2, SIZE, SPAN),
        np.zeros((1, SIZE + 2), dtype=np.uint32),
        counts,
    )
    return counts.tolist()


@settings(max_examples=80, deadline=None)
@given(SEEN)
def test_it_is_the_size_of_the_set_up_to_its_limit(seen: list[tuple[int, int]]) -> None:
    hop, who, hops = 5_000, [], []
    for member, step in seen:
        hop += step
        who.append(member)
        hops.append(hop)
    for i, count in enumerate(counted(who, hops)):
        lately = {w for w, h in zip(who[:i], hops[:i], strict=True) if w and h > hops[i] - SPAN}
        assert count == min(len(lately), SIZE)


def test_old_members_are_forgotten_before_their_stamps_come_round() -> None:
    sets = np.array([[(9 << 12) | 100, (8 << 12) | 190]], dtype=np.uint32)
    forget_old(200, 50, sets, room_of(0, 2, 7))
    assert sets.tolist() == [[0, (8 << 12) | 190]]
