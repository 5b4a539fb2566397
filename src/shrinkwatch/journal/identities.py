"""Checks the contract's sums and signs on whole columns; what does not hold is a finding.

A field that the feed lacks breaks nothing: without lines there is no sum of lines, without tenders
nothing to compare with what was due. Whether a post-void is the negative of its original shows
only where the original is known (`journal.post_voids`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.journal.moments import NEVER
from shrinkwatch.records.finding import Finding

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HALF_UNIT = 0.5
_EPSILON = 1e-6
CASH_ROUNDING = 5.0
"""Where cash is paid, what is due may be rounded by up to this many minor units.

Five covers rounding to 0.05 and to 0.10 (Switzerland, Canada, New Zealand, euro countries).
"""
WIDE_CASH_ROUNDING = {"SEK": 50.0, "NOK": 50.0, "DKK": 25.0, "CZK": 50.0, "HUF": 250.0}
"""Minor units by which cash is rounded where the smallest coin is larger."""
FAR_US = 3_600_000_000
"""A line's time this far outside its transaction is out of order."""


@dataclass(frozen=True, slots=True)
class Sums:
    """The numbers of some transactions, all in minor units as exact as the feed gave them.

    Per transaction: net, tax, gross, discount (NaN where missing), tax_included, sales (bool:
    completed and neither a post-void nor money moved without goods), cash_tolerance.
    Per line (line_tx: its transaction): goods = quantity × list price, change = Σ of its price
    changes, extended, quantity, live, returns, items. Per tender (tender_tx): paid, paid_live.
    whole_change: Σ of the changes on the whole transaction, per transaction.
    """

    net: Floats
    tax: Floats
    gross: Floats
    discount: Floats
    tax_included: Bools
    post_void: Bools
    completed: Bools
    cash_tolerance: Floats
    whole_change: Floats
    line_tx: Ints
    goods: Floats
    change: Floats
    extended: Floats
    quantity: Floats
    live: Bools
    returns: Bools
    items: Bools
    tender_tx: Ints
    paid: Floats
    paid_live: Bools


def broken_sums(sums: Sums) -> NDArray[np.uint32]:
    """Return the findings (bits) of each transaction's sums and signs."""
    count = sums.net.size
    found = np.zeros(count, dtype=np.uint32)
    lined = np.bincount(sums.line_tx, minlength=count) > 0
    off = np.abs(sums.goods + sums.change - sums.extended) > HALF_UNIT + _EPSILON
    found[sums.line_tx[off]] |= np.uint32(Finding.LINE_SUM)
    signs = sums.returns & ((sums.quantity > 0) | (sums.extended > 0))
    signs |= sums.items & ((sums.quantity < 0) | (sums.extended < 0))
    found[sums.line_tx[signs & ~sums.post_void[sums.line_tx]]] |= np.uint32(Finding.SIGN)
    live_net = totals(sums.line_tx, sums.extended * sums.live, count) + sums.whole_change
    off = np.abs(live_net - sums.net) > HALF_UNIT + _EPSILON
    found[lined & off] |= np.uint32(Finding.NET_SUM)
    found[_gross_off(sums, lined)] |= np.uint32(Finding.GROSS_SUM)
    found[_tenders_off(sums)] |= np.uint32(Finding.TENDER_SUM)
    return found


def _gross_off(sums: Sums, lined: Bools) -> Bools:
    count = sums.net.size
    goods = totals(sums.line_tx, sums.goods * sums.live, count)
    lines = np.bincount(sums.line_tx, minlength=count)
    off = lined & (np.abs(goods - sums.gross) > HALF_UNIT * np.maximum(lines, 1) + _EPSILON)
    # a comparison with NaN, a missing gross or discount, is False: unknown breaks nothing
    off |= np.abs(sums.gross - sums.net - sums.discount) > HALF_UNIT + _EPSILON
    return np.asarray(off, dtype=np.bool_)


def _tenders_off(sums: Sums) -> Bools:
    count = sums.net.size
    paid = totals(sums.tender_tx, sums.paid * sums.paid_live, count)
    tendered = np.bincount(sums.tender_tx, minlength=count) > 0
    due = sums.net + np.where(sums.tax_included, 0.0, np.nan_to_num(sums.tax))
    off = np.abs(paid - due) > sums.cash_tolerance + HALF_UNIT + _EPSILON
    return np.asarray(off & tendered & sums.completed, dtype=np.bool_)


def totals(group: Ints, values: Floats, count: int) -> Floats:
    """Return the sum (float64) of the values in each of the groups 0 to count − 1."""
    return np.bincount(group, weights=values, minlength=count).astype(np.float64)


def out_of_order(ends: Sequence[Ints], line_tx: Ints, line_times: Sequence[Ints]) -> Bools:
    """Return which transactions began after they ended, or have a line's time far outside.

    ends: when each began and when it ended; line_times: when its lines were scanned, and voided;
    all in UTC microseconds, NEVER where there is none.
    """
    began, ended = ends
    both = (began != NEVER) & (ended != NEVER)
    bad = both & (began > ended)
    first = np.where(began == NEVER, ended, began)[line_tx] - FAR_US
    last = np.where(ended == NEVER, began, ended)[line_tx] + FAR_US
    only_one_end = ~both[line_tx]
    for at in line_times:
        outside = (at != NEVER) & ~only_one_end & ((at < first) | (at > last))
        bad[line_tx[outside]] = True
    return np.asarray(bad, dtype=np.bool_)
