"""A store's stock on paper: moves and counts as CONTRACT §2 names them, and the answer sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.json_text import decimal
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.stock.carried import THOUSANDTHS
from shrinkwatch.world.stock.losses import Days
from shrinkwatch.world.stock.shelves import Shelves
from shrinkwatch.world.visits import Site

LORRY_S, ROUND_S = -3600, -1800
"""When deliveries come and gaps are noticed, in seconds after opening (our assumption)."""

TRANSFER_S, BIN_S, COUNT_S = 7200, 900, 3600
"""When transfers go and come, after opening; when goods are thrown away and counted, after closing.

By then the last customer has gone.
"""


@dataclass(frozen=True, slots=True)
class Stock:
    """One store's stock.

    moves: `store_id, sku, at, kind, quantity, unit_cost, reason, user_id, reference`, without
    what the tills sold and took back. counts: `store_id, sku, counted_at, counted, book`.
    causes: `store_id, sku, at, cause, quantity`, why a book is too high (negative: too low), for
    nobody but a benchmark. Quantities are units, times UTC, costs decimals.
    """

    moves: pl.DataFrame
    counts: pl.DataFrame
    causes: pl.DataFrame


def moves(
    kept: Shelves,
    recorded: Sequence[tuple[str, str, Days]],
    went: pl.DataFrame,
    came: pl.DataFrame,
    site: Site,
    settings: WorldSettings,
) -> pl.DataFrame:
    """Return the store's moves in order of time.

    recorded: kind, reason and amount of what was thrown away and written down. went, came: the
    store's part of the chain's transfers, `day` being when.
    """
    opens, closes = site.shop.opens_s, site.shop.closes_s
    first = kept.opening_book[None, :]
    found = [
        _rows(first, 0).with_columns(kind=pl.lit("adjust"), reason=pl.lit("opening_balance")),
        _rows(kept.ordered, opens + LORRY_S).with_columns(kind=pl.lit("receive"), slip=pl.lit("D")),
        _rows(kept.extra, opens + ROUND_S).with_columns(kind=pl.lit("receive"), slip=pl.lit("X")),
        _rows(kept.adjusted, opens + ROUND_S).with_columns(
            kind=pl.lit("adjust"), reason=pl.lit("shelf_gap")
        ),
        *(
            _rows(-amount, closes + BIN_S).with_columns(kind=pl.lit(kind), reason=pl.lit(why))
            for kind, why, amount in recorded
        ),
        _transfer(went, "transfer_out", -pl.col("sent"), opens),
        _transfer(came, "transfer_in", pl.col("booked"), opens),
    ]
    every = pl.concat(found, how="diagonal_relaxed")
    slip = pl.format("{}{}-{}", "slip", pl.lit(site.shop.store_id), _date(settings))
    people = site.staff.table["operator_id"]
    in_charge = pl.Series(site.staff.on_duty[every["day"].to_numpy(), 0])
    signed = every.with_columns(
        reference=pl.coalesce("reference", slip),
        user_id=pl.when(pl.col("reason").is_not_null()).then(people.gather(in_charge)),
    )
    columns = ("store_id", "sku", "at", "kind", "quantity", "reason", "user_id", "reference")
    named = _named(signed, site, settings).select(*columns, unit_cost=decimal(pl.col("cost")))
    return named.sort("at", "kind", "sku", "reference")


def counts(kept: Shelves, site: Site, settings: WorldSettings) -> pl.DataFrame:
    """Return the store's counts; afterwards the book is what was counted."""
    day, item = np.nonzero(kept.was_counted)
    rows = pl.DataFrame(
        {
            "day": day,
            "item": item,
            "second": np.full(day.size, site.shop.closes_s + COUNT_S),
            "quantity": kept.counted[day, item],
            "book": kept.book[day, item] / THOUSANDTHS,
        }
    )
    return _named(rows, site, settings).select(
        "store_id", "sku", counted_at="at", counted="quantity", book="book"
    )


def causes(
    kept: Shelves, wrong: Mapping[str, Days], site: Site, settings: WorldSettings
) -> pl.DataFrame:
    """Return why the books were wrong: `book − counted` is the sum since the last count, adjusted.

    A count that errs appears twice: at its own time, and reversed a second later, because from
    then on it is the book that errs.
    """
    evening = site.shop.closes_s
    error = kept.opening_book - kept.opening
    found = [
        _rows(error[None, :], 0).with_columns(cause=pl.lit("opening_error")),
        _rows(-kept.mis_counted, evening + COUNT_S).with_columns(cause=pl.lit("mis_count")),
        _rows(kept.mis_counted, evening + COUNT_S + 1).with_columns(cause=pl.lit("mis_count")),
        *(
            _rows(amount, evening).with_columns(cause=pl.lit(cause))
            for cause, amount in wrong.items()
        ),
    ]
    return (
        _named(pl.concat(found), site, settings)
        .select("store_id", "sku", "at", "cause", "quantity")
        .sort("at", "cause", "sku")
    )


def _rows(amount: Days, second: int) -> pl.DataFrame:
    """Return `day, item, second, quantity` of what is not zero."""
    day, item = np.nonzero(amount)
    return _table(day, item, second, amount[day, item])


def _table(
    day: NDArray[np.int64], item: NDArray[np.int64], second: int, amount: NDArray[np.int64]
) -> pl.DataFrame:
    return pl.DataFrame(
        {"day": day, "item": item, "second": np.full(day.size, second), "quantity": amount},
        schema=dict.fromkeys(("day", "item", "second", "quantity"), pl.Int64),
    )


def _transfer(sent: pl.DataFrame, kind: str, amount: pl.Expr, opens: int) -> pl.DataFrame:
    return sent.select(
        "day",
        "item",
        "reference",
        second=pl.lit(opens + TRANSFER_S, dtype=pl.Int64),
        quantity=amount,
        kind=pl.lit(kind),
    )


def _date(settings: WorldSettings) -> pl.Expr:
    day = pl.lit(settings.start) + pl.duration(days=pl.col("day"))
    return day.dt.strftime("%Y%m%d")


def _named(rows: pl.DataFrame, site: Site, settings: WorldSettings) -> pl.DataFrame:
    """Return the rows with `store_id, sku, cost, at`, and the quantity in units."""
    midnight = pl.lit(datetime.combine(settings.start, datetime.min.time())).cast(pl.Datetime("us"))
    local = midnight + pl.duration(seconds=pl.col("day") * 86_400 + pl.col("second"))
    zone = site.shop.time_zone
    return rows.with_columns(
        store_id=pl.lit(site.shop.store_id),
        sku=site.goods.table["sku"].gather(rows["item"]),
        cost=site.goods.table["cost"].gather(rows["item"]),
        at=local.dt.replace_time_zone(zone).dt.convert_time_zone("UTC"),
        # NumPy's quotient is the nearest number; that of Polars may print fifteen decimals
        quantity=pl.Series(rows["quantity"].to_numpy() / THOUSANDTHS),
    )
