"""Nobody is served before the one in front: the times of a till, put in order."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger

BETWEEN_S = 3
"""Seconds between one transaction's end and the next one's start, at least."""


def settle(ledger: Ledger) -> Ledger:
    """Return the ledger with starts moved so that no two transactions of a register overlap.

    In order of the wanted start each waits for the one before: start = max(wanted, previous end
    + gap), which is a running maximum of (wanted − time needed by all before).
    """
    tx = ledger.tx.sort("register", "start", "tx")
    need = tx["length"].to_numpy().astype(np.int64) + BETWEEN_S
    before = np.cumsum(need) - need
    slack = tx["start"].to_numpy() - before
    lane = tx["register"].to_numpy().astype(np.int64)
    apart = np.int64(1) << 40
    start = np.maximum.accumulate(slack + lane * apart) - lane * apart + before
    return ledger.with_tx(tx.with_columns(start=pl.Series(start)))
