"""Numbers that are used by somebody else for honest reasons, and people who sign for themselves.

On one shift in forty a colleague covers a break of ten to twenty minutes: the till is rung under
the number of one who is signed on at another till as well, which is then in two places at once.
At the desk 6 % and at the lanes 1.5 % of what needs a signature is signed by the one who rings,
because no supervisor is near. Time clocks are forgotten (`shrinkwatch.world.tables`). Our
assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.evasions import at_work
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site

COVERED = 1 / 40
COVER_S = (600, 1_201)
SELF_SIGNED_DESK, SELF_SIGNED = 0.06, 0.015


def lapses(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with breaks covered under a colleague's number and own signatures."""
    return _signed_by_themselves(_covered(ledger, site), site)


def _covered(ledger: Ledger, site: Site) -> Ledger:
    """Let a colleague who works elsewhere then ring what is rung during some breaks."""
    breaks = _breaks(site)
    people = site.staff.of_role("cashier", "service_desk")
    found = at_work(ledger, breaks.select("tx", "day", "start", "operator"), people, site.rng)
    covers = breaks.join(found, on="tx", maintain_order="left").drop("tx")
    rung = (
        ledger.tx.filter(pl.col("type").is_in(["sale", "return", "exchange"]))
        .select("tx", "register", "operator", "day", at="start")
        .join(covers, on=["register", "operator", "day"], maintain_order="left")
        .filter((pl.col("at") - pl.col("start")).is_between(0, pl.col("took")))
        .unique("tx", keep="first", maintain_order=True)
    )
    tx = ledger.tx.join(rung.select("tx", "colleague"), on="tx", how="left", maintain_order="left")
    return ledger.with_tx(tx.with_columns(operator=pl.coalesce("colleague", "operator")))


def _breaks(site: Site) -> pl.DataFrame:
    """Return `tx` (a number), `register, operator, day, start, took` of the breaks covered so."""
    rng, sessions = site.rng, site.staff.sessions
    some = sessions.filter(pl.Series(rng.random(sessions.height) < COVERED))
    into = pl.Series(rng.uniform(0.2, 0.8, some.height))
    begins = pl.col("day").cast(pl.Int64) * 86_400 + pl.col("begins")
    return some.select(
        "register",
        "operator",
        "day",
        tx=pl.int_range(pl.len(), dtype=pl.Int64),
        start=begins + ((pl.col("ends") - pl.col("begins")) * into).cast(pl.Int64),
        took=pl.Series(rng.integers(*COVER_S, some.height)),
    )


def _signed_by_themselves(ledger: Ledger, site: Site) -> Ledger:
    """Replace some of the supervisors' signatures by the operator's own."""
    tx = ledger.tx.with_columns(approver=_signatures(ledger.tx, site))
    rung = ledger.tx.select("tx", "register", "operator")
    changes = ledger.changes.join(rung, on="tx", how="left", maintain_order="left")
    by_hand = ledger.changes["type"].is_in(["override", "manual_discount"])
    signed = _signatures(changes, site).zip_with(by_hand, ledger.changes["approver"])
    return Ledger(tx, ledger.lines, ledger.changes.with_columns(approver=signed), ledger.events)


def _signatures(signed: pl.DataFrame, site: Site) -> pl.Series:
    """Return the approvers of `register, operator, approver`, some of them the operator."""
    at_desk = signed["register"].is_in(list(site.shop.desk)).to_numpy()
    own = site.rng.random(signed.height) < np.where(at_desk, SELF_SIGNED_DESK, SELF_SIGNED)
    needed = pl.col("approver").is_not_null() & pl.Series(own)
    return signed.select(
        approver=pl.when(needed).then("operator").otherwise("approver")
    ).to_series()
