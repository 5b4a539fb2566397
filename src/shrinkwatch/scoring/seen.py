"""What one batch of receipts shows: exposures and hits per subject, and the receipts that fired."""

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.peers import CELL_COLUMNS
from shrinkwatch.models.extremes import bins
from shrinkwatch.records.batch import TRANSACTION_COLUMNS
from shrinkwatch.rules.condition import expression
from shrinkwatch.rules.judge import Judgement
from shrinkwatch.rules.rule import Rule

COUNTED = {name: dtype for name, dtype in CELL_COLUMNS.items() if name != "weighted"}
"""A cell before its day is closed: rule, key, group, store, exposed, hits."""

_OF_RECEIPT = (
    *("tx_key", "arrived_at", "ended_at", "currency", "source", "store_id", "store_key"),
    *("transaction_id", "register_id", "business_date", "sequence", "operator_id"),
    *("approver_id", "customer_id", "loyalty_id", "operator_key", "card_key"),
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
    "loss_minor": pl.Int64,
    "measure": pl.Float64,
    "excused": pl.UInt32,
    "card_token": pl.String,
    **_RECEIPT,
}
"""A receipt that fired a rule; bit i of `excused`: the rule's i-th exonerating fact holds."""


def exposures(frame: pl.DataFrame, judgement: Judgement) -> pl.DataFrame:
    """Return the batch's cells (COUNTED); `rule` is its place in the judgement.

    Of an "extreme" rule the group is the bin of the measure (`models.extremes.bins`).
    """
    by_column: dict[str, list[int]] = {}
    for place, rule in enumerate(judgement.rules):
        if rule.kind == "count":
            by_column.setdefault(rule.subject_column, []).append(place)
    together = [*by_column.items()]
    together += [(r.subject_column, [p]) for p, r in enumerate(judgement.rules) if r.measure]
    parts = [
        part for column, places in together for part in _cells(frame, judgement, column, places)
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=COUNTED)


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
        found.append(pl.DataFrame(dict(zip(COUNTED, columns, strict=True)), schema=COUNTED))
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
    """Return one row (FIRED) per receipt and rule that it fired.

    tenders: the batch's; where given, a receipt's card token is found by its `card_key`.
    """
    rows = np.flatnonzero(judgement.fired.any(axis=1))
    if rows.size == 0:
        return pl.DataFrame(schema=FIRED)
    hit = frame.select(_wanted(frame, judgement.rules))[rows]
    tokens = _tokens(hit, rows, tenders)
    receipts = hit.select(
        pl.col(name) if name in hit.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in _RECEIPT.items()
    ).with_columns(tokens)
    parts = []
    for place, rule in enumerate(judgement.rules):
        mine = np.flatnonzero(judgement.fired[rows, place])
        if mine.size == 0:
            continue
        of_rule = {
            "rule": np.full(mine.size, place, dtype=np.uint16),
            "key": hit[rule.subject_column].to_numpy()[mine],
            "loss_minor": judgement.loss_minor[rows[mine], place],
            "measure": judgement.measure[rows[mine], place],
            "excused": _excuses(rule, hit, mine),
        }
        parts.append(pl.DataFrame(of_rule).with_columns(receipts[mine].get_columns()))
    return pl.concat([part.select(FIRED.keys()) for part in parts])


def _wanted(frame: pl.DataFrame, rules: Iterable[Rule]) -> list[str]:
    """Return the frame's columns that a firing or an exonerating fact may need."""
    wanted = {*_RECEIPT, "card_token"}
    for rule in rules:
        wanted.add(rule.subject_column)
        for excuse in rule.exonerating:
            wanted.update(expression(excuse.when).meta.root_names())
    return [name for name in frame.columns if name in wanted]


def _excuses(rule: Rule, hit: pl.DataFrame, rows: NDArray[np.int64]) -> NDArray[np.uint32]:
    bits = np.zeros(rows.size, dtype=np.uint32)
    for place, excuse in enumerate(rule.exonerating[:32]):
        holds = expression(excuse.when)
        names = sorted(set(holds.meta.root_names()))
        if names and set(names) <= set(hit.columns):
            answer = hit.select(names)[rows].select(holds.fill_null(value=False).alias("_"))["_"]
            bits |= answer.to_numpy().astype(np.uint32) << np.uint32(place)
    return bits


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
