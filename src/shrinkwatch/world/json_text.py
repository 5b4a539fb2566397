"""Columns put together to JSON text, one object per row, absent values left out."""

from collections.abc import Sequence

import polars as pl


def text(name: str, column: str | pl.Expr) -> pl.Expr:
    """Return `"name":"value",` for a text column that needs no escaping, null where it is null."""
    value = pl.col(column) if isinstance(column, str) else column
    return pl.lit(f'"{name}":"') + value.cast(pl.String) + pl.lit('",')


def number(name: str, column: str | pl.Expr) -> pl.Expr:
    """Return `"name":value,` for a numeric column, null where it is null."""
    value = pl.col(column) if isinstance(column, str) else column
    return pl.lit(f'"{name}":') + value.cast(pl.String) + pl.lit(",")


def money(name: str, column: str | pl.Expr) -> pl.Expr:
    """Return `"name":12.50,` for a column of minor units, exact."""
    value = pl.col(column) if isinstance(column, str) else column
    return number(name, decimal(value))


def decimal(minor: pl.Expr) -> pl.Expr:
    """Return minor units as decimals with two places; a float's division would not be exact."""
    return minor.cast(pl.Decimal(20, 0)) * pl.lit("0.01").cast(pl.Decimal(5, 2))


def flag(name: str, column: str) -> pl.Expr:
    """Return `"name":true,` where the column is true, else null."""
    return pl.when(pl.col(column)).then(pl.lit(f'"{name}":true,'))


def array(name: str, column: str) -> pl.Expr:
    """Return `"name":[…],` around a column of objects joined by commas, null where it is null."""
    return pl.lit(f'"{name}":[') + pl.col(column) + pl.lit("],")


def objects(frame: pl.DataFrame, fields: Sequence[pl.Expr]) -> pl.Series:
    """Return each row as a JSON object of the fields that are not null."""
    inner = pl.concat_str(fields, ignore_nulls=True).str.strip_suffix(",")
    return frame.select(json=pl.lit("{") + inner + pl.lit("}"))["json"]


def gathered(keys: pl.DataFrame, made: pl.Series, name: str) -> pl.DataFrame:
    """Return one row per distinct key with its objects joined by commas, as column `name`."""
    return (
        keys.with_columns(made.alias(name))
        .group_by(keys.columns, maintain_order=True)
        .agg(pl.col(name).str.join(","))
    )
