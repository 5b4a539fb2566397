"""What a table's columns are: numbers, categories, or nothing to learn from, and why."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.records.trouble import Refused

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]

MISSING = ("", "na", "n/a", "nan", "null", "?")
"""Words for an empty cell, in small letters. "none" is not among them: it may be an answer."""

FEW_VALUES = 10
"""A whole number with at most so many values is tried as a category too: our assumption."""

MOST_LEVELS = 250
"""Levels kept of a category, the most frequent; LightGBM's bins hold no more than 255."""

ID_NAME = re.compile(r"(^|_|\s)(id|uuid|guid|key|no|nr|number|record|index|row)$", re.IGNORECASE)
REPEATS_EXPECTED = 5.0
"""A whole number that never repeats, where chance would have repeated so many, is an id."""


class Number(msgspec.Struct, frozen=True):
    """A column of numbers. comma: they are written with a decimal comma. values: if few."""

    name: str
    comma: bool = False
    values: tuple[float, ...] = ()


class Category(msgspec.Struct, frozen=True):
    """A column of words; levels: the most frequent first."""

    name: str
    levels: tuple[str, ...]


class Ignored(msgspec.Struct, frozen=True):
    """A column from which nothing is learned, and why."""

    name: str
    why: str


class Schema(msgspec.Struct, frozen=True):
    """What the learner reads of a table; everything that prediction needs to read it again."""

    numbers: tuple[Number, ...]
    categories: tuple[Category, ...]
    ignored: tuple[Ignored, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns that are read: numbers, then categories."""
        numbers = [column.name for column in self.numbers]
        return (*numbers, *(column.name for column in self.categories))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as arrays. numbers: (rows, numbers), NaN where missing.

    codes: (rows, categories), the level's place, -1 where missing or unknown.
    """

    numbers: Floats
    codes: Codes

    def __len__(self) -> int:
        return int(self.numbers.shape[0])

    def rows(self, chosen: NDArray[np.int64]) -> "Table":
        """Return these rows."""
        return Table(self.numbers[chosen], self.codes[chosen])


def learn_schema(frame: pl.DataFrame, allowed: Collection[str] = ()) -> Schema:
    """Return what each column of the texts is.

    frame: texts, without the label. allowed: columns to learn from even if they look like ids.
    """
    numbers, categories, ignored = [], [], []
    for name in frame.columns:
        texts = _cells(frame[name])
        column = _column(name, texts)
        why = None if column is None or name in allowed else _is_id(column, texts)
        if column is None:
            ignored.append(Ignored(name, "it holds one value only"))
        elif why is not None:
            ignored.append(Ignored(name, why))
        elif isinstance(column, Number):
            numbers.append(column)
        else:
            categories.append(column)
    return Schema(tuple(numbers), tuple(categories), tuple(ignored))


def encode(frame: pl.DataFrame, schema: Schema) -> tuple[Table, list[str]]:
    """Return the rows as arrays, and sentences on what could not be read as when learning.

    frame: texts. Raises: Refused if a column is lacking.
    """
    lacking = [name for name in schema.names if name not in frame.columns]
    if lacking:
        raise Refused(
            f"the table lacks {', '.join(lacking)}; give every column that the model learned from"
        )
    notes: list[str] = []
    numbers = np.full((frame.height, len(schema.numbers)), np.nan)
    for place, number in enumerate(schema.numbers):
        texts = _cells(frame[number.name])
        found = _numbers(texts, comma=number.comma)
        if strange := found.null_count() - texts.null_count():
            notes.append(f"{number.name}: {strange:,} cells are no numbers; taken as missing")
        numbers[:, place] = found.fill_null(float("nan")).to_numpy()
    codes = np.full((frame.height, len(schema.categories)), -1, dtype=np.int32)
    for place, category in enumerate(schema.categories):
        texts = _cells(frame[category.name])
        known = list(category.levels)
        found = texts.replace_strict(known, range(len(known)), default=None, return_dtype=pl.Int32)
        if unseen := texts.filter(found.is_null() & texts.is_not_null()).unique().sort().to_list():
            some = ", ".join(unseen[:3]) + (" …" if len(unseen) > 3 else "")
            notes.append(f"{category.name}: {len(unseen):,} categories not learned from: {some}")
        codes[:, place] = found.fill_null(-1).to_numpy()
    return Table(numbers, codes), notes


def _cells(texts: pl.Series) -> pl.Series:
    """Return the cells without blanks around them, null where they are empty."""
    bare = texts.cast(pl.String).str.strip_chars()
    return bare.set(bare.str.to_lowercase().is_in(MISSING).fill_null(value=True), None)


def _numbers(texts: pl.Series, *, comma: bool) -> pl.Series:
    """Return the cells as finite numbers, null where they are none."""
    plain = texts.str.replace(",", ".", literal=True) if comma else texts
    found = plain.cast(pl.Float64, strict=False)
    return found.set(~found.is_finite().fill_null(value=True), None)


def _column(name: str, texts: pl.Series) -> Number | Category | None:
    """Return what the column is; None if all its cells are alike."""
    filled = texts.drop_nulls()
    if texts.n_unique() < 2 or filled.is_empty():
        return None
    for comma in (False, True):
        found = _numbers(filled, comma=comma)
        if found.null_count() == 0:
            values = found.unique().sort()
            few = values.len() <= FEW_VALUES and (values == values.round(0)).all()
            return Number(name, comma, tuple(values.to_list()) if few else ())
    counted = filled.value_counts().sort(["count", name], descending=[True, False])
    return Category(name, tuple(counted[name].head(MOST_LEVELS).to_list()))


def _is_id(column: Number | Category, texts: pl.Series) -> str | None:
    """Return why the column only names rows; None if it does not."""
    filled = texts.drop_nulls()
    if filled.len() < 20 or filled.n_unique() < filled.len():
        often = isinstance(column, Category) and filled.n_unique() > filled.len() / 2
        return "nearly every row has its own text" if often and filled.len() >= 20 else None
    if isinstance(column, Category):
        return "every row has its own text"
    found = _numbers(filled, comma=column.comma).to_numpy()
    if (found != np.round(found)).any():
        return None
    drawn = float(found.max() - found.min()) + 1.0
    expected = filled.len() * (filled.len() - 1) / (2.0 * drawn)
    named = not column.name or ID_NAME.search(column.name) is not None
    return "every row has its own number" if named or expected >= REPEATS_EXPECTED else None
