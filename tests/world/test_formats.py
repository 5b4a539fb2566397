"""The kinds of shop."""

from itertools import pairwise

import pytest

from shrinkwatch.world.departments import DEPARTMENTS
from shrinkwatch.world.formats import FORMATS, MIX

EVERY = pytest.mark.parametrize("name", FORMATS)


@EVERY
def test_departments_are_known_and_their_shares_make_a_whole(name: str) -> None:
    shares = FORMATS[name].departments
    assert set(shares) <= set(DEPARTMENTS)
    assert sum(shares.values()) == pytest.approx(1.0)


@EVERY
def test_shifts_of_a_lane_follow_each_other_within_opening_hours(name: str) -> None:
    for lane in (*FORMATS[name].lanes, FORMATS[name].desk):
        ends = 0.0
        for begin, end in lane:
            assert ends <= begin < end <= 1.0
            ends = end


@EVERY
def test_the_first_lane_is_open_all_day(name: str) -> None:
    first = FORMATS[name].lanes[0]
    assert first[0][0] == 0.0
    assert first[-1][1] == 1.0
    assert all(a[1] == b[0] for a, b in pairwise(first))


@EVERY
def test_weekdays_average_to_about_one(name: str) -> None:
    assert sum(FORMATS[name].weekdays) / 7 == pytest.approx(1.0, abs=0.02)


def test_eight_stores_hold_every_kind() -> None:
    assert set(MIX) == set(FORMATS)
