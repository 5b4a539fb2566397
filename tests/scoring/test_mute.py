"""What a mute silences, and what it leaves."""

from datetime import timedelta

import pytest
from tests.scoring.conftest import MONDAY, receipts

from shrinkwatch.records.mute import Mute
from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.mute import silence

ROWS = [
    {"operator_id": "1", "store_id": "S1", "override_minor": 500, "focus_sku": "apple"},
    {"operator_id": "2", "store_id": "S2", "override_minor": 500, "focus_sku": "pear"},
]


@pytest.mark.parametrize(
    ("named", "left"),
    [
        ({"store": "S1"}, [False, True]),
        ({"sku": "pear"}, [True, False]),
        ({"subject": "2"}, [True, False]),
        ({"rule": "overrides"}, [False, False]),
        ({"rule": "another"}, [True, True]),
        ({"store": "S1", "sku": "pear"}, [True, True]),
        ({"store": "S1", "since": MONDAY + timedelta(1)}, [True, True]),
    ],
)
def test_only_what_a_mute_names_in_full_is_silent(
    overrides: Rule, named: dict[str, object], left: list[bool]
) -> None:
    frame = receipts(0, ROWS)
    mute = Mute(until=MONDAY + timedelta(7), because="known", **named)  # type: ignore[arg-type]
    hushed = silence(frame, judge([overrides], frame), [mute])
    assert hushed.fired[:, 0].tolist() == left
    assert hushed.at_risk[:, 0].tolist() == left
