"""What a card did in four weeks, against a reference in plain Python that keeps every event."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.features.arrays import by_name
from shrinkwatch.features.recents import Recents, Spending

WEEK = 7 * 24 * 3600 * 1_000_000
DAY = WEEK // 7

Event = tuple[int, int, bool, int, int]
SUMS = {
    *("tx_28d", "refunds_28d", "spent_minor_28d", "refunded_minor_28d"),
    *("balance_minor", "spent_decayed_minor", "since_tx_s", "spent_ratio_28d"),
}
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


def remembered(events: list[Event], memory: Recents | None = None) -> list[dict[str, Any]]:
    card, day, refund, spent, refunded = (np.array(v) for v in zip(*events, strict=True))
    ones, nobody = np.ones(card.size, dtype=np.int64), np.zeros(card.size, dtype=np.uint64)
    at = 50 * WEEK + day * DAY
    spending = Spending(at, ones, refund.astype(np.int64), spent, refunded, nobody, nobody)
    found = by_name((memory or Recents()).advance("card", card.astype(np.uint64), spending))
    return [{name: found[f"card_{name}"][i].item() for name in SUMS} for i in range(card.size)]


def by_hand(events: list[Event]) -> list[dict[str, Any]]:
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
        mean = sum(e[3] for e in learned) / len(learned) if learned else 0
        rows.append(
            {
                "tx_28d": len(learned),
                "spent_ratio_28d": pytest.approx(
                    events[i][3] / mean if mean > 0 else math.nan, nan_ok=True
                ),
                "refunds_28d": sum(e[2] for e in learned),
                "spent_minor_28d": sum(e[3] for e in learned),
                "refunded_minor_28d": sum(e[4] for e in learned),
                "balance_minor": sum(e[3] - e[4] for e in before),
                "spent_decayed_minor": pytest.approx(
                    sum(e[3] * 2 ** ((e[1] - newest) / 28) for e in before), abs=1e-6
                ),
                "since_tx_s": -(2**31) if since is None else since,
            }
        )
    return rows


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_four_weeks_and_the_balance_are_what_all_events_give(events: list[Event]) -> None:
    assert remembered(events) == by_hand(events)


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.sets(st.integers(1, 3)), st.integers(2**31 - 9_000, 2**40))
def test_sums_too_large_for_a_narrow_cell_stay_exact(
    events: list[Event], large: set[int], scale: int
) -> None:
    # the amounts stay below 2^53, so that the reference's decayed sum is exact enough to compare
    grown = [(c, day, r, s * scale if c in large else s, p) for c, day, r, s, p in events]
    for found, expected in zip(remembered(grown), by_hand(grown), strict=True):
        decayed = expected.pop("spent_decayed_minor").expected
        assert found.pop("spent_decayed_minor") == pytest.approx(decayed, rel=1e-9, abs=1e-3)
        assert found == expected


def test_a_card_number_that_everybody_uses_is_counted_beyond_65535() -> None:
    events = [(1, 0, True, 1, 0)] * 70_000
    last = remembered(events)[-1]
    assert (last["tx_28d"], last["refunds_28d"], last["spent_minor_28d"]) == (69_999,) * 3


def test_many_large_spenders_are_told_apart_after_the_idle_are_forgotten() -> None:
    memory = Recents()
    remembered([(card, card % 2, False, card * 2**33, 0) for card in range(1, 101)], memory)
    memory.forget_idle(50 * WEEK + DAY)
    again = remembered([(card, 2, False, 0, 0) for card in range(1, 101)], memory)
    assert memory.used == 50
    kept = [card * 2**33 if card % 2 else 0 for card in range(1, 101)]
    assert [row["spent_minor_28d"] for row in again] == kept


def test_a_card_costs_at_most_150_bytes() -> None:
    memory = Recents()
    memory.subjects.slots(np.arange(1, 700_001, dtype=np.uint64))
    assert memory.nbytes() / 700_000 <= 150
