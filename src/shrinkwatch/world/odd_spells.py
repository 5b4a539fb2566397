"""Odd days of some stores: card terminals that fail, scales that cry, software to be learnt.

When and where is in `shrinkwatch.world.calendar`; the staff's own evening is in
`shrinkwatch.world.favours`. All rates are our assumption.
"""

import polars as pl

from shrinkwatch.world.calendar import Span
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.practice import new_software
from shrinkwatch.world.visits import Site

FAILS, THEN_CASH, THEN_LEAVES = 0.5, 0.5, 0.15
"""Of the card sales at a failing terminal: share refused, and of these paid in cash or given up."""

TROUBLED_LANE = 0
ALARMS = 0.3


def odd_spells(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with the odd days that the calendar has for this store."""
    for kind, happen in _SPELLS.items():
        span = site.calendar.spell(kind, site.shop)
        if span is not None:
            ledger = happen(ledger, site, span)
    return ledger


def _on_those_days(span: Span) -> pl.Expr:
    return pl.col("day").is_between(span.first_day, span.last_day)


def _terminal_trouble(ledger: Ledger, site: Site, span: Span) -> Ledger:
    """Refuse cards at the first lane for a day: some pay cash instead, some leave, most try again.

    Sales that were taken back or returned later are left as they were.
    """
    tried = ledger.tx.filter(
        _on_those_days(span),
        pl.col("register") == TROUBLED_LANE,
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("pay").is_in(["credit", "debit"]),
        ~pl.col("tx").is_in(ledger.tx["original"].drop_nulls().implode()),
    )
    refused = tried.filter(pl.Series(site.rng.random(tried.height) < FAILS, dtype=pl.Boolean))
    lot = pl.Series(site.rng.random(refused.height), dtype=pl.Float64)
    cash = refused.filter(lot < THEN_CASH)["tx"]
    left = refused.filter(lot > 1 - THEN_LEAVES)["tx"]
    ledger = ledger.mark(refused["tx"], refused="credit").mark(cash, pay="cash")
    return ledger.mark(left, status="cancelled", pay=None, card=None, refused=None)


def _scale_trouble(ledger: Ledger, site: Site, span: Span) -> Ledger:
    """Let the self-checkouts' scales cry at a third of the sales, whatever is put on them."""
    alone = ledger.tx.filter(
        _on_those_days(span),
        pl.col("operator") == site.staff.self_checkout,
        pl.col("total_at").is_not_null(),
    )
    cried = alone.filter(pl.Series(site.rng.random(alone.height) < ALARMS, dtype=pl.Boolean))
    into = pl.Series(site.rng.random(cried.height), dtype=pl.Float64)
    alarms = cried.select(
        "tx", type=pl.lit("weight_mismatch"), at=(pl.col("total_at") * into).cast(pl.Int32)
    )
    return ledger.plus(Ledger.of(events=alarms))


_SPELLS = {
    "terminal_trouble": _terminal_trouble,
    "scale_trouble": _scale_trouble,
    "new_software": new_software,
}
