"""JSON put together from columns."""

import json

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.world.json_text import array, decimal, flag, gathered, money, number, objects, text

FRAME = pl.DataFrame(
    {
        "tx": [1, 1, 2],
        "sku": ["a", "b", "c"],
        "reason": [None, "damaged", None],
        "amount": [1250, -7, None],
        "voided": [True, False, False],
        "inner": [None, "{},{}", None],
        "never": [None, None, None],
    },
    schema_overrides={"never": pl.String, "inner": pl.String},
)
FIELDS = [
    text("sku", "sku"),
    text("reason", "reason"),
    money("amount", "amount"),
    flag("voided", "voided"),
    array("inner", "inner"),
    number("never", "never"),
]


def test_absent_values_are_left_out() -> None:
    made = [json.loads(row) for row in objects(FRAME, FIELDS)]
    assert made == [
        {"sku": "a", "amount": 12.5, "voided": True},
        {"sku": "b", "reason": "damaged", "amount": -0.07, "inner": [{}, {}]},
        {"sku": "c"},
    ]


def test_no_rows_make_no_objects() -> None:
    assert objects(FRAME.clear(), FIELDS).len() == 0


def test_objects_of_a_key_are_joined_in_order() -> None:
    joined = gathered(FRAME.select("tx"), objects(FRAME, [text("sku", "sku")]), "lines")
    assert joined["lines"].to_list() == ['{"sku":"a"},{"sku":"b"}', '{"sku":"c"}']


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1))
def test_minor_units_are_written_exactly(amounts: list[int]) -> None:
    written = pl.DataFrame({"m": amounts}).select(decimal(pl.col("m")).cast(pl.String))["m"]
    for amount, shown in zip(amounts, written, strict=True):
        assert int(shown.replace(".", "")) == amount
        assert shown[-3] == "."
