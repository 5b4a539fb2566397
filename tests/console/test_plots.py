"""Plots: the numbers behind the drawings, against SciPy's gamma distribution."""

from datetime import UTC, datetime, timedelta

import pytest
from scipy.stats import gamma

from shrinkwatch.console import plots


@pytest.mark.parametrize(
    ("value", "mean", "tail"), [(0.23, 0.012, 2.5e-5), (7, 1.4, 0.0021), (30, 1, 1e-12)]
)
def test_the_spread_has_the_peers_mean_and_the_stated_tail(
    value: float, mean: float, tail: float
) -> None:
    shape = plots.gamma_shape(value, mean, tail)
    assert shape is not None
    assert gamma(shape, scale=mean / shape).sf(value) == pytest.approx(tail, rel=1e-6)


@pytest.mark.parametrize(("value", "mean", "tail"), [(1, 2, 0.1), (1, 0, 0.01), (5, 1, 0.6)])
def test_where_no_such_spread_exists_nothing_is_drawn(
    value: float, mean: float, tail: float
) -> None:
    assert plots.peers(value, mean, tail) is None


def test_a_tail_beyond_numbers_is_still_drawn() -> None:
    drawn = plots.peers(74_215, 12, 0.0)
    assert drawn is not None
    assert drawn.typical_x < 1 < 500 < drawn.subject_x < plots.WIDTH


def test_bars_stand_on_the_axis_and_inside_the_drawing() -> None:
    drawn = plots.peers(7, 1.4, 0.0021)
    assert drawn is not None
    for bar in drawn.bars:
        assert bar.y + bar.height == pytest.approx(plots.PEERS_HEIGHT, abs=0.11)
        assert 0 <= bar.x <= plots.WIDTH


def test_a_receipt_stands_at_its_day_and_hour() -> None:
    start = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    noon = start + timedelta(days=3, hours=12)
    drawn = plots.timeline([(noon, "noon")], start, start + timedelta(days=6), UTC)
    by_hour = {tick.text: tick.at for tick in drawn.hours}
    by_day = {tick.text: tick.at for tick in drawn.days}
    dot = drawn.dots[0]
    assert dot.y == by_hour["12:00"]
    # ticks stand two days apart; noon of the 5th lies one and three quarters of that after the 2nd
    apart = by_day["4 Mar"] - by_day["2 Mar"]
    assert dot.x == pytest.approx(by_day["2 Mar"] + 1.75 * apart, abs=0.1)


def test_a_strip_shows_the_latest_weeks_and_leaves_the_unknown_empty() -> None:
    drawn = plots.strip([9.0] * 40 + [4.0] * 52 + [None])
    assert len(drawn.bars) == plots.STRIP_WEEKS - 1
    assert {bar.height for bar in drawn.bars} == {plots.STRIP_HEIGHT - 4}  # the 9 are too old
    assert drawn.none == ()


def test_a_strip_of_nothing_is_marks_only_and_of_no_weeks_empty() -> None:
    assert plots.strip([]) == plots.Strip((), ())
    nothing = plots.strip([0, 0])
    assert (nothing.bars, len(nothing.none)) == ((), 2)
    assert all(0 <= x <= plots.STRIP_WIDTH for x in nothing.none)
