import logging

import pytest

from shrinkwatch.rules.book import load_rules, read_rules

RULE = """
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
source = "made up"
"""


@pytest.fixture
def folders(tmp_path):
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    shipped.mkdir()
    own.mkdir()
    (shipped / "dear_void.toml").write_text(RULE)
    return shipped, own


def test_a_users_rule_replaces_the_shipped_one_of_the_same_id(folders, caplog):
    (folders[1] / "dear_void.toml").write_text(RULE.replace("voided_lines > 0", "voided_lines > 3"))
    with caplog.at_level(logging.WARNING):
        (rule,) = load_rules(folders)
    assert rule.fires == "voided_lines > 3"
    assert "dear_void is replaced" in caplog.text


def test_a_broken_rule_is_refused_with_its_file_and_stops_nothing_else(folders, caplog):
    (folders[1] / "typo.toml").write_text(RULE.replace("fires", "firse"))
    with caplog.at_level(logging.WARNING):
        assert [rule.id for rule in load_rules(folders)] == ["dear_void"]
    assert "typo.toml" in caplog.text
    assert "firse" in caplog.text


def test_a_rule_whose_example_fails_is_refused(folders):
    example = '[[example]]\nname = "two"\nrow = {type = "sale", voided_lines = 2}\nexpect = "quiet"'
    (folders[1] / "dear_void.toml").write_text(RULE + example)
    book = read_rules(folders)
    assert book.refused[0].why == "dear_void: two: should be quiet, is fires"
    assert [rule.id for rule in book.rules] == ["dear_void"]
    assert book.replaced == ()


def test_a_file_is_named_after_its_rule(folders):
    (folders[1] / "other.toml").write_text(RULE)
    assert "called other, the rule dear_void" in read_rules(folders).refused[0].why


def test_a_rule_that_is_off_is_in_the_book_but_does_not_count(folders):
    (folders[0] / "dear_void.toml").write_text(f"on = false{RULE}")
    assert len(read_rules(folders).rules) == 1
    assert load_rules(folders) == ()


def test_a_folder_that_is_not_there_holds_no_rules(tmp_path):
    assert load_rules([tmp_path / "nowhere"]) == ()


def test_without_folders_the_shipped_rules_count():
    ids = [rule.id for rule in load_rules()]
    assert "post_void_rate" in ids
    assert "no_sale_rate" not in ids  # ships switched off
    assert ids == sorted(ids)
