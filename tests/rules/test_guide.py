"""The guide's rule is a rule, and it does what the guide says."""

import re
from pathlib import Path

from shrinkwatch.rules.book import read_rules, shipped_rules
from shrinkwatch.rules.examples import failures
from shrinkwatch.rules.rule import Rule, frame_columns, parse_rule

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "rules.md"


def test_the_rule_in_the_guide_can_be_used_as_it_stands():
    (text,) = re.findall(r"```toml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    rule = parse_rule(text, frame_columns())
    assert failures(rule, frame_columns()) == []


def test_the_guide_explains_every_key_of_a_rule():
    text = GUIDE.read_text("utf-8")
    keys = [key for key in Rule.__struct_fields__ if f"`{key}`" not in text]
    assert [key for key in keys if f"`[[{key}]]`" not in text] == []


def test_the_guides_constants_are_those_of_rules_that_exist():
    known = {rule.id for rule in read_rules([shipped_rules()]).rules}
    table = GUIDE.read_text("utf-8").split("## Constants")[1].split("\n## ")[0]
    for name in re.findall(r"`([a-z_]+?)(_\*)?`", table):
        assert any(id_.startswith(name[0]) for id_ in known), name
