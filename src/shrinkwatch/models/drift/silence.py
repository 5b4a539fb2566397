"""Notices a store whose receipts stopped coming, within minutes where it usually sends many."""

import math
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from msgspec import Struct

WEEKS = 4
FALSE_ALARMS = 1e-3
"""Of all stores together, in one look. Our choice."""

_STEP = timedelta(minutes=5)
_IN_A_WEEK = timedelta(days=7) // _STEP


class Silent(Struct, frozen=True):
    """A store that sent nothing since `last`, when it usually sends so many receipts.

    probability: of sending none when nothing is wrong.
    """

    store_id: str
    last: datetime
    usual: float
    probability: float


def silent(receipts: pl.DataFrame, now: datetime) -> tuple[Silent, ...]:
    """Return the stores that are silent though they usually are not, the least probable first.

    receipts: store_id and ended_at (UTC) of the last five weeks. A store must have sent something
    before those four weeks ended. What counts as usual is what came in the same minutes of the week
    in the four weeks before its last receipt; of c receipts in four weeks the next week has none
    with probability (4/5)^c. Source: gamma-Poisson prediction, Gelman et al. 2013, "Bayesian data
    analysis", §2.6.
    """
    counted = receipts.filter(pl.col("ended_at") <= now)
    stores = max(counted["store_id"].n_unique(), 1)
    found = []
    for (store,), rows in counted.group_by("store_id", maintain_order=True):
        last: datetime = rows["ended_at"].max()  # type: ignore[assignment]
        usual = _in_the_same_minutes(rows["ended_at"], last, now)
        probability = math.exp(usual * math.log(WEEKS / (WEEKS + 1)))
        if probability < FALSE_ALARMS / stores:
            found.append(Silent(str(store), last, usual / WEEKS, probability))
    return tuple(sorted(found, key=lambda one: (one.probability, one.store_id)))


def _in_the_same_minutes(times: pl.Series, last: datetime, now: datetime) -> float:
    """Return how many of these times of the four weeks before lie in the minutes now silent."""
    start = last - timedelta(weeks=WEEKS)
    before = times.filter((times >= start) & (times < last))
    seconds = (before - start).dt.total_milliseconds().to_numpy() / 1000.0
    place = (seconds // _STEP.total_seconds()).astype(np.int64)
    counts = np.bincount(place, minlength=WEEKS * _IN_A_WEEK)[: WEEKS * _IN_A_WEEK]
    weekly = counts.reshape(WEEKS, _IN_A_WEEK).sum(axis=0)
    steps = (now - last) / _STEP
    whole, rest = divmod(steps, _IN_A_WEEK)
    full = int(rest)
    part = weekly[:full].sum() + (weekly[full] * (rest - full) if full < _IN_A_WEEK else 0.0)
    return float(whole * weekly.sum() + part)
