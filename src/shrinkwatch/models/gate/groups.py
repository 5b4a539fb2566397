"""Puts the rows of one subject and week together: they are one alert, and have one answer."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.models.gate.report import Ceiling
from shrinkwatch.records.money import minor_decimals

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MODELS = ("champion", "challenger")
NEEDED = (
    *("day", "key", "store_id", "alert_id", "outcome", "weight", "loss_minor", "currency"),
    *MODELS,
)
"""Columns of the test rows: outcome 1, 0 or null; weight 1 / propensity; two probabilities."""

_PEAK = {model: f"{model}_peak" for model in MODELS}


@dataclass(frozen=True, slots=True)
class Groups:
    """Possible alerts of the test days, a row each, sorted by id.

    frame: alert_id, week, key, store_id, outcome (Int8, null: not answered), weight, loss (units of
    the currency); of both models the probability on the last day, and the peak that opens an alert.
    """

    frame: pl.DataFrame

    @property
    def answered(self) -> "Groups":
        """Those that somebody answered."""
        return Groups(self.frame.filter(pl.col("outcome").is_not_null()))

    @property
    def outcome(self) -> Floats:
        """The answers, 1 or 0; only of answered groups."""
        return self.frame["outcome"].to_numpy().astype(np.float64)

    @property
    def weight(self) -> Floats:
        """What each answer counts."""
        return self.frame["weight"].to_numpy()

    def last(self, model: str) -> Floats:
        """Return the probabilities of the last day, for calibration."""
        return self.frame[model].to_numpy()

    def peak(self, model: str) -> Floats:
        """Return the highest probabilities, which open alerts."""
        return self.frame[_PEAK[model]].to_numpy()


def groups(rows: pl.DataFrame) -> Groups:
    """Return the test rows by alert. rows: see NEEDED; they may hold more columns."""
    last = [pl.col(model).sort_by("day").last() for model in MODELS]
    peak = [pl.col(model).max().alias(_PEAK[model]) for model in MODELS]
    units = {one: 10.0 ** minor_decimals(one) for one in rows["currency"].unique()}
    unit = pl.col("currency").replace_strict(units, return_dtype=pl.Float64)
    loss = (pl.col("loss_minor") / unit).max().alias("loss")
    week = pl.col("day").min().dt.truncate("1w").alias("week")
    kept = [pl.col(name).first() for name in ("key", "store_id")]
    told = [pl.col("outcome").cast(pl.Int8).max(), pl.col("weight").max().cast(pl.Float64)]
    frame = rows.group_by("alert_id").agg(week, *kept, *told, loss, *last, *peak)
    return Groups(frame.sort("alert_id"))


def admitted(found: Groups, model: str, ceiling: Ceiling) -> Groups:
    """Return the groups that would become alerts under this model, the likeliest first.

    From the floor on, worth more than their review, and the most valuable of each store and week
    (of subjects that cross stores: of each week) up to the ceiling.
    """
    peak = pl.col(_PEAK[model])
    value = peak * pl.col("loss")
    most = pl.when(pl.col("store_id").is_null()).then(ceiling.chain_per_week)
    worth = found.frame.filter((peak >= ceiling.floor) & (value > ceiling.review_cost))
    ordered = worth.sort(value, pl.col("alert_id"), descending=[True, False])
    place = pl.int_range(pl.len()).over("store_id", "week")
    within = ordered.filter(place < most.otherwise(ceiling.per_store_week))
    return Groups(within.sort(peak, pl.col("alert_id"), descending=[True, False]))
