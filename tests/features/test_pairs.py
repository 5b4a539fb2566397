"""Who met whom, against a dictionary of every meeting."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from shrinkwatch.features.declared import WEEK_S
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_FLAG
from shrinkwatch.features.pairs import Asked, Pairs

MEETINGS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(0, 3)), min_size=1, max_size=60
)


def asked(one: ArrayLike, other: ArrayLike, week: ArrayLike) -> Asked:
    people, others = np.array(one, dtype=np.uint64), np.array(other, dtype=np.uint64)
    everyone: NDArray[np.bool_] = np.ones(people.size, dtype=np.bool_)
    return Asked(people, others, np.array(week) * WEEK_S, everyone, others)


def met(pairs: Pairs, meetings: list[tuple[int, int, int]]) -> tuple[list[bool], list[int]]:
    found = pairs.meet(asked(*zip(*meetings, strict=True)))
    return [bool(first) for first in found.first], found.tx_28d.tolist()


@settings(max_examples=60, deadline=None)
@given(MEETINGS)
def test_first_meetings_and_counts_are_what_a_dictionary_says(
    meetings: list[tuple[int, int, int]],
) -> None:
    week, timed = 2_900, []
    for one, other, step in meetings:
        week += step
        timed.append((one, other, week))
    first, count = met(Pairs(), timed)
    for i, (one, other, now) in enumerate(timed):
        before = [w for a, b, w in timed[:i] if (a, b) == (one, other)]
        assert first[i] == (not before or now - max(before) >= 8)
        of_weeks = [sum(w == now - back for w in before) for back in range(4)]
        assert count[i] == sum(min(weekly, 15) for weekly in of_weeks)


def test_pairs_are_remembered_while_the_table_grows() -> None:
    rng = np.random.default_rng(3)
    people, cards = rng.integers(1, 2**60, (2, 40_000)).astype(np.uint64)
    pairs = Pairs(members=2)
    size = pairs.table.size
    pairs.meet(asked(people, cards, [2_900] * people.size))
    again = pairs.meet(asked(people, cards, [2_901] * people.size))
    assert pairs.table.size > size
    assert pairs.sets.shape[0] == pairs.table.size
    assert pairs.taken == np.count_nonzero(pairs.table)
    # the promised error: under 1 in 1,000 loses its place to a full bucket
    assert again.first.mean() < 0.001
    assert (again.others_28d[again.first == 0] == 1).all()


def test_beyond_its_limit_the_table_forgets_and_goes_on() -> None:
    rng = np.random.default_rng(3)
    people, cards = rng.integers(1, 2**60, (2, 40_000)).astype(np.uint64)
    pairs = Pairs(most=1 << 13)
    pairs.meet(asked(people, cards, [2_900] * people.size))
    again = pairs.meet(asked(people[-1_000:], cards[-1_000:], [2_900] * 1_000))
    assert pairs.table.size == 1 << 13
    assert 0.05 < again.first.mean() < 0.95


def test_cards_with_one_loyalty_id_at_one_operator_are_counted() -> None:
    pairs = Pairs(members=4)
    shown = asked([7] * 5, [1] * 5, [2_900] * 5)._replace(
        third=np.array([5, 6, 5, 0, 7], np.uint64)
    )
    assert pairs.meet(shown).others_28d.tolist() == [0, 1, 2, 2, 2]


def test_nobody_meets_nobody() -> None:
    found = Pairs().meet(asked([0], [1], [2_900]))
    assert (found.first[0], found.tx_28d[0]) == (UNKNOWN_FLAG, UNKNOWN_32)
