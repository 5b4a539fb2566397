"""What is positive is found out, or said why not."""

import polars as pl
import pytest

from shrinkwatch.models.tables.labels import read_labels
from shrinkwatch.records.trouble import Refused


def labels(*words: str | None) -> pl.DataFrame:
    return pl.DataFrame({"label": pl.Series(words, dtype=pl.String)})


def test_yes_is_positive_and_rows_without_a_label_are_left_out() -> None:
    found = read_labels(labels(*["1", None, "0", "NA"] * 12), "label")
    assert found.word == "1"
    assert found.known.tolist()[:4] == [0, 2, 4, 6]
    assert found.positive.tolist()[:4] == [True, False, True, False]


def test_yes_is_positive_even_if_more_frequent() -> None:
    assert read_labels(labels(*["true"] * 30, *["false"] * 10), "label").word == "true"


def test_of_other_words_the_rarer_is_positive() -> None:
    assert read_labels(labels(*["theft"] * 10, *["honest"] * 30), "label").word == "theft"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["0"] * 20, "of the other kind"),
        ([None] * 20, "label some rows"),
        (["0"] * 20 + ["1"] * 9, "only 9 rows have label = 1; label at least 10"),
        (["0", "1", "2"] * 10, "must have two"),
    ],
)
def test_too_little_to_learn_from_is_refused_with_the_cure(
    words: list[str | None], says: str
) -> None:
    with pytest.raises(Refused, match=says):
        read_labels(labels(*words), "label")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Refused, match="no column is called fraud; the table has label"):
        read_labels(labels("0"), "fraud")
