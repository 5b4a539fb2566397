"""Money that moves without goods: the float, petty cash, surplus notes on their way to the safe.

A shift begins with a float of 150 from the office. Surplus goes to the safe before its end, in
fifties and never more than has been taken; on one shift in eight some of it goes earlier. Petty
cash (stamps, a taxi, the window cleaner) leaves the till on one shift in 25, in some stores more
often, a third of it in round sums. A supervisor signs for 94 % of the pickups and 88 % of the
petty cash. Our assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.mishaps import approval
from shrinkwatch.world.visits import Site

FLOAT_MINOR = 15_000
NOTE_MINOR = 5_000
MOST_PICKED_UP_MINOR = 40_000
EARLY_PICKUP = 0.125
EARLY_SHARE = 0.4
PETTY_CASH = 0.04
ROUND_SUM = 0.35
ROUND_MINOR = (500, 1_000, 1_000, 2_000, 2_000, 3_000, 5_000)
ODD_MINOR = (300, 3_000)
SIGNED_PICKUP, SIGNED_PETTY = 0.94, 0.88
PICKUP_LENGTH_S, PAID_OUT_LENGTH_S = 25, 40


def cash_office(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with every shift's float, pickups and petty cash."""
    shifts = _with_takings(ledger, site)
    moved = pl.concat([_floats(shifts, site), _pickups(shifts, site), _petty_cash(shifts, site)])
    tx = moved.with_columns(pl.Series("tx", ledger.next_numbers(moved.height)), pay=pl.lit("cash"))
    return ledger.plus(Ledger.of(tx=tx))


def _with_takings(ledger: Ledger, site: Site) -> pl.DataFrame:
    """Return the shifts with `midnight` and the cash `taken` in them."""
    cash = ledger.tx.filter(
        pl.col("pay") == "cash",
        pl.col("status").is_in(["completed", "resumed"]),
        ~pl.col("training"),
    )
    taken = (
        cash.join(ledger.worth(), on="tx", maintain_order="left")
        .group_by("register", "operator", "day")
        .agg(taken=pl.col("net").sum())
    )
    return site.staff.sessions.join(
        taken, on=["register", "operator", "day"], how="left", maintain_order="left"
    ).with_columns(
        midnight=pl.col("day").cast(pl.Int64) * 86_400, taken=pl.col("taken").fill_null(0).clip(0)
    )


def _moved(
    shifts: pl.DataFrame,
    kind: str,
    at: pl.Expr,
    length_s: int,
    amount: pl.Expr,
    approver: pl.Series | None = None,
) -> pl.DataFrame:
    return shifts.select(
        "register",
        "operator",
        "day",
        type=pl.lit(kind),
        start=at,
        length=pl.lit(length_s),
        amount=amount.cast(pl.Int64),
        approver=pl.lit(None, dtype=pl.Int32) if approver is None else approver,
    )


def _floats(shifts: pl.DataFrame, site: Site) -> pl.DataFrame:
    ahead = pl.when(pl.col("begins") == site.shop.opens_s).then(84).otherwise(1)
    begins = pl.col("midnight") + pl.col("begins") - ahead
    return _moved(shifts, "loan", begins, 20, pl.lit(FLOAT_MINOR))


def _pickups(shifts: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Return the pickups of surplus: some in the middle of the shift, the rest before its end."""
    rng = site.rng
    early = pl.Series(rng.random(shifts.height) < EARLY_PICKUP)
    notes = pl.min_horizontal("taken", MOST_PICKED_UP_MINOR) // NOTE_MINOR * NOTE_MINOR
    first = (notes * EARLY_SHARE).cast(pl.Int64) // NOTE_MINOR * NOTE_MINOR
    shifts = shifts.with_columns(first=pl.when(early).then(first).otherwise(0), notes=notes)
    into = pl.Series(rng.uniform(0.4, 0.7, shifts.height))
    middle = pl.col("midnight") + pl.col("begins")
    middle += ((pl.col("ends") - pl.col("begins")) * into).cast(pl.Int64)
    late = pl.col("midnight") + pl.col("ends") - 1500
    moves = [
        _moved(shifts, "pickup", middle, PICKUP_LENGTH_S, -pl.col("first")),
        _moved(shifts, "pickup", late, PICKUP_LENGTH_S, pl.col("first") - pl.col("notes")),
    ]
    moved = pl.concat(moves).filter(pl.col("amount") < 0)
    return moved.with_columns(approver=approval(site, moved, SIGNED_PICKUP))


def _petty_cash(shifts: pl.DataFrame, site: Site) -> pl.DataFrame:
    rng = site.rng
    often = min(0.5, PETTY_CASH * site.shop.muddle**2)
    some = shifts.filter(pl.Series(rng.random(shifts.height) < often))
    into = pl.Series(rng.uniform(0.1, 0.9, some.height))
    at = pl.col("midnight") + pl.col("begins")
    at += ((pl.col("ends") - pl.col("begins")) * into).cast(pl.Int64)
    odd = 10 * rng.integers(ODD_MINOR[0] // 10, ODD_MINOR[1] // 10, some.height)
    even = rng.choice(np.array(ROUND_MINOR), some.height)
    sums = pl.Series(np.where(rng.random(some.height) < ROUND_SUM, even, odd))
    paid = _moved(some, "paid_out", at, PAID_OUT_LENGTH_S, -pl.lit(sums))
    return paid.with_columns(approver=approval(site, paid, SIGNED_PETTY))
