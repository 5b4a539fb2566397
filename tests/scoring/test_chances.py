"""Chances worked out by hand on a handful of receipts."""

from datetime import date, timedelta

import numpy as np
import polars as pl
from msgspec.structs import replace
from tests.scoring.conftest import MONDAY, receipts

from shrinkwatch.models.extremes import bins
from shrinkwatch.records.batch import subject_key
from shrinkwatch.records.mute import Mute
from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.chances import Chance, Chances, shared

ROWS = [
    {"operator_id": "1", "store_id": "S1", "override_minor": 500},
    {"operator_id": "1", "store_id": "S1"},
    {"operator_id": "2", "store_id": "S2", "peer_group": None},
    {"operator_id": None, "store_id": "S3", "override_minor": 700},
]
NO_HITS = pl.DataFrame(schema={"rule": pl.UInt16, "group": pl.UInt64, "hits": pl.Int64})


def closed(rules: list[Rule], frame: pl.DataFrame, day: date = MONDAY) -> Chances:
    chances = Chances(rules, 28)
    chances.add(frame, judge(rules, frame))
    chances.close(day, NO_HITS, {})
    return chances


def test_chances_are_counted_per_person_and_nobody_is_left_out(overrides: Rule) -> None:
    crowd = closed([overrides], receipts(0, ROWS)).crowd("operator_key", 0)
    told = dict(zip(crowd.keys.tolist(), crowd.exposed.tolist(), strict=True))
    keys = {one: subject_key("operator", store, one) for one, store in (("1", "S1"), ("2", "S2"))}
    assert told == {keys["1"]: 2, keys["2"]: 1}


def test_only_stores_where_somebody_had_a_chance_count(overrides: Rule) -> None:
    assert closed([overrides], receipts(0, ROWS)).stores == 2


def test_rules_about_the_same_receipts_share_a_chance_unless_one_is_muted(
    overrides: Rule, returns: Rule
) -> None:
    rules = [overrides, returns, replace(overrides, id="another"), replace(returns, id="more")]
    customers = (Chance((1,), extreme=True), Chance((3,), extreme=True))
    assert shared(rules, ()) == {
        "operator_key": (Chance((0, 2), extreme=False),),
        "customer_key": customers,
    }
    mute = Mute(until=MONDAY, because="training", rule="another")
    assert shared(rules, [mute])["operator_key"] == (
        Chance((0,), extreme=False),
        Chance((2,), extreme=False),
    )


def test_the_group_of_an_amount_is_its_bin(returns: Rule) -> None:
    frame = receipts(0, [{"customer_id": "c", "returned_minor": 4096}])
    chances = closed([returns], frame)
    (bin_,) = bins(np.array([4096.0]))
    assert np.flatnonzero(chances.histogram(0)).tolist() == [bin_]
    crowd = chances.crowd("customer_key", 0)
    assert chances.of_extreme(crowd, np.array([0])) == ([bin_], [1])


def test_a_rule_that_no_receipt_put_at_risk_has_no_totals(overrides: Rule) -> None:
    silent = replace(overrides, id="silent", fires="operator_refunds_8h > 0")
    chances = closed([overrides, silent], receipts(0, ROWS))
    assert chances.heard == {0}
    assert chances.totals["rule"].unique().to_list() == [0]


def test_a_rule_whose_column_nobody_computed_has_no_chances(overrides: Rule, returns: Rule) -> None:
    frame = receipts(0, ROWS)
    assert "returned_minor" not in frame.columns
    chances = closed([overrides, returns], frame)
    assert chances.heard == {0}
    assert chances.crowd("customer_key", 0).keys.size == 0


def test_days_beyond_the_window_are_forgotten(overrides: Rule) -> None:
    chances, frame = Chances([overrides], 2), receipts(0, ROWS)
    for day in range(4):
        chances.add(frame, judge([overrides], frame))
        chances.close(MONDAY + timedelta(day), NO_HITS, {})
    # by hand: three receipts a day of somebody, two days
    assert chances.crowd("operator_key", 0).exposed.sum() == 6
    assert chances.totals["exposed"].sum() == 6
    assert chances.days() == [MONDAY + timedelta(2), MONDAY + timedelta(3)]
