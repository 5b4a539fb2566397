"""By which name a subject goes, and which receipts stand in its alert."""

from datetime import date

import numpy as np
from tests.scoring.conftest import receipts

from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.document import Case, identify
from shrinkwatch.scoring.seen import firings
from shrinkwatch.scoring.verdict import Verdict


def case(rule: Rule, kind: str, rows: list[dict[str, object]]) -> Case:
    frame = receipts(3, rows)
    units = {rule.subject_column: np.zeros(frame.height, dtype=np.int64)}
    fired = firings(frame, judge([rule], frame), units)
    return Case(Verdict(kind, 77, 0.9, {rule.scheme: 0.9}, (), 5_000.0), fired, fired)


def person(store: str = "S1") -> dict[str, object]:
    return {"operator_id": "7", "store_id": store, "override_minor": 100, "card_key": 77}


def test_an_operator_is_somebody_in_a_store(overrides: Rule) -> None:
    found = identify(case(overrides, "operator", [person("S2"), person("S2"), person("S1")]))
    assert (found.type, found.id, found.store_id) == ("operator", "7", "S2")


def test_a_card_without_a_token_goes_by_its_key(overrides: Rule) -> None:
    found = identify(case(overrides, "card", [person()]))
    assert (found.id, found.store_id) == (f"{77:016x}", None)


def test_a_receipt_goes_by_its_natural_key(overrides: Rule) -> None:
    assert identify(case(overrides, "receipt", [person()])).id == "3-0"


def test_a_case_opens_in_the_week_of_its_newest_receipt(overrides: Rule) -> None:
    found = case(overrides, "operator", [person()])
    assert (found.opens_on, found.week) == (date(2026, 3, 5), date(2026, 3, 2))


def test_who_crosses_stores_takes_from_the_chains_budget(overrides: Rule) -> None:
    assert case(overrides, "operator", [person("S1"), person("S2")]).store is None
    assert case(overrides, "operator", [person("S1")]).store == "S1"


def test_value_is_probability_times_loss(overrides: Rule) -> None:
    assert case(overrides, "operator", [person()]).value == 4_500.0
