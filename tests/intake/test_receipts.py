from typing import Any

import polars as pl
import pytest

from shrinkwatch.intake.cells import ROW
from shrinkwatch.intake.mapped import mapped_sheet
from shrinkwatch.intake.mapping import parse_mapping
from shrinkwatch.intake.receipts import ORIGINAL, receipts_of

TOML = """
receipt = ["no"]
[file]
numbers = ["qty", "price", "amount", "tax"]
[transaction]
transaction_id = { column = "no" }
[line]
sku = { column = "sku" }
"""
HEADER = "no,sku,qty,price,amount,tax,voided\n"


def receipts(rows: str, line: str, more: str = "") -> pl.DataFrame:
    toml = TOML.replace("[line]", f"{more}\n[line]") + line
    mapped, _ = mapped_sheet((HEADER + rows).encode(), parse_mapping(toml, "m"))
    return receipts_of(mapped, ",")


def lines_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = frame["lines"].to_list()[0]
    return lines


def test_price_follows_from_amount_and_amount_from_price() -> None:
    (line,) = lines_of(
        receipts("1,A,4,,10,,\n", 'quantity={column="qty"}\nextended={column="amount"}')
    )
    assert line["list_price"] == 2.5
    (line,) = lines_of(
        receipts("1,A,4,2.5,,,\n", 'quantity={column="qty"}\nlist_price={column="price"}')
    )
    assert line["extended"] == 10.0


def test_a_free_line_of_no_quantity_has_price_0() -> None:
    (line,) = lines_of(
        receipts("1,A,0,,0,,\n", 'quantity={column="qty"}\nextended={column="amount"}')
    )
    assert line["list_price"] == 0.0


def test_without_a_quantity_each_row_is_one_unit() -> None:
    (line,) = lines_of(receipts("1,A,,,10,,\n", 'extended={column="amount"}'))
    assert (line["quantity"], line["list_price"]) == ("1", 10.0)


def test_voided_lines_count_in_no_sum() -> None:
    given = 'extended={column="amount"}\nvoided={column="voided"}'
    frame = receipts("1,A,,,10,,\n1,B,,,5,,yes\n", given)
    assert frame["net"].to_list() == [10.0]
    assert [line["voided"] for line in lines_of(frame)] == [False, True]


@pytest.mark.parametrize(
    ("quantities", "kind"), [((1, 2), "sale"), ((-1, -2), "return"), ((-1, 2), "exchange")]
)
def test_the_type_follows_from_the_signs(quantities: tuple[int, int], kind: str) -> None:
    rows = "".join(f"1,A,{quantity},1,,,\n" for quantity in quantities)
    given = 'quantity={column="qty"}\nlist_price={column="price"}'
    assert receipts(rows, given)["type"].to_list() == [kind]


def test_receipts_come_in_the_order_of_their_first_rows_with_what_they_were_made_of() -> None:
    frame = receipts("9,A,,,1,,\n1,B,,,2,,\n9,C,,,3,,\n", 'extended={column="amount"}')
    assert frame["transaction_id"].to_list() == ["9", "1"]
    assert frame[ROW].to_list() == [1, 2]
    assert frame[ORIGINAL].to_list() == ["9,A,,,1,,\n9,C,,,3,,", "1,B,,,2,,"]


def test_the_first_known_value_of_a_receipt_is_taken_and_sums_are_added_up() -> None:
    more = 'order_id = { column = "voided" }\ntax = { sum = "tax" }'
    frame = receipts("1,A,,,1,0.10,\n1,B,,,2,0.20,x\n", 'extended={column="amount"}', more)
    assert (frame["order_id"][0], frame["tax"][0]) == ("x", 0.3)
