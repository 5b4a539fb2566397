import polars as pl
import pytest

from shrinkwatch.records.batch import PARTS
from shrinkwatch.records.scheme import ACTOR_FIELDS, schemes
from shrinkwatch.records.tables import TABLE_COLUMNS
from shrinkwatch.rules.carried import NAMED_BY_LINE
from shrinkwatch.rules.condition import check
from shrinkwatch.rules.fields import alternatives, fields
from shrinkwatch.rules.rule import frame_columns


@pytest.mark.parametrize("field", fields().values(), ids=lambda field: field.name)
def test_a_field_is_told_by_columns_that_exist(field):
    parts: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {**PARTS, **TABLE_COLUMNS}
    columns = parts.get(field.part, {})
    if field.part == "transactions":
        columns = {**columns, NAMED_BY_LINE: pl.Boolean}
    assert columns or field.part in {"outside", "stores_named"}
    for sql in (field.of, field.given):
        if sql is not None:
            check(sql, columns, boolean=True)
    if field.shown is not None:
        check(field.shown, frame_columns(), boolean=True)


def test_every_field_that_a_scheme_names_is_known():
    named = {need for scheme in schemes() for need in (*scheme.needs, *scheme.helps)}
    named |= {need for need in ACTOR_FIELDS.values() if need is not None}
    assert {name for need in named for name in alternatives(need)} <= fields().keys()


def test_no_field_is_described_in_vain():
    named = {need for scheme in schemes() for need in (*scheme.needs, *scheme.helps)}
    named |= {need for need in ACTOR_FIELDS.values() if need is not None}
    assert fields().keys() <= {name for need in named for name in alternatives(need)}
