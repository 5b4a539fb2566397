"""Picks the receipts of a batch that fired a rule, and notes who took part in them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.records.batch import TRANSACTION_COLUMNS
from shrinkwatch.rules.condition import expression
from shrinkwatch.rules.judge import Judgement, filled
from shrinkwatch.rules.rule import Rule

_OF_RECEIPT = (
    *("tx_key", "arrived_at", "ended_at", "currency", "source", "store_id", "store_key"),
    *("transaction_id", "register_id", "business_date", "sequence", "operator_id"),
    *("approver_id", "customer_id", "loyalty_id"),
)
_OF_FEATURES: dict[str, pl.DataType | type[pl.DataType]] = {
    "local_date": pl.Date,
    "focus_sku": pl.String,
    "format": pl.String,
    "role": pl.String,
    "tenure_band": pl.String,
    "lane_type": pl.String,
    "peer_group": pl.UInt32,
}
_RECEIPT: dict[str, pl.DataType | type[pl.DataType]] = {
    **{name: TRANSACTION_COLUMNS[name] for name in _OF_RECEIPT},
    **_OF_FEATURES,
}
FIRED: dict[str, pl.DataType | type[pl.DataType]] = {
    "rule": pl.UInt16,
    "key": pl.UInt64,
    "unit": pl.Int32,
    "loss_minor": pl.Int64,
    "measure": pl.Float64,
    "excused": pl.UInt32,
    "named_key": pl.UInt64,
    "card_token": pl.String,
    **_RECEIPT,
}
"""A receipt that fired a rule; bit i of `excused`: the rule's i-th exonerating fact holds. `unit`:
of the open day (`scoring.ledger`), -1 under a rule of kind "extreme". `named_key`: of the earlier
receipt that it is about, 0 this one itself."""


def firings(
    frame: pl.DataFrame,
    judgement: Judgement,
    units: Mapping[str, NDArray[np.int64]],
    tenders: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return one row (FIRED) per receipt and rule that it fired.

    units: subject column -> (rows,) each row's unit. tenders: the batch's; where given, a receipt's
    card token is found by its `card_key`.
    """
    fired = judgement.firings
    if fired.row.size == 0:
        return pl.DataFrame(schema=FIRED)
    # by subscript: select first copies whatever of the whole frame lies in several pieces
    rules = [judgement.rules[place] for place in np.unique(fired.place)]
    hit = frame[_wanted(frame, rules)][fired.row]
    missing = [
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in _RECEIPT.items()
        if name not in hit.columns
    ]
    said = _said(judgement, hit, units)
    series = [pl.Series(name, values, FIRED[name]) for name, values in said.items()]
    tokens = _tokens(hit, fired.row, tenders)
    return hit.with_columns(*missing, *series, tokens)[list(FIRED)]


def _said(
    judgement: Judgement, hit: pl.DataFrame, units: Mapping[str, NDArray[np.int64]]
) -> dict[str, NDArray[Any]]:
    """Return the columns of the firings that are not their receipts'.

    hit: the receipt of each firing. units: of `firings`.
    """
    fired, size = judgement.firings, judgement.firings.row.size
    said: dict[str, NDArray[Any]] = {
        "rule": fired.place.astype(np.uint16),
        "key": np.zeros(size, dtype=np.uint64),
        "unit": np.full(size, -1, dtype=np.int32),
        "loss_minor": fired.loss_minor,
        "measure": np.full(size, np.nan),
        "excused": np.zeros(size, dtype=np.uint32),
        "named_key": np.zeros(size, dtype=np.uint64),
    }
    places, starts = np.unique(fired.place, return_index=True)
    holds = _excuses([judgement.rules[place] for place in places], hit)
    for place, start, end in zip(places.tolist(), starts, [*starts[1:], size], strict=True):
        rule, its = judgement.rules[place], slice(start, end)
        said["key"][its] = filled(hit[rule.subject_column][its], 0)
        if place in judgement.measure:
            said["measure"][its] = judgement.measure[place][fired.row[its]]
        if rule.kind != "extreme":
            said["unit"][its] = units[rule.subject_column][fired.row[its]]
        if rule.receipt is not None:
            said["named_key"][its] = hit[rule.receipt][its].to_numpy()
        for bit, excuse in enumerate(rule.exonerating[:32]):
            if excuse.when in holds:
                answer = holds[excuse.when][its].astype(np.uint32)
                said["excused"][its] |= answer << np.uint32(bit)
    return said


def _wanted(frame: pl.DataFrame, rules: Iterable[Rule]) -> list[str]:
    """Return the frame's columns that a firing or an exonerating fact may need."""
    wanted = {*_RECEIPT, "card_token", "card_key"}
    for rule in rules:
        wanted.add(rule.subject_column)
        if rule.receipt is not None:
            wanted.add(rule.receipt)
        for excuse in rule.exonerating:
            wanted |= _named(excuse.when)
    return [name for name in frame.columns if name in wanted]


def _excuses(rules: Sequence[Rule], hit: pl.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """Return where each exonerating condition of these rules holds; unknown is no.

    A condition that names a column which the frame does not have, or none, is left out.
    """
    asked = sorted({excuse.when for rule in rules for excuse in rule.exonerating})
    have = set(hit.columns)
    known = [when for when in asked if have.issuperset(_named(when)) and _named(when)]
    if not known:
        return {}
    answers = hit.select(expression(when).fill_null(value=False).alias(when) for when in known)
    return {when: answers[when].to_numpy() for when in known}


@lru_cache(maxsize=1024)
def _named(when: str) -> frozenset[str]:
    """Return the columns that a condition names."""
    return frozenset(expression(when).meta.root_names())


def _tokens(hit: pl.DataFrame, rows: NDArray[np.int64], tenders: pl.DataFrame | None) -> pl.Series:
    if "card_token" in hit.columns:
        return hit["card_token"]
    if tenders is None or "card_token" not in tenders.columns:
        return pl.Series("card_token", [None] * hit.height, dtype=pl.String)
    of_receipts = np.isin(tenders["tx"].to_numpy(), rows)
    of_key = (
        tenders.select("card_key", "card_token")
        .filter(pl.Series(of_receipts), pl.col("card_token").is_not_null())
        .unique("card_key", keep="any")
    )
    joined = hit.select("card_key").join(of_key, on="card_key", how="left", maintain_order="left")
    return joined["card_token"]
