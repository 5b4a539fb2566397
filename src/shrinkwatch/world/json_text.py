"""Columns put together to JSON text, one object per row, absent values left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a JSON object: its name, the expression of its value, how it is enclosed."""

    name: str
    value: pl.Expr
    before: str = ""
    after: str = ""


def text(name: str, value: str | pl.Expr) -> Field:
    """Return a member whose value is text that needs no escaping."""
    return Field(name, _column(value), '"', '"')


def number(name: str, value: str | pl.Expr) -> Field:
    """Return a member whose value is a number."""
    return Field(name, _column(value))


def money(name: str, value: str | pl.Expr) -> Field:
    """Return a member of minor units written as 12.50, exact."""
    return Field(name, decimal(_column(value)))


def flag(name: str, column: str) -> Field:
    """Return a member that is true where the column is, and absent elsewhere."""
    return Field(name, pl.when(pl.col(column)).then(pl.lit("true")))


def array(name: str, column: str) -> Field:
    """Return a member that is a list, from a column of objects joined by commas."""
    return Field(name, pl.col(column), "[", "]")


def decimal(minor: pl.Expr) -> pl.Expr:
    """Return minor units as decimals with two places; a float's division would not be exact."""
    return minor.cast(pl.Decimal(20, 0)) * pl.lit("0.01").cast(pl.Decimal(5, 2))


def objects(frame: pl.DataFrame, fields: Sequence[Field]) -> pl.Series:
    """Return each row as a JSON object of the fields that are not null; the first never is."""
    values = frame.select(field.value.cast(pl.String).alias(field.name) for field in fields)
    if not values.height:
        return pl.Series("json", [], dtype=pl.String)
    pieces: list[pl.Expr] = []
    opening = "{"
    for field in fields:
        absent = values[field.name].null_count()
        if absent == values.height:
            continue
        member = [
            pl.lit(f'{opening}"{field.name}":{field.before}'),
            pl.col(field.name),
            pl.lit(field.after or None, dtype=pl.String),
        ]
        # a nested concat is null where the value is; a flat one is faster
        pieces += [pl.concat_str(member[: 3 if field.after else 2])] if absent else member
        opening = ","
    return values.select(json=pl.concat_str([*pieces, pl.lit("}")], ignore_nulls=True))["json"]


def gathered(keys: pl.DataFrame, made: pl.Series, name: str) -> pl.DataFrame:
    """Return one row per distinct key with its objects joined by commas, as column `name`."""
    return (
        keys.with_columns(made.alias(name))
        .group_by(keys.columns, maintain_order=True)
        .agg(pl.col(name).str.join(","))
    )


def _column(value: str | pl.Expr) -> pl.Expr:
    return pl.col(value) if isinstance(value, str) else value
