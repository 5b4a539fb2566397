"""Counts worked out by hand on a handful of receipts."""

import numpy as np
import polars as pl
from tests.scoring.conftest import receipts

from shrinkwatch.models.extremes import bins
from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.seen import FIRED, exposures, firings

ROWS = [
    {"operator_id": "1", "override_minor": 500, "approver_key": 9},
    {"operator_id": "1", "override_minor": 0},
    {"operator_id": "2", "override_minor": 0},
    {"operator_id": None, "override_minor": 700},
]


def test_exposures_and_hits_are_counted_per_person_and_nobody_is_left_out(overrides: Rule) -> None:
    frame = receipts(0, ROWS)
    cells = exposures(frame, judge([overrides], frame)).sort("exposed")
    assert cells["exposed"].to_list() == [1, 2]
    assert cells["hits"].to_list() == [0, 1]
    assert 0 not in cells["key"].to_list()


def test_a_receipt_that_fired_keeps_its_key_its_loss_and_what_excuses_it(overrides: Rule) -> None:
    frame = receipts(0, ROWS)
    fired = firings(frame, judge([overrides], frame))
    assert fired.schema == pl.Schema(FIRED)
    assert fired.select("transaction_id", "loss_minor", "excused").rows() == [("0-0", 500, 1)]


def test_the_group_of_an_amount_is_its_bin(returns: Rule) -> None:
    frame = receipts(0, [{"customer_id": "c", "returned_minor": 4096}])
    cells = exposures(frame, judge([returns], frame))
    assert cells["group"].to_list() == bins(np.array([4096.0])).tolist()


def test_the_token_of_a_card_is_found_among_the_tenders(overrides: Rule) -> None:
    frame = receipts(0, [{"operator_id": "1", "override_minor": 500, "card_key": 77}])
    tenders = pl.DataFrame(
        {"tx": [0, 0], "card_token": [None, "tok"], "card_key": [0, 77]},
        schema={"tx": pl.UInt32, "card_token": pl.String, "card_key": pl.UInt64},
    )
    judged = judge([overrides], frame)
    assert firings(frame, judged, tenders)["card_token"].to_list() == ["tok"]
    assert firings(frame, judged)["card_token"].to_list() == [None]
