import msgspec
import pytest

from shrinkwatch.rules.examples import failures
from shrinkwatch.rules.rule import Example, frame_columns

KNOWN = frame_columns()
EXAMPLE = Example(
    "a void",
    {"type": "sale", "cash_minor": 500, "voided_lines": 2, "voided_minor": 1999},
    "fires",
    loss_minor=1999,
)


@pytest.fixture
def rule_with(a_rule):
    return lambda *examples: msgspec.structs.replace(a_rule(), example=examples)


def test_an_example_that_comes_true_is_no_failure(rule_with):
    assert failures(rule_with(EXAMPLE), KNOWN) == []


def test_an_example_that_does_not_come_true_is_told(rule_with):
    wrong = msgspec.structs.replace(EXAMPLE, expect="quiet", loss_minor=1)
    assert failures(rule_with(wrong), KNOWN) == [
        "dear_void: a void: should be quiet, is fires",
        "dear_void: a void: loss should be 1, is 1999",
    ]


def test_a_measure_that_is_another_is_told(a_rule):
    example = msgspec.structs.replace(EXAMPLE, measure=3.0)
    rule = a_rule(kind="extreme", measure="voided_minor", fires=None)
    assert failures(msgspec.structs.replace(rule, example=(example,)), KNOWN) == [
        "dear_void: a void: measure should be 3.0, is 1999.0",
    ]


def test_a_rule_without_examples_has_no_failures(rule_with):
    assert failures(rule_with(), KNOWN) == []
