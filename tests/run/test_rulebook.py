"""Rules of a workspace: shipped, the users' own, and switched by settings."""

from pathlib import Path

import pytest

from shrinkwatch.records.trouble import Misconfigured
from shrinkwatch.rules.book import shipped_rules
from shrinkwatch.run.rulebook import read_book, rules_on
from shrinkwatch.run.settings import RuleChoice, Settings

ONE = "void_then_no_sale"


def test_a_rule_switched_off_does_not_count(tmp_path: Path) -> None:
    every = {rule.id for rule in rules_on(tmp_path, Settings())}
    fewer = {rule.id for rule in rules_on(tmp_path, Settings(rules=RuleChoice(off=(ONE,))))}
    assert every - fewer == {ONE}


def test_a_rule_that_ships_switched_off_can_be_switched_on(tmp_path: Path) -> None:
    off = [rule.id for rule in read_book(tmp_path, Settings()).rules if not rule.on]
    settings = Settings(rules=RuleChoice(on=tuple(off)))
    assert {rule.id for rule in rules_on(tmp_path, settings)} >= set(off)


def test_a_users_rule_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    text = (shipped_rules() / f"{ONE}.toml").read_text("utf-8")
    (tmp_path / "rules" / f"{ONE}.toml").write_text(text, "utf-8")
    assert read_book(tmp_path, Settings()).replaced == (ONE,)


def test_a_rule_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=f"did you mean {ONE}"):
        rules_on(tmp_path, Settings(rules=RuleChoice(off=("void_then_nosale",))))
