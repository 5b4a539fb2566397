from datetime import date

import numpy as np
import polars as pl
import pytest

from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.lift import lookalike_rows, stolen_named, stolen_rows, tally

SALE = {"type": "sale", "cash_minor": 500, "voided_lines": 0, "voided_minor": 0}
HIT = SALE | {"voided_lines": 1, "voided_minor": 900}


@pytest.fixture
def counted(a_rule, frame):
    """Of 20 receipts 4 fire; 3 of the 5 thefts are among them: lift (3/4) / (5/20) = 3."""
    judged = judge([a_rule()], frame(*[HIT] * 4, *[SALE] * 16))
    stolen = np.zeros(20, dtype=bool)
    stolen[[0, 1, 2, 10, 11]] = True
    desk = np.zeros(20, dtype=bool)
    desk[[2, 3, 4, 5]] = True
    return tally(judged, stolen, {"service_desk": desk})


def test_the_lift_is_the_share_of_thefts_where_it_fires_over_the_share_everywhere(counted):
    (found,) = counted.lifts()
    assert (found.exposed, found.fired, found.thefts) == (20, 4, 3)
    assert found.lift == pytest.approx(3.0)


def test_the_interval_is_jeffreys(counted):
    # scipy.stats.beta.ppf([.025, .975], 3.5, 1.5) = 0.2838, 0.9715: 3 thefts in 4 receipts
    (found,) = counted.lifts()
    assert found.low == pytest.approx(0.2838 / 0.25, abs=1e-3)
    assert found.high == pytest.approx(0.9715 / 0.25, abs=1e-3)
    assert found.tells


def test_a_lookalike_is_counted_without_the_thefts_among_it(counted):
    (found,) = counted.lifts()
    assert found.lookalikes == {"service_desk": pytest.approx(1 / 3)}


def test_tallies_add_up(counted):
    (twice,) = (counted + counted).lifts()
    assert (twice.exposed, twice.fired, twice.thefts) == (40, 8, 6)
    assert twice.lookalikes == {"service_desk": pytest.approx(1 / 3)}


def test_a_rule_that_never_fired_has_no_lift(a_rule, frame):
    judged = judge([a_rule()], frame(SALE, SALE))
    (found,) = tally(judged, np.array([True, False]), {}).lifts()
    assert np.isnan(found.lift)
    assert not found.tells


def test_of_an_extreme_rule_the_top_hundredth_counts(a_rule, frame):
    rule = a_rule(kind="extreme", fires=None, measure="voided_minor", at_risk="type = 'sale'")
    judged = judge([rule], frame(*[HIT | {"voided_minor": size} for size in range(200)]))
    assert tally(judged, np.zeros(200, dtype=bool), {}).fired.tolist() == [2]


def test_thefts_are_found_by_their_natural_key(frame):
    key = {"source": "till", "store_id": "1", "register_id": "2"}
    rows = frame(key | {"sequence": 7}, key | {"sequence": 8}, {"source": "till", "store_id": "2"})
    incidents = pl.DataFrame(
        [{"source": "till", "store_id": "1", "register_id": "2", "sequence": 8}] * 2
    )
    assert stolen_rows(rows, incidents).tolist() == [False, True, False]


def test_lookalikes_are_found_by_subject_store_and_day(frame):
    rows = frame(
        {"store_id": "1", "operator_id": "7"},
        {"store_id": "1", "operator_id": "8"},
        {"store_id": "2", "operator_id": "7"},
    ).with_columns(local_date=pl.Series([date(2026, 3, 2)] * 2 + [date(2026, 3, 9)]))
    sheet = pl.DataFrame(
        {
            "kind": ["new_starter", "new_starter", "outage"],
            "store_id": ["1", "2", "1"],
            "subject_type": ["operator", "operator", "store"],
            "subject_id": ["7", "7", None],
            "from": ["2026-03-01"] * 3,
            "to": ["2026-03-05"] * 3,
        }
    )
    found = lookalike_rows(rows, sheet)
    assert found["new_starter"].tolist() == [True, False, False]
    assert found["outage"].tolist() == [True, True, False]


def test_a_rule_that_names_an_earlier_receipt_hits_where_that_one_was_a_theft(a_rule, frame):
    rule = a_rule(receipt="drawer_receipt_key", at_risk="TRUE", fires="TRUE")
    rows = frame({"drawer_receipt_key": 8}, {"drawer_receipt_key": 9}, {"drawer_receipt_key": 0})
    stolen = np.array([False, False, True])
    named = stolen_named([rule], rows, stolen, np.array([9], dtype=np.uint64))
    assert named[0].tolist() == [False, True, True]
    assert tally(judge([rule], rows), stolen, {}, named).thefts.tolist() == [2]
