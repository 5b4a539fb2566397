"""How often a rule saw the like on closed days, counted by hand."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.scoring.conftest import MONDAY, Row, receipts

from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.evidence import Evidence
from shrinkwatch.scoring.usual import Usual, is_extreme, usual

NOTHING: list[Row] = [{"returned_minor": 0}]


def closed(rule: Rule, *days: Sequence[Row]) -> Evidence:
    """Return the evidence of these days; the last one is still open."""
    evidence = Evidence([rule], 28)
    for number, rows in enumerate(days):
        if number:
            evidence.close(MONDAY + timedelta(number - 1), {})
        frame = receipts(number, rows)
        evidence.add(frame, judge([rule], frame))
    return evidence


def cashier(*overrides: int) -> list[Row]:
    return [{"operator_id": "104", "override_minor": minor} for minor in overrides]


def test_hits_and_chances_of_closed_days_are_counted_and_not_of_the_open_one(
    overrides: Rule,
) -> None:
    evidence = closed(overrides, cashier(*[0] * 30, 100), cashier(*[0] * 20), cashier(100, 100))
    assert usual(evidence, 0, 0.0) == Usual(1, 51)


def test_with_fewer_than_fifty_chances_nothing_is_usual(overrides: Rule) -> None:
    assert usual(closed(overrides, cashier(*[0] * 49), NOTHING), 0, 0.0) is None
    assert usual(closed(overrides, cashier(*[0] * 50), NOTHING), 0, 0.0) == Usual(0, 50)


@pytest.mark.parametrize(("amount", "hits"), [(400, 60), (1_000, 10), (8_000, 0)])
def test_of_extremes_those_as_large_are_counted(returns: Rule, amount: int, hits: int) -> None:
    sizes = [500] * 50 + [4_000] * 10
    rows = [{"customer_id": f"c{n}", "returned_minor": size} for n, size in enumerate(sizes)]
    assert usual(closed(returns, rows, NOTHING), 0, float(amount)) == Usual(hits, 60)


def test_one_more_must_be_within_the_top_hundredth() -> None:
    # by hand: (0 + 1) of (99 + 1) is a hundredth, (0 + 1) of (98 + 1) is more
    assert is_extreme(Usual(0, 99))
    assert not is_extreme(Usual(0, 98))
    assert not is_extreme(Usual(1, 198))
    assert is_extreme(Usual(1, 199))
