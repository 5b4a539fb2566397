"""Replays history against the sheet of known thefts, to see which rules tell them from work."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import polars as pl

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.ports import Journal
from shrinkwatch.records.trouble import Refused
from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.lift import (
    Lift,
    Tally,
    lookalike_rows,
    stolen_named,
    stolen_rows,
    tally,
)
from shrinkwatch.rules.rule import Rule

Progress = Callable[[str, float, float | None], None]

CHUNK = 200_000
"""Transactions judged at once: bounds memory. The edge of an extreme rule is that of its chunk."""

_LOOKALIKE_COLUMNS = ("kind", "store_id", "subject_type", "subject_id", "from", "to")


def lifts(
    journal: Journal,
    rules: tuple[Rule, ...],
    lookalikes: Path | None = None,
    progress: Progress | None = None,
) -> tuple[Lift, ...]:
    """Return the lift of each rule over all that ever arrived, in the order of the rules.

    rules: those to measure, switched on or not. lookalikes: a CSV of honest look-alikes with kind,
    store_id, subject_type, subject_id, from and to (local dates, inclusive), as `demo` writes it.
    Raises: Refused when no incidents are loaded, none of their receipts ever arrived, or the sheet
    of look-alikes lacks a column.
    """
    incidents = journal.tables()["incidents"]
    if incidents.is_empty():
        raise Refused(
            "no incidents are loaded: a lift needs to know which receipts were thefts; "
            "shrinkwatch load incidents.csv (shrinkwatch demo writes such a file into feed)"
        )
    sheet = None if lookalikes is None else _lookalikes(lookalikes)
    found = list(_tallies(journal, rules, incidents, sheet, progress))
    if not any(one.stolen for one in found):
        raise Refused("no receipt that the incidents name is in this journal: load its feed first")
    return reduce(add, found).lifts()


def _lookalikes(path: Path) -> pl.DataFrame:
    sheet = pl.read_csv(path, infer_schema=False)
    missing = [name for name in _LOOKALIKE_COLUMNS if name not in sheet.columns]
    if missing:
        raise Refused(f"{path.name} is no sheet of look-alikes: it lacks {', '.join(missing)}")
    return sheet


def _tallies(
    journal: Journal,
    rules: tuple[Rule, ...],
    incidents: pl.DataFrame,
    lookalikes: pl.DataFrame | None,
    progress: Progress | None,
) -> Iterator[Tally]:
    """Yield the counts of each day, features as they were known then."""
    stream, days = FeatureStream.new(journal.tables()), journal.days()
    keys = np.zeros(0, dtype=np.uint64)
    for done, day in enumerate(days, 1):
        stream.update_tables(journal.tables(datetime.combine(day, datetime.min.time(), UTC)))
        for batch in journal.pieces(day, CHUNK):
            frame = stream.advance(batch)
            honest = {} if lookalikes is None else lookalike_rows(frame, lookalikes)
            stolen = stolen_rows(frame, incidents)
            keys = np.append(keys, frame["tx_key"].to_numpy()[stolen])
            named = stolen_named(rules, frame, stolen, keys)
            yield tally(judge(rules, frame), stolen, honest, named)
        stream.close_day(day)
        if progress is not None:
            progress("Replaying", done, len(days))
