import pytest

from shrinkwatch.rules.rule import Rule, RuleError, frame_columns, parse_rule

KNOWN = frame_columns()
TEXT = """
id = "dear_void"
title = "Dear lines voided"
scheme = "late_line_void"
subject = "operator"
kind = "count"
at_risk = "type = 'sale'"
fires = "voided_lines > 0"
loss = "voided_minor"
sentence = "{hits} of {exposure} sales; peers: {typical}."
unit = "receipts"
severity = "low"
needs = ["lines.voided"]
source = "none: a made-up rule"

[[exonerating]]
when = "approver_key > 0"
sentence = "Another person approved it."

[[example]]
name = "a void"
row = { type = "sale", voided_lines = 1 }
expect = "fires"
"""


def test_a_rule_is_read_with_everything_it_says():
    rule = parse_rule(TEXT, KNOWN)
    assert isinstance(rule, Rule)
    assert rule.on is True
    assert rule.subject_column == "operator_key"
    assert rule.example[0].row == {"type": "sale", "voided_lines": 1}
    assert set(rule.conditions) == {"at_risk", "fires", "loss", "exonerating[0].when"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('unit = "receipts"', 'units = "receipts"', "units"),
        ('severity = "low"', 'severity = "grave"', "severity"),
        ('kind = "count"', 'kind = "guess"', "kind"),
        ('fires = "voided_lines > 0"', "", "fires"),
        ('loss = "voided_minor"', 'loss = "voided_minr"', "loss: .*'voided_minor'"),
        ('loss = "voided_minor"', 'loss = "training"', "loss: must give a number"),
        ("voided_lines > 0", "voided_lines + 1", "fires: must answer yes or no"),
        ('subject = "operator"', 'subject = "cashier"', "subject"),
        ('"late_line_void"', '"late_void"', "scheme: no scheme is called 'late_void'"),
        ('["lines.voided"]', '["lines.void"]', "needs: the contract has no field 'lines.void'"),
        ("{hits} of {exposure}", "{hits} of {all}", "sentence: cannot fill in {all}"),
        ("{hits} of {exposure}", "{exposure}", "sentence: must say {hits}"),
        ("approver_key > 0", "aprover_key > 0", r"exonerating\[0\].when: .*'approver_key'"),
        ("voided_lines = 1", "voided = 1", r"example\[0\].row: no feature is called 'voided'"),
        ('unit = "receipts"', 'unit = "receipts"\nmeasure = "net_minor"', "measure"),
        ("sentence = ", "sentence ", "not TOML"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_with_its_key(old, new, says):
    assert old in TEXT
    with pytest.raises(RuleError, match=says):
        parse_rule(TEXT.replace(old, new, 1), KNOWN)


def test_a_rule_of_what_is_known_compares_nothing_and_must_say_on_what():
    text = TEXT.replace('kind = "count"', 'kind = "known"')
    text = text.replace("{hits} of {exposure} sales; peers: {typical}.", "Seen {hits} times.")
    assert parse_rule(text, KNOWN).kind == "known"
    with pytest.raises(RuleError, match="fires"):
        parse_rule(text.replace('fires = "voided_lines > 0"', ""), KNOWN)
