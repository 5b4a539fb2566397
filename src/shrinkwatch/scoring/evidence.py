"""What was seen of every subject in the last four weeks: exposures, hits, and the hits' receipts.

Counts are kept per day, rule, subject, peer group and store (cells of `features.peers`), and their
sum over the window; nothing else is kept of receipts that fired no rule. A receipt that fired is
kept with its natural key, its loss and who took part. All sums are of integers, so any split of a
day into batches gives the same evidence. Memory: 46 bytes per cell; 12,000 operators under 12 rules
in 3 peer groups are 430,000 cells (20 MB) a day. A rule whose `at_risk` is narrow (returns, gift
cards) keeps the cells of cards and customers few.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from shrinkwatch.features.peers import CELL_COLUMNS, weigh_day
from shrinkwatch.models.extremes import HIGHEST_BIN, bins
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.cells import summed, summed_at
from shrinkwatch.scoring.seen import COUNTED, FIRED

_DAY: dict[str, pl.DataType | type[pl.DataType]] = {"day": pl.Date}
DATED_CELLS = _DAY | CELL_COLUMNS
DATED_FIRED = _DAY | FIRED
_SUMS = ["exposed", "hits", "weighted"]
_MERGE_ABOVE = 2_000_000

EXTREME_SHARE = 0.01
"""Of a rule of kind "extreme", the receipts in the top hundredth of all measures are kept."""

SHORT_DAYS = 7
VIEWS = ("", "_week", "_dear")
"""Suffixes of the three views of a subject's cells: the window, its last week, its dear hits."""

DEAR_ABOVE = 0.8
"""The dearest fifth of a rule's hits is looked at by itself: thieves do not bother with little."""


@dataclass(slots=True)
class Evidence:
    """The days of the window that are closed, their sum, and the day that is open.

    cells: CELL_COLUMNS of each day. firings: DATED_FIRED of each day.
    """

    window_days: int
    cells: dict[date, pl.DataFrame] = field(default_factory=dict)
    firings: dict[date, pl.DataFrame] = field(default_factory=dict)
    total: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CELL_COLUMNS))
    open_cells: list[pl.DataFrame] = field(default_factory=list)
    open_firings: list[pl.DataFrame] = field(default_factory=list)

    def add(self, cells: pl.DataFrame, fired: pl.DataFrame) -> None:
        """Take a batch's cells and firings into the open day."""
        self.open_cells.append(cells)
        if fired.height:
            self.open_firings.append(fired)
        # merged anew only when twice as many: every cell is merged twice on average, not each time
        merged = self.open_cells[0].height
        if sum(part.height for part in self.open_cells) > max(_MERGE_ABOVE, 2 * merged):
            self.open_cells = [_merged(self.open_cells)]

    def close(self, day: date, rules: Sequence[Rule]) -> None:
        """Close the day: its cells are weighed and summed, days that left are forgotten."""
        leaving = [one for one in self.cells if one <= day - timedelta(self.window_days)]
        gone = [self.cells.pop(one).with_columns(-pl.col(_SUMS)) for one in leaving]
        for one in leaving:
            del self.firings[one]
        counted = _merged(self.open_cells)
        now = pl.concat([part.select(COUNTED.keys()) for part in (self.total, *gone, counted)])
        window = now.group_by("rule", "group").agg(pl.col("exposed", "hits").sum())
        cells = weigh_day(counted, window.filter(pl.col("exposed") > 0))
        self.total = _summed([self.total, *gone, cells])
        fired = pl.concat([pl.DataFrame(schema=FIRED), *self.open_firings])
        fired = fired.sort("arrived_at", "tx_key", "rule").with_columns(day=pl.lit(day))
        fired = fired.select(DATED_FIRED.keys())
        self.open_cells, self.open_firings = [], []
        if day in self.cells:
            cells = _summed([self.cells[day], cells])
            fired = pl.concat([self.firings[day], fired])
        self.cells[day] = cells
        self.firings[day] = _without_ordinary(fired, self.total, rules)

    def fired(self) -> pl.DataFrame:
        """Return the firings of the window (DATED_FIRED) in order of arrival."""
        days = [part for _, part in sorted(self.firings.items())]
        return pl.concat([pl.DataFrame(schema=DATED_FIRED), *days])

    def views(self) -> pl.DataFrame:
        """Return the window's cells with three views of them (VIEWS) for `expected_hits`.

        The window, its last week (`_week`) and the window with its dear hits only (`_dear`):
        those whose loss is above that of DEAR_ABOVE of the rule's hits in such stores.
        """
        since = max(self.cells) - timedelta(SHORT_DAYS)
        days = [part for day, part in self.cells.items() if day > since]
        if len(days) == len(self.cells):
            week = {name: self.total[name].to_numpy() for name in _SUMS}
        else:
            week = summed_at(self.total, days, _SUMS)
        return self.total.with_columns(
            *(pl.Series(f"{name}_week", values) for name, values in week.items()),
            pl.Series("hits_dear", summed_at(self.total, [self._dear()], ["hits"])["hits"]),
            exposed_dear="exposed",
            weighted_dear="weighted",
        )

    def _dear(self) -> pl.DataFrame:
        place = {"rule": "rule", "key": "key", "peer_group": "group", "store_key": "store"}
        alike = ["rule", "currency", "format"]
        columns = ["loss_minor", "currency", "format", *place]
        fired = pl.concat([part.select(columns) for part in self.firings.values()])
        usual = pl.col("loss_minor").quantile(DEAR_ABOVE, "higher").over(alike)
        dear = fired.filter(pl.col("loss_minor") > usual, pl.col("peer_group").is_not_null())
        one = pl.lit(1, dtype=pl.Int64).alias("hits")
        return dear.select(*(pl.col(old).alias(new) for old, new in place.items()), one)

    def save(self, folder: Path) -> None:
        """Write everything as Parquet files."""
        folder.mkdir(parents=True, exist_ok=True)
        dated = [part.with_columns(day=pl.lit(day)) for day, part in sorted(self.cells.items())]
        cells = pl.concat(
            [pl.DataFrame(schema=DATED_CELLS), *(d.select(list(DATED_CELLS)) for d in dated)]
        )
        cells.write_parquet(folder / "cells.parquet")
        self.fired().write_parquet(folder / "firings.parquet")
        _merged(self.open_cells).write_parquet(folder / "open_cells.parquet")
        fired = pl.concat([pl.DataFrame(schema=FIRED), *self.open_firings])
        fired.write_parquet(folder / "open_firings.parquet")

    @classmethod
    def load(cls, folder: Path, window_days: int) -> Self:
        """Return what `save` wrote."""
        cells = pl.read_parquet(folder / "cells.parquet")
        fired = pl.read_parquet(folder / "firings.parquet")
        days = cells["day"].unique().sort().to_list()
        by_day = {day: cells.filter(day=day).drop("day") for day in days}
        return cls(
            window_days,
            by_day,
            {day: fired.filter(day=day) for day in days},
            _summed(list(by_day.values())),
            [pl.read_parquet(folder / "open_cells.parquet")],
            [pl.read_parquet(folder / "open_firings.parquet")],
        )


def _merged(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return summed([pl.DataFrame(schema=COUNTED), *parts], ["exposed", "hits"])


def _summed(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    whole = summed([pl.DataFrame(schema=CELL_COLUMNS), *parts], _SUMS)
    return whole.filter(pl.col("exposed") > 0)


def _without_ordinary(
    fired: pl.DataFrame, cells: pl.DataFrame, rules: Sequence[Rule]
) -> pl.DataFrame:
    """Return the firings without ordinary amounts of the rules that look at extremes."""
    keep = np.ones(fired.height, dtype=np.bool_)
    for place, rule in enumerate(rules):
        rows = np.flatnonzero(fired["rule"] == place)
        if rule.kind != "extreme" or rows.size == 0:
            continue
        of_rule = cells.filter(rule=place)
        counts = np.bincount(of_rule["group"], of_rule["exposed"], HIGHEST_BIN + 1)
        above = np.cumsum(counts[::-1])[::-1]
        bin_ = bins(fired["measure"].to_numpy()[rows])
        keep[rows] = above[bin_] <= np.maximum(EXTREME_SHARE * counts.sum(), 10)
    return fired.filter(pl.Series(keep))
