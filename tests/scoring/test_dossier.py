"""A case in numbers: what happened, among whom, and nothing that anybody answered."""

from dataclasses import replace
from datetime import date, timedelta
from math import log

import polars as pl
import pytest
from tests.scoring.conftest import MONDAY
from tests.scoring.test_document import case as bare
from tests.scoring.test_document import person

from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.document import Case
from shrinkwatch.scoring.dossier import FEATURES, RISING, WHO, columns, dossiers

ROW = {
    "rule": 0,
    "exposed": 50,
    "hits": 4,
    "expected": 1.0,
    "tail": 0.001,
    "log_factor": 3.0,
    "loss_minor": 400,
}
DAY = MONDAY + timedelta(3)


def case(rule: Rule, rows: list[dict[str, object]], *weighed: dict[str, object]) -> Case:
    found = bare(rule, "operator", rows)
    dated = found.fired.with_columns(day=pl.lit(DAY))
    verdict = replace(found.verdict, probability=0.5, rules=weighed or (ROW,))
    return replace(found, verdict=verdict, fired=dated, fresh=dated)


def test_a_case_says_who_it_is_and_what_the_rules_say(overrides: Rule) -> None:
    found = dossiers([case(overrides, [person()])], [overrides], DAY).row(0, named=True)
    assert (found["day"], found["subject"], found["key"]) == (DAY, "operator", 77)
    assert (found["week"], found["store_id"]) == (MONDAY, "S1")
    assert (found["scheme"], found["probability"], found["log_odds"]) == ("price_override", 0.5, 0)
    assert found["strongest"] == 3.0
    assert found["second"] == 0.0
    assert found["hits"] == pytest.approx(log(5))
    assert found["excess"] == pytest.approx(log(5) - log(2))
    assert found["surprise"] == pytest.approx(3.0)


def test_shares_are_of_the_receipts_each_counted_once(overrides: Rule) -> None:
    rows = [
        person() | {"customer_id": "c1", "focus_sku": "tea", "approver_key": 5},
        person() | {"customer_id": "c1", "focus_sku": "tea"},
        person() | {"customer_id": "c2", "focus_sku": None},
        person() | {"customer_id": None, "focus_sku": None},
    ]
    found = dossiers([case(overrides, rows)], [overrides], DAY).row(0, named=True)
    assert found["with_customer"] == pytest.approx(0.75)
    assert found["one_customer"] == pytest.approx(0.5)
    assert found["one_article"] == pytest.approx(0.5)
    assert found["excused"] == pytest.approx(0.25)
    assert (found["days"], found["span"]) == (pytest.approx(log(2)), 0.0)


def test_what_no_receipt_tells_is_unknown_and_not_none_of_it(overrides: Rule) -> None:
    found = dossiers([case(overrides, [person()])], [overrides], DAY).row(0, named=True)
    assert found["one_approver"] is None
    assert found["with_customer"] == 0.0


def test_others_who_stand_out_that_day_are_counted(overrides: Rule) -> None:
    alone = dossiers([case(overrides, [person()])], [overrides], DAY)
    mine, other = case(overrides, [person()]), case(overrides, [person("S2")])
    both = dossiers([mine, mine, other], [overrides], DAY)
    assert alone.select("leads_in_store", "alike_in_chain").row(0) == (0.0, 0.0)
    assert both["leads_in_store"].to_list() == pytest.approx([log(2), log(2), 0.0])
    assert both["alike_in_chain"].to_list() == pytest.approx([log(3)] * 3)


def test_a_day_without_cases_has_the_columns_all_the_same(overrides: Rule) -> None:
    nothing = dossiers([], [overrides], date(2026, 3, 1))
    assert nothing.height == 0
    assert nothing.columns == [*WHO, *columns(["price_override"])]
    assert nothing.schema["of_price_override"] == pl.Float32


def test_every_feature_has_words_and_known_signs_are_features() -> None:
    assert set(FEATURES) >= RISING
    assert all(text and not text.endswith(".") for text in FEATURES.values())
