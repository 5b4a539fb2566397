"""The columns that a condition may name: what each holds, in which unit, and what it says."""

import polars as pl
from msgspec import Struct

from shrinkwatch.features.catalogue import COLUMNS
from shrinkwatch.features.catalogue_of_records import RECORDED
from shrinkwatch.features.declared import Dtype

_HOLDS: dict[type[pl.DataType], str] = {
    pl.Boolean: "yes or no",
    pl.String: "text",
    pl.Date: "date",
    pl.Datetime: "time",
    pl.Binary: "bytes",
}


class RuleColumn(Struct, frozen=True):
    """One column. holds: "number", "yes or no", "text", …; words: all that a text can be, if few.

    unit: "" for names and yes or no.
    """

    name: str
    holds: str
    unit: str
    says: str
    words: tuple[str, ...] = ()


def rule_columns(text: str = "") -> tuple[RuleColumn, ...]:
    """Return the columns in whose name or meaning this text stands, in the frame's order.

    >>> [column.name for column in rule_columns("tenders voided")]
    ['voided_tender_minor']
    """
    wanted = text.casefold()
    return tuple(
        RuleColumn(one.name, _holds(one.dtype), one.unit, one.sentence, _words(one.dtype))
        for one in (*RECORDED, *COLUMNS)
        if wanted in one.name or wanted in one.sentence.casefold()
    )


def _holds(dtype: Dtype) -> str:
    if isinstance(dtype, pl.Enum):
        return "word"
    return _HOLDS.get(dtype.base_type(), "number")


def _words(dtype: Dtype) -> tuple[str, ...]:
    return tuple(dtype.categories) if isinstance(dtype, pl.Enum) else ()
