"""Counts on how many rows each field of the contract is given, for any grouping of the receipts."""

from collections.abc import Iterator, Sequence
from functools import cache

import polars as pl

from shrinkwatch.records.batch import PARTS, Batch
from shrinkwatch.rules.condition import expression
from shrinkwatch.rules.fields import Field, fields

NAMED_BY_LINE = "named_by_line"
"""The column that is added to transactions here: whether any of its lines names an original."""

_BITS = 60
"""Answers that are kept in one integer of 64 bits."""


def given(field: str) -> str:
    """Return the column that holds on how many rows the field is given."""
    return f"given {field}"


def possible(field: str) -> str:
    """Return the column that holds how many rows could have it; a field without `of` has none."""
    return f"of {field}"


def count_batch(batch: Batch, group: pl.Series) -> pl.DataFrame:
    """Return a row per group: "group", "transactions", and per field its counts (Int64).

    group: UInt32 per transaction. Of a batch that carries only some columns, only the fields that
    those tell are counted. The names of the columns are `given` and `possible`.
    """
    owner = group.alias("group")
    found = owner.to_frame().lazy().group_by("group").agg(transactions=pl.len().cast(pl.Int64))
    for part, frame in _parts(batch):
        codes = owner if part == "transactions" else owner.gather(frame["tx"])
        counted = count_rows(frame.with_columns(codes), part)
        found = found.join(counted.lazy(), on="group", how="left")
    return found.with_columns(pl.all().fill_null(0)).sort("group").collect()


def count_rows(frame: pl.DataFrame, part: str) -> pl.DataFrame:
    """Return a row per value of "group" with the counts (Int64) of the fields of this part.

    frame: rows of this part of a batch or of this table, with "group". Every answer of a row
    becomes a bit of an integer; rows with the same answers are counted together, once. Where all
    are of one group, counting each answer by itself is quicker.
    """
    known = set(frame.columns)
    told = [one for one in fields().values() if one.part == part and _columns(one) <= known]
    answers = [answer for field in told for answer in _answers(field)]
    if frame["group"].n_unique() == 1:
        row = pl.col("group").is_not_null()  # makes "TRUE" a value per row
        yes = ((row & answer).sum().cast(pl.Int64).alias(name) for name, answer in answers)
        return frame.lazy().select(pl.col("group").first(), *yes).collect()
    masks = [_mask(answers[at : at + _BITS]) for at in range(0, len(answers), _BITS)]
    names = [f"mask {place}" for place in range(len(masks))]
    alike = (
        frame.lazy()
        .select("group", *(mask.alias(name) for mask, name in zip(masks, names, strict=True)))
        .group_by("group", *names)
        .agg(rows=pl.len().cast(pl.Int64))
    )
    sums = [
        (pl.col(names[place // _BITS]) // 2 ** (place % _BITS) % 2 * pl.col("rows"))
        .sum()
        .cast(pl.Int64)
        .alias(name)
        for place, (name, _) in enumerate(answers)
    ]
    return alike.group_by("group").agg(sums).collect()


def field_columns() -> dict[str, Sequence[str]]:
    """Return the columns of a batch that tell whose receipts they are and what they carry."""
    wanted: dict[str, set[str]] = {part: {"tx"} for part in PARTS if part != "transactions"}
    wanted["transactions"] = {"source", "store_id"}
    wanted["lines"].add("original_key")
    for field in fields().values():
        if field.part in PARTS:
            wanted[field.part] |= _columns(field) - {NAMED_BY_LINE}
    return {part: sorted(names) for part, names in wanted.items()}


def _parts(batch: Batch) -> Iterator[tuple[str, pl.DataFrame]]:
    for part in PARTS:
        frame: pl.DataFrame = getattr(batch, part)
        yield part, _with_named_by_line(batch) if part == "transactions" else frame


def _with_named_by_line(batch: Batch) -> pl.DataFrame:
    """Return the transactions with NAMED_BY_LINE; false where lines tell nothing of originals."""
    lines = batch.lines
    if "original_key" not in lines.columns:
        return batch.transactions.with_columns(pl.lit(value=False).alias(NAMED_BY_LINE))
    naming = lines.filter(pl.col("original_key") > 0)["tx"].unique()
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    return batch.transactions.with_columns(row.is_in(naming.implode()).alias(NAMED_BY_LINE))


@cache
def _answers(field: Field) -> tuple[tuple[str, pl.Expr], ...]:
    """Return the columns of a field's counts, each with the question that a row answers."""
    has = expression(field.given or "FALSE").fill_null(value=False)
    if field.of is None:
        return ((given(field.name), has),)
    could = expression(field.of).fill_null(value=False)
    return (given(field.name), could & has), (possible(field.name), could)


def _mask(answers: Sequence[tuple[str, pl.Expr]]) -> pl.Expr:
    # the first column makes "TRUE" a value per row, as above
    none = pl.col("group").cast(pl.UInt64) * 0
    bits = (answer.cast(pl.UInt64) * 2**bit for bit, (_, answer) in enumerate(answers))
    return pl.sum_horizontal(none, *bits)


@cache
def _columns(field: Field) -> frozenset[str]:
    """Return the columns of its part that tell whether the field is given."""
    texts = [text for text in (field.given, field.of) if text is not None]
    return frozenset(name for text in texts for name in expression(text).meta.root_names())
