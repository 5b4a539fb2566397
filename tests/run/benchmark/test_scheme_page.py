"""Every scheme at the till is hunted, played, hidden and mistaken for; the page says so."""

from pathlib import Path

import pytest

from shrinkwatch.features.catalogue import schema
from shrinkwatch.run.benchmark.scheme_page import SchemeSheet, page, scheme_sheets

ROOT = Path(__file__).resolve().parents[3]
TILL = (*range(1, 10), *range(11, 20), *range(21, 32), 40, 41)
"""The numbers of the schemes that a till's records can show."""

SHEETS = scheme_sheets()


def test_every_scheme_at_the_till_is_played() -> None:
    assert tuple(one.number for one in SHEETS) == TILL


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda one: one.id)
def test_a_scheme_has_a_rule_a_theft_an_evasion_and_a_lookalike(sheet: SchemeSheet) -> None:
    assert sheet.rules
    assert set(sheet.features) <= set(schema())
    assert (ROOT / sheet.file).is_file()
    assert sheet.plain.how.endswith(".")
    assert sheet.evasion
    assert sheet.evasive.how.endswith(".")
    assert sheet.evasive.how != sheet.plain.how
    assert sheet.lookalikes


def test_a_rule_that_is_off_is_listed_in_parentheses() -> None:
    sheet = next(one for one in SHEETS if not all(one.rules.values()))
    said = page([sheet])
    for id_, on in sheet.rules.items():
        assert (f"(`{id_}`)" in said) is not on
        assert f"`{id_}`" in said


def test_the_page_in_the_docs_has_them_all() -> None:
    text = (ROOT / "docs" / "schemes.md").read_text("utf-8")
    assert [one.id for one in SHEETS if f"\n## {one.id}\n" not in text] == []
