import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.intake.cells import ROW, decoded, guess_separator, read_sheet


def rows(raw: bytes) -> list[tuple[object, ...]]:
    return read_sheet(raw).frame.rows()


def test_cells_stay_the_texts_that_they_were() -> None:
    assert rows(b"a,b\n0012,1.10\n ,x \n") == [("0012", "1.10", 1), (None, "x", 2)]


def test_parquet_cells_become_texts_too() -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"a": [1, None], "b": [2.5, 3.0], "c": [[1], [2]]}).write_parquet(buffer)
    assert rows(buffer.getvalue()) == [("1", "2.5", 1), (None, "3.0", 2)]


@pytest.mark.parametrize("bad", [b"1,2,3", b'"x,2', b'1,"x"y'])
def test_a_broken_row_costs_only_itself(bad: bytes) -> None:
    sheet = read_sheet(b"a,b\n1,2\n" + bad + b'\n3,4\n5,"6\n7"\n')
    assert sheet.frame.rows() == [("1", "2", 1), ("3", "4", 3), ("5", "6\n7", 4)]
    assert [(number, raw) for number, raw, _ in sheet.broken] == [(2, bad)]


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a;b\n1,5;2\n", ";"),
        ("a\tb\n1\t2", "\t"),
        ("a|b\n", "|"),
        ('"a;b",c\n1,2\n', ","),
        ("", ","),
    ],
)
def test_the_separator_is_guessed_from_the_lines(text: str, separator: str) -> None:
    assert guess_separator(text) == separator


@pytest.mark.parametrize("name", ["*", " * ", "^.*$", "^a$"])
def test_a_name_that_would_stand_for_several_columns_is_none(name: str) -> None:
    assert read_sheet(f"a,{name}\n1,2\n".encode()).frame.rows() == [("1", "2", 1)]
    buffer = io.BytesIO()
    pl.DataFrame({"a": ["1"], name: ["2"]}).write_parquet(buffer)
    assert read_sheet(buffer.getvalue()).frame.columns == ["a", "column 2", ROW]


def test_names_are_made_different() -> None:
    assert read_sheet(b"a,,a, b \n1,2,3,4\n").frame.columns[-2:] == ["b", ROW]
    assert len(set(read_sheet(b"a,,a,a_\n1,2,3,4,5\n").frame.columns)) == 5


def test_other_encodings_are_read() -> None:
    assert decoded("ä".encode("utf-16")) == "ä"
    assert decoded(b"\xef\xbb\xbf\xc3\xa4") == "ä"
    assert decoded(b"\xe4") == "ä"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=120) | st.text('a,;"\n1.|\t', max_size=60).map(str.encode))
def test_any_bytes_make_a_sheet(raw: bytes) -> None:
    for content in (raw, b"PAR1" + raw):
        sheet = read_sheet(content)
        assert sheet.frame.columns[-1] == ROW
