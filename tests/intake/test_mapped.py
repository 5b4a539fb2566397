import polars as pl
import pytest

from shrinkwatch.intake.mapped import field_kinds, json_value, mapped_sheet, moves_sheet
from shrinkwatch.intake.mapping import BadMapping, Mapping, Origin, parse_mapping
from shrinkwatch.records.transaction import Line, Transaction

MAPPING = parse_mapping(
    """
receipt = ["a"]
[file]
numbers = ["n"]
decimal = ","
empty = ["?"]
[transaction]
[line]
sku = { column = "a" }
extended = { column = "n" }
""",
    "m",
)
RAW = b'a;n;on\nx;"1.000,50";2026-03-02\n?;3;x\n'


def values(origin: Origin, mapping: Mapping = MAPPING) -> list[str | None]:
    return mapped_sheet(RAW, mapping)[0].text(origin, "entry").to_list()


def test_a_value_is_a_column_a_constant_or_computed() -> None:
    assert values(Origin(column="a")) == ["x", None]
    assert values(Origin(column="n")) == ["1000.50", "3"]
    assert values(Origin(value=True)) == ["true", "true"]
    assert values(Origin(sql="n * 2")) == ["2001", "6"]
    assert values(Origin(sql="'const'")) == ["const", "const"]
    assert values(Origin(column="on", empty=("x",))) == ["2026-03-02", None]


def test_spreadsheet_decimals_are_taken_off_only_where_asked() -> None:
    mapped, _ = mapped_sheet(b"id\n12.0\n1.5\nA\n", MAPPING)
    assert mapped.text(Origin(column="id", whole=True), "e").to_list() == ["12", "1.5", "A"]


def test_what_does_not_fit_the_file_is_named() -> None:
    with pytest.raises(BadMapping, match="no column 'b'; it has a, n, on"):
        values(Origin(column="b"))
    with pytest.raises(BadMapping, match="cannot be computed"):
        values(Origin(sql="missing + 1"))
    with pytest.raises(BadMapping, match="no \\[stock_moves\\]"):
        moves_sheet(RAW, MAPPING)


def test_a_text_that_does_not_fit_its_field_stays_for_the_reader_to_reject() -> None:
    texts = pl.Series(["2026-03-02", "x"])
    assert json_value(texts, "time", Origin(column="a")).to_list() == [
        "2026-03-02T00:00:00.000000",
        "x",
    ]
    assert json_value(pl.Series(["7.0", "x"]), "int", Origin(column="a")).to_list() == ["7", "x"]
    assert json_value(pl.Series(["Gift Card"]), "word", Origin(column="a")).to_list() == [
        "gift_card"
    ]


def test_the_kinds_of_the_contracts_fields_are_known() -> None:
    kinds = field_kinds(Transaction) | field_kinds(Line)
    assert [kinds[name] for name in ("net", "sequence", "training", "ended_at")] == [
        "decimal",
        "int",
        "bool",
        "time",
    ]
    assert [kinds[name] for name in ("business_date", "type", "sku")] == ["date", "word", "text"]
