"""Keeps known causes silent: a recall, a training day, a till that everybody knows is broken."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.records.mute import Mute
from shrinkwatch.rules.judge import Judgement
from shrinkwatch.rules.rule import Rule

_SUBJECT_IDS = {
    "operator": "operator_id",
    "approver": "approver_id",
    "loyalty": "loyalty_id",
    "customer": "customer_id",
    "register": "register_id",
    "sku": "focus_sku",
    "store": "store_id",
}


def concerns(mute: Mute, rule: Rule) -> bool:
    """Return whether the mute may silence the rule on some receipt."""
    return mute.rule in {None, rule.id} and mute.scheme in {None, rule.scheme}


def silence(frame: pl.DataFrame, judgement: Judgement, mutes: Sequence[Mute]) -> Judgement:
    """Return the judgement without exposures and hits that a mute names.

    A card or a receipt has no readable id in the frame; the desk mutes those at admission.
    """
    at_risk, firings = judgement.at_risk.copy(order="F"), judgement.firings
    for mute in mutes:
        rows = _rows(frame, mute)
        for place, rule in enumerate(judgement.rules):
            if not concerns(mute, rule):
                continue
            hushed = rows & _of_subject(frame, mute, rule.subject)
            at_risk[hushed, place] = False
            firings = firings.of((firings.place != place) | ~hushed[firings.row])
    return replace(judgement, at_risk=at_risk, firings=firings)


def _rows(frame: pl.DataFrame, mute: Mute) -> NDArray[np.bool_]:
    day = pl.col("local_date").fill_null(pl.col("ended_at").dt.date())
    holds = day <= mute.until
    if mute.since is not None:
        holds &= day >= mute.since
    if mute.store is not None:
        holds &= pl.col("store_id") == mute.store
    if mute.sku is not None:
        holds &= pl.col("focus_sku") == mute.sku
    return frame.select(holds.fill_null(value=False).alias("_"))["_"].to_numpy()


def _of_subject(frame: pl.DataFrame, mute: Mute, subject: str) -> NDArray[np.bool_]:
    if mute.subject is None:
        return np.ones(frame.height, dtype=np.bool_)
    column = _SUBJECT_IDS.get(subject)
    if column is None:
        return np.zeros(frame.height, dtype=np.bool_)
    return (frame[column] == mute.subject).fill_null(value=False).to_numpy()
