"""Tills counted after each shift: what the drawer should hold, what it held, who worked at it.

A session is a shift at a register, or a day at a self-checkout. `expected` is the opening and all
cash that the session's records moved, the float (a loan) and pickups included, so that a staffed
till opens at 0; a self-checkout's cash machine opens at 200. Practice moves no money.

Honest drawers are seldom exact: 45 % are (a cash machine 95 %), most others off by coins (Laplace,
1.20 wide, times the operator's own factor), and one session in 120 by a whole note given wrong.
Our assumption. What a thief took from the drawer without a record is missing on top of it.
"""

from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.json_text import decimal
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.papers import Papers
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.visits import Site

STREAM = 2
"""Counting has a stream of chance of its own: thefts change nothing in how well others count."""

EXACT, EXACT_MACHINE = 0.45, 0.95
COINS_MINOR = 120.0
WRONG_NOTE = 1 / 120
NOTES_MINOR = (500, 1_000, 2_000)
MACHINE_OPENING_MINOR = 20_000
COUNTING_S = (120, 600)


def till_sessions(
    ledger: Ledger, page: Papers, site: Site, settings: WorldSettings
) -> pl.DataFrame:
    """Return the store's rows of the table `till_sessions`; money as decimals, times UTC.

    ledger: settled; the papers were written from it.
    """
    rng = np.random.default_rng([settings.seed, STREAM, site.shop.index])
    moved = _with_cash(ledger, page)
    counted = (
        moved.group_by("register", "day", "shift")
        .agg(
            opened=pl.col("start").min(),
            closed=(pl.col("start") + pl.col("length")).max(),
            operators=pl.col("operator").unique(),
            own=pl.col("operator").mode().min(),
            cash=pl.col("cash").sum(),
            missing=pl.col("missing").fill_null(0).sum(),
        )
        .sort("register", "day", "shift")
    )
    machine = counted["register"].is_in(list(site.shop.self_checkouts))
    counted = counted.with_columns(
        opening=pl.when(machine).then(MACHINE_OPENING_MINOR).otherwise(0),
        off=pl.Series(_off(counted, machine.to_numpy(), site, rng)),
        took=pl.Series(rng.integers(*COUNTING_S, counted.height)),
    )
    return _written(counted, site, settings)


def _with_cash(ledger: Ledger, page: Papers) -> pl.DataFrame:
    """Return the transactions with the `cash` each moved and their `shift` at the register.

    A shift begins with its sign-on; what comes before the first belongs to it.
    """
    cash = (
        page.tenders.filter(pl.col("type") == "cash", ~pl.col("voided"))
        .group_by(row="tx")
        .agg(cash=pl.col("amount_minor").sum())
        .join(page.number, on="row", maintain_order="left")
    )
    tx = ledger.tx.sort("register", "start", "tx").with_columns(
        shift=(pl.col("type") == "sign_on").cum_sum().over("register", "day").clip(1)
    )
    tx = tx.join(cash.select("tx", "cash"), on="tx", how="left", maintain_order="left")
    return tx.with_columns(cash=pl.when(pl.col("training")).then(0).otherwise("cash").fill_null(0))


def _off(
    counted: pl.DataFrame, machine: NDArray[np.bool_], site: Site, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return by how much each drawer is over (short: negative) without anybody's wish."""
    count = counted.height
    quirk = site.staff.clumsiness("drawer", counted["own"].to_numpy(), counted["day"].to_numpy())
    coins = np.rint(rng.laplace(0.0, COINS_MINOR, count) * quirk).astype(np.int64)
    exact = rng.random(count) < np.where(machine, EXACT_MACHINE, EXACT)
    note = rng.choice(np.array(NOTES_MINOR), count) * rng.choice(np.array([-1, 1]), count)
    wrong = (rng.random(count) < WRONG_NOTE * quirk) & ~machine
    return np.where(exact, 0, coins) + np.where(wrong, note, 0)


def _written(counted: pl.DataFrame, site: Site, settings: WorldSettings) -> pl.DataFrame:
    """Return the sessions under the contract's names."""
    people, tills = site.staff.table["operator_id"], site.shop.registers()["register_id"]
    midnight = pl.lit(datetime.combine(settings.start, datetime.min.time()))
    zone = site.shop.time_zone
    named = counted.select(pl.int_range(pl.len()).alias("n"), "operators").explode("operators")
    texts = (
        named.with_columns(id=people.gather(named["operators"]))
        .sort("n", "id")
        .group_by("n", maintain_order=True)
        .agg(pl.col("id").str.join(";"))
    )
    date = pl.lit(settings.start) + pl.duration(days=pl.col("day"))
    expected = pl.col("opening") + pl.col("cash")
    return (
        counted.with_columns(
            register_id=tills.gather(counted["register"]), operator_ids=texts["id"], date=date
        )
        .select(
            session_id=pl.concat_str(
                pl.lit(site.shop.store_id),
                "register_id",
                pl.col("date").dt.strftime("%Y%m%d"),
                pl.col("shift").cast(pl.String),
                separator="-",
            ),
            store_id=pl.lit(site.shop.store_id),
            register_id="register_id",
            business_date="date",
            operator_ids="operator_ids",
            opened_at=midnight + pl.duration(seconds=pl.col("opened")),
            closed_at=midnight + pl.duration(seconds=pl.col("closed") + pl.col("took")),
            opening=decimal(pl.col("opening")),
            expected=decimal(expected),
            counted=decimal(expected + pl.col("off") - pl.col("missing")),
            currency=pl.lit(site.shop.currency),
        )
        .with_columns(
            pl.col("opened_at", "closed_at").dt.replace_time_zone(zone).dt.convert_time_zone("UTC")
        )
    )
