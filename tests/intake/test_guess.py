import polars as pl
import pytest

from shrinkwatch.intake.guess import guess_columns, letters_of_returns, no_goods, restarts


def sheet(**columns: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def test_names_in_several_languages_are_understood() -> None:
    found = guess_columns(
        sheet(Beleg=["1"], Datum=["02.03.2026"], Menge=["2"], Einzelpreis=["1,50"])
    )
    assert {field: columns[0] for field, columns in found.fields.items()} == {
        "transaction_id": "Beleg",
        "ended_at": "Datum",
        "quantity": "Menge",
        "list_price": "Einzelpreis",
    }
    assert (found.decimal, found.formats) == (",", ("%d.%m.%Y",))


def test_a_name_is_not_believed_when_the_values_say_otherwise() -> None:
    found = guess_columns(sheet(quantity=["red", "blue"], date=["x", "y"]))
    assert found.fields == {}


@pytest.mark.parametrize(
    ("written", "pattern", "unsure"),
    [
        ("2026-03-02 10:15:00", "%Y-%m-%d %H:%M:%S%.f", False),
        ("02/13/2026", "%m/%d/%Y", False),
        ("13/02/2026 10:15", "%d/%m/%Y %H:%M", False),
        ("02/03/2026", "%d/%m/%Y", True),
        ("20260302", "%Y%m%d", False),
    ],
)
def test_the_way_that_times_are_written_is_told(written: str, pattern: str, unsure: bool) -> None:
    found = guess_columns(sheet(timestamp=[written]))
    assert (found.formats, found.day_first_unsure) == ((pattern,), unsure)


def test_numbers_that_begin_anew_are_noticed() -> None:
    rows = sheet(no=["1", "1", "2", "2"], day=["a", "b", "a", "b"], shop=["x", "x", "x", "x"])
    assert restarts(rows, "no", "day")
    assert not restarts(rows, "no", "shop")


def test_a_letter_that_only_returns_have_is_noticed() -> None:
    rows = sheet(no=["101", "C102", "103"])
    assert letters_of_returns(rows, "no", pl.Series([False, True, False])) == "C"
    assert letters_of_returns(rows, "no", pl.Series([True, False, False])) is None


def test_codes_unlike_the_others_may_be_no_goods() -> None:
    codes: list[str | None] = [str(n) for n in range(1000, 1100)]
    assert no_goods(sheet(sku=[*codes, "POST", "C2", "POST"]), "sku") == ["POST", "C2"]
    assert no_goods(sheet(sku=["APPLE", "PEAR", "FIG"]), "sku") == []
