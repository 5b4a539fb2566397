"""Whoever writes a rule finds the columns that it may name."""

from shrinkwatch.rules.rule import frame_columns
from shrinkwatch.run.rule_columns import rule_columns


def test_every_column_that_a_condition_may_name_is_listed() -> None:
    assert {one.name for one in rule_columns()} == set(frame_columns())


def test_a_word_lists_all_that_it_can_be() -> None:
    (status,) = (one for one in rule_columns("status") if one.name == "status")
    assert status.holds == "word"
    assert status.words == ("completed", "cancelled", "suspended", "resumed")


def test_columns_are_found_by_name_and_by_meaning() -> None:
    named = {one.name: one for one in rule_columns("Refunds_8h")}
    assert named["operator_refunds_8h"].unit == "transactions"
    assert "totaled_at" in {one.name for one in rule_columns("total key")}


def test_what_a_column_holds_is_told_in_a_word() -> None:
    holds = {one.name: one.holds for one in rule_columns()}
    assert holds["net_minor"] == "number"
    assert holds["training"] == "yes or no"
    assert holds["store_id"] == "text"
    assert holds["ended_at"] == "time"
    assert holds["business_date"] == "date"
