"""Windows and sums worked out by hand."""

from datetime import timedelta
from pathlib import Path

import polars as pl
from tests.scoring.conftest import MONDAY, receipts

from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.evidence import Evidence
from shrinkwatch.scoring.seen import exposures, firings


def kept(rules: list[Rule], days: int, losses: list[int], window: int = 28) -> Evidence:
    """Return the evidence of so many days on which one person overrides these amounts."""
    evidence = Evidence(window)
    for day in range(days):
        frame = receipts(day, [{"operator_id": "1", "override_minor": loss} for loss in losses])
        judged = judge(rules, frame)
        evidence.add(exposures(frame, judged), firings(frame, judged))
        evidence.close(MONDAY + timedelta(day), rules)
    return evidence


def test_days_beyond_the_window_are_forgotten(overrides: Rule) -> None:
    evidence = kept([overrides], 31, [100, 0, 0])
    # by hand: 28 days of three receipts, one of them a hit
    assert evidence.total.select("exposed", "hits").rows() == [(84, 28)]
    assert evidence.fired().height == 28


def test_the_last_week_is_a_view_of_its_own(overrides: Rule) -> None:
    views = kept([overrides], 10, [100, 0, 0]).views()
    assert views.select("exposed", "exposed_week", "hits_week").rows() == [(30, 21, 7)]


def test_dear_hits_are_those_above_four_fifths_of_all(overrides: Rule) -> None:
    views = kept([overrides], 1, [*range(100, 1100, 100)]).views()
    # by hand: of 100, 200 … 1,000 the 0.8 quantile (higher) is 900; one hit lies above it
    assert views.select("hits", "hits_dear").rows() == [(10, 1)]


def test_ordinary_amounts_of_an_extreme_rule_are_not_kept(returns: Rule) -> None:
    rows = [{"customer_id": f"c{n}", "returned_minor": 2**n} for n in range(3, 33)]
    frame = receipts(0, rows)
    judged = judge([returns], frame)
    evidence = Evidence(28)
    evidence.add(exposures(frame, judged), firings(frame, judged))
    evidence.close(MONDAY, [returns])
    # by hand: a hundredth of thirty is less than ten, and ten are kept
    assert evidence.fired()["measure"].min() == 2.0**23
    assert evidence.fired().height == 10


def test_saved_and_loaded_it_is_the_same(overrides: Rule, tmp_path: Path) -> None:
    evidence = kept([overrides], 3, [100, 0])
    evidence.save(tmp_path)
    loaded = Evidence.load(tmp_path, 28)
    assert loaded.fired().equals(evidence.fired())
    order = ["rule", "key", "group", "store"]
    assert loaded.views().sort(order).equals(evidence.views().sort(order))
    assert pl.concat(loaded.open_cells).is_empty()
