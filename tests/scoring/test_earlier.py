"""Which receipt an alert shows, where what happened became known only with a later one."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.scoring.conftest import MONDAY, OVERRIDES, receipts

from shrinkwatch.features.drawers import MEMORY_DAYS
from shrinkwatch.records.batch import subject_key
from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule, RuleError, frame_columns, parse_rule
from shrinkwatch.scoring.evidence import Evidence

OPERATOR = subject_key("operator", "S1", "7")


@pytest.fixture
def short() -> Rule:
    text = OVERRIDES.replace("override_minor > 0", "drawer_over_minor < 0")
    text = text.replace("status = 'completed'", "drawer_over_minor IS NOT NULL")
    return parse_rule('receipt = "drawer_receipt_key"\n' + text, frame_columns())


def day(number: int, named: int = 0, over: int | None = None) -> pl.DataFrame:
    """Return a day on which the operator signs on, told of a count, and signs off."""
    told = {"operator_id": "7", "drawer_over_minor": None, "drawer_receipt_key": 0}
    told |= {"register_id": "1", "business_date": MONDAY + timedelta(number), "sequence": 1}
    on = told | {"type": "sign_on", "drawer_over_minor": over, "drawer_receipt_key": named}
    off = told | {"type": "sign_off", "sequence": 90, "loyalty_id": None}
    return receipts(number, [on | {"loyalty_id": "L"}, off])


def seen(evidence: Evidence, rule: Rule, frames: list[pl.DataFrame]) -> Evidence:
    for number, frame in enumerate(frames):
        evidence.add(frame, judge([rule], frame))
        evidence.close(MONDAY + timedelta(number), {})
    return evidence


def shown(evidence: Evidence) -> list[tuple[object, ...]]:
    fired = evidence.fired(np.array([OPERATOR], dtype=np.uint64))
    return fired.select("transaction_id", "sequence", "day", "loyalty_id").rows()


def test_the_sign_off_is_shown_in_the_place_of_the_sign_on_that_told_the_count(short: Rule) -> None:
    frames = [day(0), day(1), day(2, subject_key("tx", 0, 1), -1_240)]
    found = shown(seen(Evidence([short], 28), short, frames))
    assert found == [("0-1", 90, MONDAY + timedelta(2), None)]


def test_a_receipt_that_is_not_known_any_more_is_not_put_in(short: Rule) -> None:
    days = MEMORY_DAYS + 2
    frames = [day(0), *(day(n) for n in range(1, days)), day(days, subject_key("tx", 0, 1), -5)]
    found = shown(seen(Evidence([short], 28), short, frames))
    assert found == [(f"{days}-0", 1, MONDAY + timedelta(days), "L")]


def test_saved_and_restored_it_shows_the_same(short: Rule, tmp_path: Path) -> None:
    frames = [day(0), day(1, subject_key("tx", 0, 1), -1_240)]
    whole = seen(Evidence([short], 28), short, frames)
    before = Evidence([short], 28)
    before.add(frames[0], judge([short], frames[0]))
    before.save(tmp_path / "open")
    after = Evidence([short], 28)
    after.restore(tmp_path / "open")
    after.close(MONDAY, {})
    after.save(tmp_path / "closed")
    last = Evidence([short], 28)
    last.restore(tmp_path / "closed")
    last.add(frames[1], judge([short], frames[1]))
    last.close(MONDAY + timedelta(1), {})
    asked = np.array([OPERATOR], dtype=np.uint64)
    assert_frame_equal(whole.fired(asked), last.fired(asked))


def test_a_rule_can_only_name_a_column_of_keys() -> None:
    with pytest.raises(RuleError, match="receipt: no column 'drawer_over_minor' holds the key"):
        parse_rule('receipt = "drawer_over_minor"\n' + OVERRIDES, frame_columns())
