"""One store's stock over the period: what moved, what was counted, and why the books were wrong."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.stock.carried import FAULTY_GOODS, carried, differences, rung_twice
from shrinkwatch.world.stock.counting import counting
from shrinkwatch.world.stock.losses import Days, losses, mis_scanned
from shrinkwatch.world.stock.reorder import reorder
from shrinkwatch.world.stock.sheets import Stock, causes, counts, moves
from shrinkwatch.world.stock.shelves import Flows, shelves
from shrinkwatch.world.visits import Site

STREAM = 1
"""Stock has a stream of chance of its own: it changes nothing at the tills."""

WRITTEN_OFF = 0.7
"""Share of faulty and recalled goods that is written off when it comes back (our assumption)."""


@dataclass(frozen=True, slots=True)
class Till:
    """What the store's tills did and what their records say.

    honest: the ledger before the thefts; written: with them. unscanned: `tx, day, item, out` of
    what honest shoppers forgot to scan. stolen: `tx, scheme`. arrived: numbers of the records
    that reached the head office.
    """

    honest: Ledger
    written: Ledger
    unscanned: pl.DataFrame
    stolen: pl.DataFrame
    arrived: pl.Series


def store_stock(till: Till, sent: pl.DataFrame, site: Site, settings: WorldSettings) -> Stock:
    """Return the store's stock sheets; the same settings give the same ones.

    sent: the chain's transfers (`shrinkwatch.world.stock.transfers`).
    """
    rng = np.random.default_rng([settings.seed, STREAM, site.shop.index])
    told = carried(till.written)
    wrong = _wrong_at_the_till(till, told, site, rng)
    arrived = told.filter(pl.col("tx").is_in(till.arrived.implode()))
    written = _by_day(arrived, "out", site)
    real = written + sum(wrong.values())
    sold = np.maximum(real, 0)
    beside = losses(sold, site, rng)
    thrown = _written_off(till.honest, site, rng)
    here = pl.col("receiver") == site.shop.index
    came = sent.filter(here, pl.col("got_day") < site.days).with_columns(day="got_day")
    went = sent.filter(pl.col("sender") == site.shop.index).with_columns(day="sent_day")
    out, booked = _by_day(went, "sent", site), _by_day(came, "booked", site)
    got = _by_day(came, "got", site)
    known = beside.waste + beside.damaged + thrown
    flows = Flows(
        out=real + beside.gone + thrown + out - got,
        written=written + known + out - booked,
        needed=sold + beside.gone + thrown + out,
    )
    kept = shelves(flows, reorder(written, site), counting(site, rng), rng)
    wrong |= {
        "shoplifting": beside.shoplifted,
        "unrecorded_waste": beside.wasted_unseen,
        "short_delivery": kept.missing,
        "short_transfer": booked - got,
    }
    recorded = {
        "waste": ("waste", "expired", beside.waste),
        "damaged": ("write_off", "damaged", beside.damaged),
        "thrown": ("write_off", "returned_faulty", thrown),
    }
    return Stock(
        moves=moves(kept, list(recorded.values()), went, came, site, settings),
        counts=counts(kept, site, settings),
        causes=causes(kept, wrong, site, settings),
    )


def _wrong_at_the_till(
    till: Till, told: pl.DataFrame, site: Site, rng: np.random.Generator
) -> dict[str, Days]:
    """Return by cause how far the tills' records fall short of what was carried out."""
    found = differences(till.honest, till.written, told, till.stolen, till.arrived)
    wrong = {
        str(cause): _by_day(rows, "lost", site)
        for (cause,), rows in found.group_by("cause", maintain_order=True)
    }
    wrong["forgotten_scan"] = _by_day(till.unscanned, "out", site)
    wrong["return_rung_twice"] = _by_day(rung_twice(till.honest), "lost", site)
    wrong["mis_scan"] = mis_scanned(told, site, rng)
    return wrong


def _written_off(honest: Ledger, site: Site, rng: np.random.Generator) -> Days:
    """Return what customers really brought back and nobody can sell again."""
    back = honest.lines.filter(pl.col("kind") == "return", pl.col("reason").is_in(FAULTY_GOODS))
    moved = carried(honest, back["tx"].unique())
    back = back.select("tx", "line").join(moved, on=["tx", "line"], maintain_order="left")
    gone = back.filter(pl.Series(rng.random(back.height) < WRITTEN_OFF), pl.col("out") < 0)
    return -_by_day(gone, "out", site)


def _by_day(rows: pl.DataFrame, column: str, site: Site) -> Days:
    """Return the sums of the column by day and item; rows: `day, item` and the column."""
    items = site.goods.price.size
    place = rows["day"].to_numpy().astype(np.int64) * items + rows["item"].to_numpy()
    summed = np.bincount(place, weights=rows[column].to_numpy(), minlength=site.days * items)
    return np.rint(summed).astype(np.int64).reshape(site.days, items)
