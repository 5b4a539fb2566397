"""What a card did in four weeks, against a reference in plain Python that keeps every event."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.features import recents
from shrinkwatch.features.subjects import Subjects

WEEK = 7 * 24 * 3600 * 1_000_000
DAY = WEEK // 7

EVENTS = st.lists(
    st.tuples(
        st.integers(1, 3),  # card
        st.integers(0, 9 * 7),  # day
        st.booleans(),  # refund
        st.integers(0, 5_000),  # spent
        st.integers(0, 5_000),  # refunded
    ),
    min_size=1,
    max_size=40,
)


def remembered(events: list[tuple[int, int, bool, int, int]]) -> list[dict[str, Any]]:
    memory = Subjects(recents.PARTS)
    card, day, refund, spent, refunded = (np.array(v) for v in zip(*events, strict=True))
    slot = memory.slots(card.astype(np.uint64))
    at = 50 * WEEK + day * DAY
    ones = np.ones(card.size, dtype=np.int64)
    spending = recents.Spending(at, ones, refund.astype(np.int64), spent, refunded)
    columns = recents.advance("card", memory, slot, spending)
    return [{n: c[i].item() for n, c in columns.items()} for i in range(card.size)]


def by_hand(events: list[tuple[int, int, bool, int, int]]) -> list[dict[str, Any]]:
    """The same from every event: weeks since 1970, a subject's clock never running back."""
    rows = []
    for i, (card, day, *_) in enumerate(events):
        before = [event for event in events[:i] if event[0] == card]
        newest = max([day, *(event[1] for event in before)])
        week, last = newest // 7, max((event[1] for event in before), default=None)
        # a late event is learned only while its week was one of the newest four then
        learned = [
            e
            for k, e in enumerate(events[:i])
            if e[0] == card
            and max(f[1] for f in events[: k + 1] if f[0] == card) // 7 - e[1] // 7 < 4
            and week - e[1] // 7 < 4
        ]
        since = None if last is None or last > day else (day - last) * 86_400
        rows.append(
            {
                "card_tx_28d": len(learned),
                "card_refunds_28d": sum(e[2] for e in learned),
                "card_spent_minor_28d": sum(e[3] for e in learned),
                "card_refunded_minor_28d": sum(e[4] for e in learned),
                "card_balance_minor": sum(e[3] - e[4] for e in before),
                "card_spent_decayed_minor": pytest.approx(
                    sum(e[3] * 2 ** ((e[1] - newest) / 28) for e in before), abs=1e-6
                ),
                "card_since_tx_s": -(2**31) if since is None else since,
            }
        )
    return rows


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_four_weeks_and_the_balance_are_what_all_events_give(
    events: list[tuple[int, int, bool, int, int]],
) -> None:
    assert remembered(events) == by_hand(events)


def test_a_card_costs_at_most_two_hundred_bytes() -> None:
    from shrinkwatch.features.fold import Fold

    memory = Fold().subjects["card"]
    memory.slots(np.arange(1, 700_001, dtype=np.uint64))
    assert memory.nbytes() / 700_000 <= 200
