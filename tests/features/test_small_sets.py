"""Distinct counts against Python's own sets."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.features.small_sets import count_distinct, forget_old, room_of
from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.tables import Tables

from .tills import at, batch_of, transaction

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


def test_people_who_practise_in_a_store_are_counted_for_two_days() -> None:
    rows = [
        transaction(transaction_id="1", operator_id="7", training=True),
        transaction(transaction_id="2", operator_id="8", training=True, ended_at=at(5)),
        transaction(transaction_id="3", operator_id="9", ended_at=at(6)),
        transaction(transaction_id="4", operator_id="7", training=True, ended_at=at(24 * 60)),
        transaction(transaction_id="5", operator_id="7", ended_at=at(72 * 60)),
    ]
    frame = FeatureStream.new(Tables()).advance(batch_of(*rows))
    assert frame["store_training_operators_2d"].to_list() == [0, 1, 2, 2, 0]
    assert frame["operator_since_training_s"].to_list() == [None, None, None, 86_400, 172_800]
