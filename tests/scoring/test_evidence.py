"""Windows and sums worked out by hand."""

from datetime import timedelta
from pathlib import Path

import numpy as np
from tests.scoring.conftest import MONDAY, receipts

from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.evidence import Evidence


def kept(rules: list[Rule], days: int, losses: list[int], window: int = 28) -> Evidence:
    """Return the evidence of so many days on which one person overrides these amounts."""
    evidence = Evidence(rules, window)
    for day in range(days):
        frame = receipts(day, [{"operator_id": "1", "override_minor": loss} for loss in losses])
        evidence.add(frame, judge(rules, frame))
        evidence.close(MONDAY + timedelta(day), {})
    return evidence


def test_days_beyond_the_window_are_forgotten(overrides: Rule) -> None:
    evidence = kept([overrides], 31, [100, 0, 0])
    # by hand: 28 days, one hit each
    assert evidence.hits[0].key.size == 28
    fired = evidence.fired(evidence.hits[0].key)
    assert fired["day"].to_list() == [MONDAY + timedelta(day) for day in range(3, 31)]


def test_a_hit_knows_its_unit_however_units_move(overrides: Rule) -> None:
    evidence = Evidence([overrides], 28)
    for day, people in enumerate(["5", "314", "2718"]):
        rows = [{"operator_id": one, "override_minor": 9} for one in people]
        frame = receipts(day, rows)
        evidence.add(frame, judge([overrides], frame))
        evidence.close(MONDAY + timedelta(day), {})
    ledger, hits = evidence.chances.ledgers["operator_key"], evidence.hits[0]
    assert hits.key.size == 8
    np.testing.assert_array_equal(ledger.key[hits.unit], hits.key)


def test_the_last_week_begins_after_its_eve(overrides: Rule) -> None:
    evidence = kept([overrides], 10, [100])
    assert evidence.last_week() == MONDAY + timedelta(2)


def test_dear_hits_are_those_above_four_fifths_of_all(overrides: Rule) -> None:
    evidence = kept([overrides], 1, [*range(100, 1100, 100)])
    # by hand: of 100, 200 … 1,000 the 0.8 quantile (higher) is 900; one hit lies above it
    assert evidence.dear(0).loss_minor.tolist() == [1000]


def test_dear_is_told_apart_by_format_and_currency(overrides: Rule) -> None:
    kinds = [("USD", "mall"), ("USD", "corner"), ("EUR", None)]
    rows = [
        {"operator_id": "1", "override_minor": 10**kind + n, "currency": money, "format": form}
        for kind, (money, form) in enumerate(kinds)
        for n in range(6)
    ]
    frame = receipts(0, rows)
    evidence = Evidence([overrides], 28)
    evidence.add(frame, judge([overrides], frame))
    evidence.close(MONDAY, {})
    # by hand: of six, the 0.8 quantile (higher) is the fifth; one lies above it in each kind
    assert evidence.dear(0).loss_minor.tolist() == [6, 15, 105]


def test_receipts_are_found_by_the_subject_they_accuse(overrides: Rule) -> None:
    evidence = Evidence([overrides], 28)
    rows = [{"operator_id": one, "override_minor": 100} for one in ("1", "2", "1")]
    frame = receipts(0, rows)
    evidence.add(frame, judge([overrides], frame))
    evidence.close(MONDAY, {})
    mine = frame["operator_key"].to_numpy()[:1]
    assert evidence.fired(mine)["transaction_id"].to_list() == ["0-0", "0-2"]
    assert evidence.fired_on([0], MONDAY).size == 2
    assert evidence.fired_on([0], MONDAY + timedelta(1)).size == 0


def test_ordinary_amounts_of_an_extreme_rule_are_not_kept(returns: Rule) -> None:
    rows = [{"customer_id": f"c{n}", "returned_minor": 2**n} for n in range(3, 33)]
    frame = receipts(0, rows)
    evidence = Evidence([returns], 28)
    evidence.add(frame, judge([returns], frame))
    evidence.close(MONDAY, {})
    # by hand: a hundredth of thirty is less than ten, and ten are kept
    assert evidence.hits[0].measure.min() == 2.0**23
    assert evidence.fired(frame["customer_key"].to_numpy()).height == 10


def test_saved_and_loaded_it_is_the_same(overrides: Rule, tmp_path: Path) -> None:
    evidence = kept([overrides], 3, [100, 0])
    evidence.save(tmp_path)
    loaded = Evidence([overrides], 28)
    loaded.restore(tmp_path)
    keys = evidence.hits[0].key
    assert loaded.fired(keys).equals(evidence.fired(keys))
    for kept_, was in zip(loaded.hits[0], evidence.hits[0], strict=True):
        np.testing.assert_array_equal(kept_, was)
    assert loaded.alike == evidence.alike
    assert loaded.chances.totals.equals(evidence.chances.totals)
    assert loaded.chances.heard == evidence.chances.heard
