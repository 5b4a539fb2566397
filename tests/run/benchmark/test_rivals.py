"""The rivals flag what their definitions say, counted by hand."""

from collections import Counter
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from shrinkwatch.rules.judge import Firings, Judgement
from shrinkwatch.rules.rule import frame_columns, parse_rule
from shrinkwatch.run.benchmark.rivals import fixed_multiple, isolation_forest, raise_alerts
from shrinkwatch.run.benchmark.weekly import WEEKS, Weekly

SUNDAY = date(2026, 3, 8)
TEXT = """
id = "{id}"
title = "Prices overridden"
scheme = "price_override"
subject = "operator"
kind = "{kind}"
at_risk = "status = 'completed'"
fires = "override_minor > 0"
{measure}
loss = "override_minor"
sentence = "{{hits}} of {{exposure}}; peers: {{typical}}; {{value}}."
unit = "receipts"
severity = "medium"
needs = []
source = "made up for this test"
"""
RULES = (
    parse_rule(TEXT.format(id="overrides", kind="count", measure=""), frame_columns()),
    parse_rule(
        TEXT.format(id="large", kind="extreme", measure='measure = "override_minor"'),
        frame_columns(),
    ),
)


def week_of(hits: dict[str, int]) -> Weekly:
    """Return a week in which each operator had ten receipts, of which so many fired."""
    weekly = Weekly(RULES)
    see(weekly, hits)
    return weekly


def see(weekly: Weekly, hits: dict[str, int]) -> None:
    """Let it hear ten receipts of each operator, of which so many fired, at 5.00 each."""
    who = [name for name in hits for _ in range(10)]
    keys = [key for key in range(1, len(hits) + 1) for _ in range(10)]
    fired = np.array([place < many for many in hits.values() for place in range(10)])
    rows = len(who)
    frame = pl.DataFrame(
        {
            "source": ["till"] * rows,
            "store_id": ["S1"] * rows,
            "register_id": ["1"] * rows,
            "business_date": [SUNDAY] * rows,
            "sequence": list(range(rows)),
            "transaction_id": pl.Series([None] * rows, dtype=pl.String),
            "arrived_at": [datetime(2026, 3, 8, 12, tzinfo=UTC)] * rows,
            "operator_id": who,
            **{
                name: pl.Series([None] * rows, dtype=pl.String)
                for name in ("approver_id", "customer_id", "loyalty_id", "focus_sku")
            },
            "card_key": pl.Series([0] * rows, dtype=pl.UInt64),
            "operator_key": pl.Series(keys, dtype=pl.UInt64),
            "peer_group": pl.Series([1] * rows, dtype=pl.UInt32),
        }
    )
    both = np.column_stack([fired, np.ones(rows, dtype=np.bool_)])
    place, row = np.nonzero(both.T)
    judgement = Judgement(
        rules=RULES,
        at_risk=np.ones((rows, 2), dtype=np.bool_),
        firings=Firings(place, row, np.full(row.size, 500)),
        measure=np.full((rows, 2), np.nan),
        lacking={},
        shown={},
    )
    weekly.see(frame, judgement)


def test_a_week_counts_each_subject_under_rules_that_count() -> None:
    weekly = week_of({"A": 3, "B": 0})
    see(weekly, {"A": 1, "B": 1})
    week, fired = weekly.close_week(SUNDAY)
    assert sorted(week.rows()) == [(0, 1, 1, 20, 4), (0, 2, 1, 20, 1)]
    assert Counter(fired["operator_id"]) == {"A": 4, "B": 1}
    assert fired["rule"].unique().to_list() == [0]


def test_receipts_are_remembered_for_four_weeks_and_counts_for_one() -> None:
    weekly = week_of({"A": 2})
    weekly.close_week(SUNDAY)
    for _ in range(WEEKS - 1):
        week, fired = weekly.close_week(SUNDAY)
        assert (week.height, fired.height) == (0, 2)
    assert weekly.close_week(SUNDAY)[1].is_empty()


@pytest.mark.parametrize(
    ("hits", "flagged"),
    [
        # 100 receipts, 8 hits: a mean of 0.8 in ten, three times of which is 2.4
        ({"A": 3, "B": 2, **dict.fromkeys("CDE", 1), **dict.fromkeys("FGHIJ", 0)}, [1]),
        # 60 receipts, 1 hit: six times the mean, but a single one
        ({"A": 1, **dict.fromkeys("BCDEF", 0)}, []),
    ],
)
def test_three_times_the_mean_and_two_hits_are_flagged(
    hits: dict[str, int], flagged: list[int]
) -> None:
    week, fired = week_of(hits).close_week(SUNDAY)
    assert [flag.key for flag in fixed_multiple(week, fired, RULES)] == flagged


def test_the_dearest_is_flagged_first() -> None:
    week, fired = week_of(
        {"A": 4, "B": 5, **dict.fromkeys("CDEFGHIJKLMNOPQRSTUVWX", 0)}
    ).close_week(SUNDAY)
    flags = fixed_multiple(week, fired, RULES)
    assert [(flag.key, flag.worth) for flag in flags] == [(2, 2500.0), (1, 2000.0)]


def test_the_forest_finds_the_one_who_is_unlike_all_others() -> None:
    hits = dict.fromkeys((f"P{n}" for n in range(30)), 1) | {"thief": 9}
    week, _ = week_of(hits).close_week(SUNDAY)
    assert isolation_forest(week, RULES)[0].key == 31


def test_of_few_operators_the_forest_says_nothing() -> None:
    week, _ = week_of({"A": 9, **dict.fromkeys("BCDEFGHI", 1)}).close_week(SUNDAY)
    assert isolation_forest(week, RULES) == []


def test_five_alerts_a_store_are_raised_with_every_receipt_that_fired() -> None:
    hits = dict.fromkeys("ABCDEFG", 4) | {f"P{n}": 0 for n in range(60)}
    week, fired = week_of(hits).close_week(SUNDAY)
    flags = fixed_multiple(week, fired, RULES)
    alerts = [one for _, one in raise_alerts(flags, fired, SUNDAY)]
    assert (len(flags), len(alerts)) == (7, 5)
    first = alerts[0]
    assert first.actor == ("operator", "A", "S1")
    assert first.keys == tuple(("till", "S1", "1", "2026-03-08", str(n)) for n in range(4))
    assert first.updated_at == datetime(2026, 3, 8, 12, tzinfo=UTC)
