"""What was seen of every subject in the last four weeks: exposures, hits, and the hits' receipts.

Counts are kept per day, rule, subject, peer group and store (cells of `features.peers`); nothing
else is kept of receipts that fired no rule. A receipt that fired is kept with its natural key, its
loss and who took part. All counts and sums are integers, so any split of a day into batches gives
the same evidence. Memory: 30 bytes per cell; 12,000 operators under 12 rules in 3 peer groups are
430,000 cells (13 MB) a day. A rule whose `at_risk` is narrow (returns, gift cards) keeps the cells
of cards and customers few.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.peers import CELL_COLUMNS
from shrinkwatch.models.extremes import HIGHEST_BIN, bins
from shrinkwatch.records.batch import TRANSACTION_COLUMNS
from shrinkwatch.rules.condition import expression
from shrinkwatch.rules.judge import Judgement
from shrinkwatch.rules.rule import Rule

_OF_RECEIPT = (
    *("tx_key", "arrived_at", "ended_at", "currency", "source", "store_id", "store_key"),
    *("transaction_id", "register_id", "business_date", "sequence", "operator_id"),
    *("approver_id", "customer_id", "loyalty_id", "operator_key", "card_key"),
)
_OF_FEATURES: dict[str, pl.DataType | type[pl.DataType]] = {
    "local_date": pl.Date,
    "focus_sku": pl.String,
    "role": pl.String,
    "tenure_band": pl.String,
    "lane_type": pl.String,
    "peer_group": pl.UInt32,
}
FIRING_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "day": pl.Date,
    "rule": pl.UInt16,
    "key": pl.UInt64,
    "loss_minor": pl.Int64,
    "measure": pl.Float64,
    "excused": pl.UInt32,
    "card_token": pl.String,
    **{name: TRANSACTION_COLUMNS[name] for name in _OF_RECEIPT},
    **_OF_FEATURES,
}
"""A receipt that fired a rule; bit i of `excused`: the rule's i-th exonerating fact holds."""

_UNDATED = {name: dtype for name, dtype in CELL_COLUMNS.items() if name != "day"}
_GROUPING = ("rule", "key", "group", "store")
_MERGE_ABOVE = 2_000_000
EXTREME_SHARE = 0.01
"""Of a rule of kind "extreme", the receipts in the top hundredth of all measures are kept."""

DEAR_ABOVE = 0.8
"""The dearest fifth of a rule's hits is looked at by itself: thieves do not bother with little."""


def exposures(frame: pl.DataFrame, judgement: Judgement) -> pl.DataFrame:
    """Return the batch's cells without a day: rule (its place), key, group, store, exposed, hits.

    Of an "extreme" rule the group is the bin of the measure (`models.extremes.bins`).
    """
    by_column: dict[str, list[int]] = {}
    for place, rule in enumerate(judgement.rules):
        by_column.setdefault(rule.subject_column, []).append(place)
    parts = []
    for column, places in by_column.items():
        counts = [place for place in places if judgement.rules[place].kind == "count"]
        if counts:
            parts.extend(_cells(frame, judgement, column, counts))
        for place in places:
            if place not in counts:
                parts.extend(_cells(frame, judgement, column, [place]))
    return pl.concat(parts) if parts else pl.DataFrame(schema=_UNDATED)


def _cells(
    frame: pl.DataFrame, judgement: Judgement, column: str, places: list[int]
) -> list[pl.DataFrame]:
    """Return cells of rules that share a subject column, one frame per rule that was exposed."""
    rows = np.flatnonzero(np.logical_or.reduce([judgement.at_risk[:, p] for p in places]))
    if rows.size == 0:
        return []
    key = frame[column].to_numpy()[rows]
    store = frame["store_key"].to_numpy()[rows]
    if judgement.rules[places[0]].kind == "extreme":
        group = bins(judgement.measure[rows, places[0]]).astype(np.uint32)
    else:
        group = frame["peer_group"].fill_null(0).to_numpy()[rows]
    first, cell = _distinct(key, group, store)
    found = []
    for place in places:
        exposed = np.bincount(cell[judgement.at_risk[rows, place]], minlength=first.size)
        hits = np.bincount(cell[judgement.fired[rows, place]], minlength=first.size)
        some = np.flatnonzero(exposed)
        arrays = (key[first[some]], group[first[some]], store[first[some]])
        columns = (np.full(some.size, place), *arrays, exposed[some], hits[some])
        named = dict(zip(_UNDATED, columns, strict=True))
        found.append(pl.DataFrame(named, schema=_UNDATED))
    return found


def _distinct(
    key: NDArray[np.uint64], group: NDArray[np.uint32], store: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (first row of each distinct triple, number of each row's triple).

    Triples are told apart by a 64-bit mix; a billion of them would collide with chance 3 %.
    """
    mixed = key * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= (group.astype(np.uint64) + np.uint64(1)) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed += store * np.uint64(0x165667B19E3779F9)
    _, first, cell = np.unique(mixed, return_index=True, return_inverse=True)
    return first.astype(np.int64), cell.astype(np.int64)


def firings(
    frame: pl.DataFrame, judgement: Judgement, tenders: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return FIRING_COLUMNS without `day`: one row per receipt and rule that it fired.

    tenders: the batch's; where given, a receipt's card token is found by its `card_key`.
    """
    parts = []
    for place, rule in enumerate(judgement.rules):
        rows = np.flatnonzero(judgement.fired[:, place])
        if rows.size == 0:
            continue
        hit = frame[rows]
        known = [
            pl.col(name) if name in frame.columns else pl.lit(None, dtype=dtype).alias(name)
            for name, dtype in FIRING_COLUMNS.items()
            if name in _OF_RECEIPT or name in _OF_FEATURES
        ]
        parts.append(
            hit.select(known).with_columns(
                rule=pl.lit(place, dtype=pl.UInt16),
                key=hit[rule.subject_column],
                loss_minor=pl.Series(judgement.loss_minor[rows, place]),
                measure=pl.Series(judgement.measure[rows, place]),
                excused=_excuses(rule, hit),
                card_token=_tokens(hit, rows, tenders),
            )
        )
    schema = {name: dtype for name, dtype in FIRING_COLUMNS.items() if name != "day"}
    if not parts:
        return pl.DataFrame(schema=schema)
    return pl.concat([part.select(schema.keys()).cast(schema) for part in parts])  # type: ignore[arg-type]


def _excuses(rule: Rule, hit: pl.DataFrame) -> pl.Series:
    bits = pl.Series("excused", np.zeros(hit.height, dtype=np.uint32))
    for place, excuse in enumerate(rule.exonerating[:32]):
        holds = expression(excuse.when)
        if set(holds.meta.root_names()) <= set(hit.columns):
            answer = hit.select(holds.fill_null(value=False).alias("_"))["_"]
            bits |= answer.cast(pl.UInt32) * (1 << place)
    return bits


def _tokens(hit: pl.DataFrame, rows: NDArray[np.int64], tenders: pl.DataFrame | None) -> pl.Series:
    nothing = pl.Series("card_token", [None] * hit.height, dtype=pl.String)
    if "card_token" in hit.columns:
        return hit["card_token"]
    if tenders is None or "card_token" not in tenders.columns:
        return nothing
    of_key = (
        tenders.filter(pl.col("card_token").is_not_null(), pl.col("tx").is_in(rows))
        .select("card_key", "card_token")
        .unique("card_key", keep="any")
    )
    return hit.select("card_key").join(of_key, on="card_key", how="left")["card_token"]


@dataclass(slots=True)
class Evidence:
    """The days of the window that are closed, and the day that is open."""

    window_days: int
    cells: dict[date, pl.DataFrame] = field(default_factory=dict)
    firings: dict[date, pl.DataFrame] = field(default_factory=dict)
    open_cells: list[pl.DataFrame] = field(default_factory=list)
    open_firings: list[pl.DataFrame] = field(default_factory=list)

    def add(self, cells: pl.DataFrame, fired: pl.DataFrame) -> None:
        """Take a batch's cells and firings into the open day."""
        self.open_cells.append(cells)
        if fired.height:
            self.open_firings.append(fired)
        if sum(part.height for part in self.open_cells) > _MERGE_ABOVE:
            self.open_cells = [_merged(self.open_cells)]

    def close(self, day: date, rules: Sequence[Rule]) -> None:
        """Close the day: its cells are summed, days that left the window are forgotten."""
        for old in [one for one in self.cells if one <= day - timedelta(self.window_days)]:
            del self.cells[old], self.firings[old]
        cells = _merged(self.open_cells).with_columns(day=pl.lit(day)).select(CELL_COLUMNS.keys())
        fired = (
            pl.concat(self.open_firings).with_columns(day=pl.lit(day)).select(FIRING_COLUMNS.keys())
            if self.open_firings
            else pl.DataFrame(schema=FIRING_COLUMNS)
        )
        self.open_cells, self.open_firings = [], []
        if day in self.cells:
            cells = pl.concat([self.cells[day], cells])
            fired = pl.concat([self.firings[day], fired])
        fired = fired.sort("arrived_at", "tx_key", "rule")
        self.cells[day] = cells
        self.firings[day] = _without_ordinary(fired, self.window(), rules)

    def window(self, days: int | None = None) -> pl.DataFrame:
        """Return the cells of the last `days` closed days (None: of the whole window)."""
        if not self.cells:
            return pl.DataFrame(schema=CELL_COLUMNS)
        last = max(self.cells)
        since = last - timedelta(self.window_days if days is None else days)
        return pl.concat([part for day, part in sorted(self.cells.items()) if day > since])

    def fired(self) -> pl.DataFrame:
        """Return the firings of the window in order of arrival."""
        if not self.firings:
            return pl.DataFrame(schema=FIRING_COLUMNS)
        return pl.concat([part for _, part in sorted(self.firings.items())])

    def dear(self) -> pl.DataFrame:
        """Return the window's cells in which only the dear hits of rules that count are hits.

        Dear: the loss is above that of DEAR_ABOVE of the rule's hits in the window.
        """
        fired = self.fired().select("day", "rule", "key", "peer_group", "store_key", "loss_minor")
        usual = pl.col("loss_minor").quantile(DEAR_ABOVE, "higher").over("rule")
        place = {"day": "day", "rule": "rule", "key": "key"}
        place |= {"peer_group": "group", "store_key": "store"}
        hits = (
            fired.filter(pl.col("loss_minor") > usual)
            .rename({old: new for old, new in place.items() if old != new})
            .group_by(place.values())
            .agg(hits=pl.len().cast(pl.Int64))
        )
        cells = self.window().drop("hits").join(hits, on=list(place.values()), how="left")
        return cells.with_columns(pl.col("hits").fill_null(0))

    def save(self, folder: Path) -> None:
        """Write everything as Parquet files."""
        folder.mkdir(parents=True, exist_ok=True)
        undated = {name: dtype for name, dtype in FIRING_COLUMNS.items() if name != "day"}
        self.window().write_parquet(folder / "cells.parquet")
        self.fired().write_parquet(folder / "firings.parquet")
        _merged(self.open_cells).write_parquet(folder / "open_cells.parquet")
        fired = pl.concat([pl.DataFrame(schema=undated), *self.open_firings])
        fired.write_parquet(folder / "open_firings.parquet")

    @classmethod
    def load(cls, folder: Path, window_days: int) -> "Evidence":
        """Return what `save` wrote."""
        cells = pl.read_parquet(folder / "cells.parquet")
        fired = pl.read_parquet(folder / "firings.parquet")
        days = cells["day"].unique().to_list()
        return cls(
            window_days,
            {day: cells.filter(day=day) for day in days},
            {day: fired.filter(day=day) for day in days},
            [pl.read_parquet(folder / "open_cells.parquet")],
            [pl.read_parquet(folder / "open_firings.parquet")],
        )


def _merged(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    whole = pl.concat([pl.DataFrame(schema=_UNDATED), *parts])
    return whole.group_by(_GROUPING).agg(pl.col("exposed", "hits").sum()).sort(_GROUPING)


def _without_ordinary(
    fired: pl.DataFrame, cells: pl.DataFrame, rules: Sequence[Rule]
) -> pl.DataFrame:
    """Return the firings without ordinary amounts of the rules that look at extremes."""
    keep = pl.Series([True] * fired.height, dtype=pl.Boolean)
    for place, rule in enumerate(rules):
        if rule.kind != "extreme":
            continue
        of_rule = cells.filter(rule=place)
        counts = np.bincount(
            of_rule["group"].to_numpy(), of_rule["exposed"].to_numpy(), HIGHEST_BIN + 1
        )
        above = np.cumsum(counts[::-1])[::-1]
        bin_ = bins(fired["measure"].to_numpy())
        usual = above[bin_] > np.maximum(EXTREME_SHARE * counts.sum(), 10)
        keep &= ~(pl.Series(usual) & (fired["rule"] == place))
    return fired.filter(keep)
