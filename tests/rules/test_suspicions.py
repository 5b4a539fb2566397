"""Checks that every shipped rule inherits by lying in its folder."""

import numpy as np
import polars as pl
import pytest

from shrinkwatch.records.scheme import scheme
from shrinkwatch.rules.book import read_rules, shipped_rules
from shrinkwatch.rules.condition import expression
from shrinkwatch.rules.examples import example_frame, failures
from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import frame_columns

BOOK = read_rules([shipped_rules()])
EVERY = pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)


def test_every_file_is_a_rule():
    assert BOOK.refused == ()
    assert len(BOOK.rules) == len(list(shipped_rules().glob("*.toml")))


@EVERY
def test_its_worked_examples_come_true(rule):
    assert failures(rule, frame_columns()) == []


@EVERY
def test_it_shows_a_receipt_that_fires_and_one_that_does_not(rule):
    expected = {example.expect for example in rule.example}
    assert "fires" in expected
    assert expected & {"quiet", "aside"}


@EVERY
def test_it_says_where_it_comes_from(rule):
    assert f"List of schemes, {scheme(rule.scheme).number}" in rule.source


@EVERY
def test_it_says_what_would_excuse_it(rule):
    assert rule.exonerating
    assert all(one.sentence.endswith(".") for one in rule.exonerating)


@EVERY
def test_its_subject_is_an_actor_of_its_scheme(rule):
    if rule.kind == "count":
        assert rule.subject in scheme(rule.scheme).actors


@EVERY
def test_what_fires_was_exposed_by_columns_that_the_features_compute(rule):
    for sql, _ in rule.conditions.values():
        assert set(expression(sql).meta.root_names()) <= frame_columns().keys()


def test_the_twelve_schemes_have_a_rule_that_is_on():
    watched = {scheme(rule.scheme).number for rule in BOOK.rules if rule.on}
    assert {1, 3, 5, 6, 13, 14, 15, 22, 23, 24, 27, 31} <= watched


def test_a_day_of_200_000_receipts_is_judged_as_its_receipts_are():
    examples = [example for rule in BOOK.rules for example in rule.example]
    few = example_frame(examples, frame_columns())
    times = 200_000 // few.height
    judged, once = judge(BOOK.rules, pl.concat([few] * times)), judge(BOOK.rules, few)
    np.testing.assert_array_equal(judged.fired, np.tile(once.fired, (times, 1)))
    np.testing.assert_array_equal(judged.loss_minor, np.tile(once.loss_minor, (times, 1)))


@pytest.mark.parametrize(
    "rule", [r for r in BOOK.rules if "NOT original_named" in (r.fires or "")], ids=lambda r: r.id
)
def test_who_lacks_a_receipt_is_asked_only_of_feeds_that_name_receipts(rule):
    receipts = example_frame(rule.example, frame_columns())
    untold = receipts.with_columns(original_named=pl.lit(None, dtype=pl.Boolean))
    assert judge((rule,), receipts).fired.any()
    assert not judge((rule,), untold).at_risk.any()
    assert "original" in rule.needs
