"""What a receipt says of the one that it takes back, beside what is remembered of that one."""

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features import arrays, originals
from shrinkwatch.features.arrays import Block
from shrinkwatch.features.facts import STATUS, TYPE, Plain
from shrinkwatch.features.fold import Arrivals
from shrinkwatch.features.kernel import UNKNOWN_64
from shrinkwatch.features.measures import known_or_zero
from shrinkwatch.records.batch import Batch

_KEPT_TYPES = [TYPE[name] for name in ("sale", "return", "exchange", "gift_card", "void")]


def names_original(batch: Batch) -> NDArray[np.bool_]:
    """Return whether the feed names an original, however incompletely."""
    named = np.zeros(len(batch), dtype=np.bool_)
    for column in batch.transactions:
        told = column.null_count() < len(batch)
        if told and column.name.startswith("original_") and not column.name.endswith("_key"):
            named |= column.is_not_null().to_numpy()
    return named


def receipts_of(
    plain: Plain, arrivals: Arrivals, first_line: NDArray[np.int64]
) -> originals.Receipts:
    """Return the transactions as the memory of originals sees them.

    first_line: (rows + 1,) offsets of the lines.
    """
    tx, who, head = plain["transactions"], arrivals.who, arrivals.head
    key, columns = tx["tx_key"], arrivals.facts.columns
    words = np.empty((key.size, 7), dtype=np.int64)
    words[:, originals.AT] = head.at
    words[:, originals.NET] = head.net
    words[:, originals.CASH] = columns["cash_minor"]
    words[:, originals.CARD_PAID] = columns["card_minor"]
    words[:, originals.CARD] = who.card.view(np.int64)
    words[:, originals.HANDS] = originals.hands(who.operator, who.register)
    units = columns["units"] * 1000
    words[:, originals.UNITS] = np.where(np.isnan(units), UNKNOWN_64, np.rint(units))
    measures = arrivals.measures
    refund = measures["refund_minor"] + np.where(
        measures["voids"] > 0, np.abs(known_or_zero(head.net)), 0
    )
    cancelled = head.status == STATUS["cancelled"]
    kept = arrays.among(head.type, _KEPT_TYPES) & ~head.training & ~cancelled
    named = _or_of_line(tx["original_key"], plain["lines"]["original_key"], first_line)
    return originals.Receipts(key, kept, named, refund, words)


def _or_of_line(
    named: NDArray[np.uint64], by_line: NDArray[np.uint64], first_line: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Return the original of each transaction, else the first that one of its lines names."""
    telling = np.flatnonzero(by_line)
    if telling.size == 0:
        return named
    owner = np.searchsorted(first_line, telling, side="right") - 1
    rows, first = np.unique(owner, return_index=True)
    out = named.copy()
    out[rows] = np.where(named[rows] != 0, named[rows], by_line[telling[first]])
    return out


def original_columns(
    arrivals: Arrivals, found: originals.Found, named: NDArray[np.int8]
) -> list[Block]:
    """Return the ORIGINALS columns; what is remembered of an original is null unless found."""
    words, here = found.words, found.found
    who, at = arrivals.who, arrivals.head.at
    own = originals.hands(who.operator, who.register)
    theirs = words[:, originals.HANDS]

    def told(word: int) -> NDArray[np.int64]:
        return np.where(here, words[:, word], UNKNOWN_64)

    def same(mine: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int8]:
        return np.where(here & (mine != 0) & (other != 0), mine == other, 2).astype(np.int8)

    looked_up = found.refunded != UNKNOWN_64
    then, units = told(originals.AT), told(originals.UNITS)
    dated = (then != UNKNOWN_64) & (at != UNKNOWN_64)
    columns = {
        "original_named": named,
        "original_found": np.where(looked_up, here, 2).astype(np.int8),
        "original_age_s": np.where(dated, (at - np.where(dated, then, 0)) / 1e6, np.nan),
        "original_net_minor": told(originals.NET),
        "original_cash_minor": told(originals.CASH),
        "original_card_paid_minor": told(originals.CARD_PAID),
        "original_card_key": np.where(here, words[:, originals.CARD], 0).view(np.uint64),
        "original_same_operator": same(own >> 32, theirs >> 32),
        "original_same_register": same(own & 0xFFFFFFFF, theirs & 0xFFFFFFFF),
        "original_units": np.where(units == UNKNOWN_64, np.nan, units / 1000),
        "original_refunded_minor": found.refunded,
    }
    return arrays.apart(columns)
