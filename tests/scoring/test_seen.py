"""What is kept of a handful of receipts."""

import numpy as np
import polars as pl
from tests.scoring.conftest import receipts

from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.seen import FIRED, firings

ROWS = [
    {"operator_id": "1", "override_minor": 500, "approver_key": 9},
    {"operator_id": "1", "override_minor": 0},
    {"operator_id": "2", "override_minor": 0},
    {"operator_id": None, "override_minor": 700},
]


def test_a_receipt_that_fired_keeps_its_key_its_loss_and_what_excuses_it(overrides: Rule) -> None:
    frame = receipts(0, ROWS)
    units = {"operator_key": np.array([4, 4, 5, -1])}
    fired = firings(frame, judge([overrides], frame), units)
    assert fired.schema == pl.Schema(FIRED)
    assert fired.select("transaction_id", "unit", "loss_minor", "excused").rows() == [
        ("0-0", 4, 500, 1)
    ]


def test_the_token_of_a_card_is_found_among_the_tenders(overrides: Rule) -> None:
    frame = receipts(0, [{"operator_id": "1", "override_minor": 500, "card_key": 77}])
    tenders = pl.DataFrame(
        {"tx": [0, 0], "card_token": [None, "tok"], "card_key": [0, 77]},
        schema={"tx": pl.UInt32, "card_token": pl.String, "card_key": pl.UInt64},
    )
    judged = judge([overrides], frame)
    units = {"operator_key": np.zeros(1, dtype=np.int64)}
    assert firings(frame, judged, units, tenders)["card_token"].to_list() == ["tok"]
    assert firings(frame, judged, units)["card_token"].to_list() == [None]
