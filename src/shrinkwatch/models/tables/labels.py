"""Which rows of a table are positive: what a person has found out about each."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.models.tables.columns import MISSING
from shrinkwatch.records.trouble import Refused

YES = ("1", "1.0", "true", "yes", "y", "t")
"""Words for a positive row, in small letters; of other words the rarer one is positive."""

FEWEST = 10
"""With fewer rows of a class no fold can be judged: one or two in a fifth. Our assumption."""


@dataclass(frozen=True, slots=True)
class Labels:
    """positive: shape (rows,), of the rows that are `known` (rows of the table); word: for yes."""

    positive: NDArray[np.bool_]
    known: NDArray[np.int64]
    word: str


def read_labels(frame: pl.DataFrame, label: str) -> Labels:
    """Return the labels of the rows that have one.

    Raises: Refused if there is no such column, not two values, or too few rows of one of them.
    """
    if label not in frame.columns:
        raise Refused(f"no column is called {label}; the table has {', '.join(frame.columns)}")
    texts = frame[label].cast(pl.String).str.strip_chars()
    empty = texts.str.to_lowercase().is_in(MISSING).fill_null(value=True)
    known = np.flatnonzero(~empty.to_numpy()).astype(np.int64)
    counted = texts.filter(~empty).value_counts().sort(["count", label])
    words = counted[label].to_list()
    if len(words) != 2:
        raise Refused(_not_two(label, words))
    count = dict(counted.iter_rows())
    if (fewest := min(count.values())) < FEWEST:
        raise Refused(
            f"only {fewest} rows have {label} = {words[0]}; label at least "
            f"{FEWEST} rows of each kind, better 50, before learning"
        )
    yes = next((word for word in words if word.lower() in YES), min(words, key=count.__getitem__))
    positive = (texts.filter(~empty) == yes).to_numpy()
    return Labels(positive, known, yes)


def _not_two(label: str, words: list[str]) -> str:
    if not words:
        return f"{label} is empty; label some rows, 1 for those to find and 0 for the others"
    if len(words) == 1:
        return (
            f"every labelled row has {label} = {words[0]}; label rows of the other kind too: at "
            f"least {FEWEST}"
        )
    some = ", ".join(words[:5])
    return f"{label} has {len(words)} values ({some} …); it must have two, like 0 and 1"
