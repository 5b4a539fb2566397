"""Goods that one store sends to another: planned for the chain, because both ends keep books."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from shrinkwatch.world.stock.carried import THOUSANDTHS
from shrinkwatch.world.visits import Site

PER_STORE_WEEK = 1.5
ITEMS_EACH = 5
SHORT, NOTICED = 0.03, 0.5
"""Share of the transferred lines that arrive short, and of those that the receiver notices."""


def transfers(sites: Sequence[Site], rng: np.random.Generator) -> pl.DataFrame:
    """Return `reference, item, sender, receiver, sent_day, got_day, sent, got, booked`.

    Stores by index, days of the period, quantities in thousandths of a unit: got is what came,
    booked what the receiver wrote down. Goods go between stores of one kind and currency; those
    sent on the last days arrive after the period. Rates are our assumption.
    """
    found = [
        _between(sender, receiver, rng)
        for sender in sites
        for receiver in _partners(sender, sites, rng)
    ]
    every = pl.concat([_none(), *found])
    sent = every["sent"].to_numpy()
    lot = rng.random(every.height)
    gone = np.where(lot < SHORT, np.minimum(sent, THOUSANDTHS), 0)
    return every.with_columns(
        got=pl.Series(sent - gone),
        booked=pl.Series(np.where(lot < SHORT * NOTICED, sent - gone, sent)),
        reference=pl.format("T{}-{}-{}", "sender", "receiver", "sent_day"),
    )


def _none() -> pl.DataFrame:
    days = {"sender": pl.Int64, "receiver": pl.Int64, "sent_day": pl.Int64, "got_day": pl.Int64}
    return pl.DataFrame(schema={**days, "item": pl.Int64, "sent": pl.Int64})


def _partners(sender: Site, sites: Sequence[Site], rng: np.random.Generator) -> list[Site]:
    """Return to whom the store sends something in the period, in order; some more than once."""
    alike = [
        site
        for site in sites
        if site.shop.index != sender.shop.index
        and (site.shop.kind, site.shop.currency) == (sender.shop.kind, sender.shop.currency)
    ]
    if not alike:
        return []
    count = int(rng.poisson(PER_STORE_WEEK * sender.days / 7))
    return [alike[int(row)] for row in rng.integers(0, len(alike), count)]


def _between(sender: Site, receiver: Site, rng: np.random.Generator) -> pl.DataFrame:
    """Return the lines of one transfer: a few of the items that both sell, some pieces of each."""
    demand = np.diff(sender.goods.demand(sender.shop.format), prepend=0.0)
    item = rng.choice(demand.size, ITEMS_EACH, replace=False, p=demand)
    day = int(rng.integers(max(sender.opens_on, receiver.opens_on), sender.days))
    return pl.DataFrame(
        {
            "sender": np.full(ITEMS_EACH, sender.shop.index),
            "receiver": np.full(ITEMS_EACH, receiver.shop.index),
            "sent_day": np.full(ITEMS_EACH, day),
            "got_day": np.full(ITEMS_EACH, day + 1 + int(rng.random() < 0.2)),
            "item": item,
            "sent": rng.integers(2, 9, ITEMS_EACH) * THOUSANDTHS,
        }
    ).cast(_none().schema)
