"""A table's columns are taken for what they are, today and when predicting."""

import numpy as np
import polars as pl
import pytest

from shrinkwatch.models.tables.columns import Category, Number, encode, learn_schema
from shrinkwatch.records.trouble import Refused

ROWS = 40


def frame(**columns: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def test_numbers_small_numbers_and_words_are_told_apart() -> None:
    found = learn_schema(
        frame(
            amount=[f"{row},5" for row in range(20)] * 2,
            kind=["1", "2"] * 20,
            pay=["none", "cash"] * 20,
        )
    )
    assert found.numbers == (
        Number("amount", comma=True),
        Number("kind", values=(1.0, 2.0)),
    )
    assert found.categories == (Category("pay", ("cash", "none")),)


def test_empty_cells_are_missing_and_none_is_an_answer() -> None:
    table = frame(
        a=["1.5", "NA", "?", "", None] * 7 + ["2.5"] * 5, b=["none", "n/a", "x", "null", None] * 8
    )
    encoded, _ = encode(table, learn_schema(table))
    np.testing.assert_array_equal(encoded.numbers[:5, 0], [1.5, *[np.nan] * 4])
    assert learn_schema(table).categories == (Category("b", ("none", "x")),)
    assert encoded.codes[:5, 0].tolist() == [0, -1, 1, -1, -1]


def test_what_only_names_a_row_is_ignored_with_the_reason() -> None:
    table = frame(
        policy=[str(row) for row in range(ROWS)],
        record_id=[str(row * 10_007) for row in range(ROWS)],
        text=[f"receipt {row}" for row in range(ROWS)],
        cents=[str(row * row * 10_007) for row in range(ROWS)],
        same=["EUR"] * ROWS,
    )
    found = learn_schema(table)
    assert [column.name for column in found.ignored] == ["policy", "record_id", "text", "same"]
    assert found.ignored[0].why == "every row has its own number"
    assert [column.name for column in found.numbers] == ["cents"]
    assert "policy" in learn_schema(table, ["policy"]).names


def test_a_lacking_column_is_named() -> None:
    schema = learn_schema(frame(a=["1", "2"] * 5, b=["x", "y"] * 5))
    with pytest.raises(Refused, match="lacks b"):
        encode(frame(a=["1"]), schema)


def test_unseen_categories_and_words_for_numbers_are_missing_and_said() -> None:
    schema = learn_schema(frame(a=["1", "2"] * 5, b=["x", "y"] * 5))
    encoded, notes = encode(frame(b=["z", "x"], a=["two", "2"]), schema)
    assert np.isnan(encoded.numbers[0, 0])
    assert encoded.numbers[1, 0] == 2.0
    assert encoded.codes[:, 0].tolist() == [-1, 0]
    assert notes == [
        "a: 1 cells are no numbers; taken as missing",
        "b: 1 categories not learned from: z",
    ]
