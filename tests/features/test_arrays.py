"""Between columns with nulls and plain arrays."""

from datetime import date

import numpy as np
import polars as pl

from shrinkwatch.features import arrays
from shrinkwatch.features.declared import Column
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64

KINDS = (
    Column("seen", pl.Boolean, "", ""),
    Column("lines", pl.Int32, "", ""),
    Column("voids", pl.Int32, "", ""),
    Column("paid", pl.Int64, "", ""),
    Column("share", pl.Float64, "", ""),
    Column("day", pl.Date, "", ""),
    Column("role", pl.String, "", ""),
)


def test_unknowns_of_a_block_are_nulls_of_their_columns() -> None:
    blocks = [
        arrays.Block(("voids", "lines"), np.array([[1, 2], [UNKNOWN_32, 0]], dtype=np.int32)),
        *arrays.apart(
            {
                "seen": np.array([1, 2], dtype=np.int8),
                "paid": np.array([UNKNOWN_64, -5]),
                "share": np.array([0.5, np.nan]),
                "day": np.array([UNKNOWN_32, 1], dtype=np.int32),
            }
        ),
    ]
    roles = arrays.Coded(("cashier", None), np.array([1, 0])).series()
    frame = arrays.frame_of(KINDS, blocks, {"role": roles})
    assert dict(frame.schema) == {kind.name: kind.dtype for kind in KINDS}
    assert frame.to_dict(as_series=False) == {
        "seen": [True, None],
        "lines": [None, 0],
        "voids": [1, 2],
        "paid": [None, -5],
        "share": [0.5, None],
        "day": [None, date(1970, 1, 2)],
        "role": [None, "cashier"],
    }


def test_a_blank_column_is_null_until_it_is_filled() -> None:
    numbers = tuple(kind for kind in KINDS if kind.dtype != pl.String)
    blocks = arrays.blank(numbers, 2)
    columns = arrays.by_name(blocks)
    columns["lines"][1] = 7
    frame = arrays.frame_of(numbers, blocks, {})
    assert frame["lines"].to_list() == [None, 7]
    assert frame.drop("lines").null_count().row(0) == (2,) * 5


def test_nulls_become_what_loops_take_for_unknown() -> None:
    frame = pl.DataFrame(
        {
            "quantity": [1.5, None],
            "voided": [None, True],
            "sku_key": [None, 9],
            "extended_minor": [3, None],
            "void_at": [None, None],
        },
        schema_overrides={"sku_key": pl.UInt64, "void_at": pl.Datetime("us", "UTC")},
    )
    names = (*frame.columns, "at", "entry")
    plain = arrays.plain(frame, "lines", names)
    assert np.isnan(plain["quantity"][1])
    assert plain["voided"].tolist() == [False, True]
    assert plain["sku_key"].tolist() == [0, 9]
    assert plain["extended_minor"].tolist() == [3, UNKNOWN_64]
    assert plain["void_at"].tolist() == plain["at"].tolist() == [UNKNOWN_64] * 2
    assert plain["entry"].tolist() == [arrays.NO_CODE] * 2
