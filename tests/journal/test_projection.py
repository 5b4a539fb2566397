"""Picking columns of a batch."""

import pytest

from shrinkwatch.journal.projection import project, wanted_columns
from shrinkwatch.records.batch import PARTS, Batch


def test_nothing_asked_for_is_everything():
    assert wanted_columns("lines", None) == list(PARTS["lines"])
    batch = Batch.empty()
    assert project(batch, None) is batch


def test_children_always_say_whose_they_are():
    assert wanted_columns("lines", {"lines": ["sku"]}) == ["tx", "sku"]
    assert wanted_columns("lines", {"lines": ["sku", "tx"]}) == ["sku", "tx"]
    assert wanted_columns("transactions", {"transactions": ["net_minor"]}) == ["net_minor"]


def test_an_unknown_column_is_named():
    with pytest.raises(KeyError, match="colour"):
        wanted_columns("lines", {"lines": ["colour"]})
