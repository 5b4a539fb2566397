"""Marks: every scheme of the table is a real one."""

from shrinkwatch.cases import marks
from shrinkwatch.records.scheme import scheme_ids


def test_every_marked_scheme_is_known() -> None:
    assert marks._PARTS.keys() - scheme_ids() == set()


def test_schemes_of_no_part_mark_nothing() -> None:
    assert marks.parts(("receiving_short",)) == frozenset()
