"""An employee rings returns of one article by its number, typed from memory, for cash.

How: nothing is there to scan, so the number of an article that sells every day is keyed; a cash
receipt of somebody who bought it is named where one is at hand. The same one or two articles come
back week after week.

Numbers: one or two of the ten tempting articles that sell most; receipts up to 14 days old, and
none for three refunds in ten; a borrowed code in half. Our assumption; the indicator (keyed item,
repeats of one article) is SCHEMES' 17.

Hidden: another article each time, and half of them scanned from the shelf.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import (
    earlier_sales,
    quiet_moments,
    reasons,
    refunds_after,
    returned,
)
from shrinkwatch.world.theft import (
    Evasion,
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    from_some,
    moments,
    nothing,
    own_work,
)

BORROWED_CODE = 0.5
OLDEST_DAYS = 14
NO_RECEIPT = 0.3
BEST_SELLERS = 10
FAVOURITES = 2
KNOWN = 60
SCANNED = 0.5


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with cash returns of one or two articles, keyed."""
    best = _best_sellers(ledger, thief, habit, BEST_SELLERS)
    items = rng.permutation(best["item"].unique(maintain_order=True).to_numpy())
    mine = items[: int(rng.integers(1, FAVOURITES + 1))]
    return _refunded(ledger, thief, habit, scene, best.filter(pl.col("item").is_in(mine)), 0.0, rng)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with cash returns of all sorts of articles, half of them scanned."""
    best = _best_sellers(ledger, thief, habit, KNOWN)
    return _refunded(ledger, thief, habit, scene, best, SCANNED, rng)


def _best_sellers(ledger: Ledger, thief: Thief, habit: Habit, count: int) -> pl.DataFrame:
    """Return the cash sales of the tempting items that sell most, one line for each sale.

    Columns: `tx, day, start, item, extended` (of one piece).
    """
    sales = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("pay") == "cash",
        ~pl.col("training"),
        ~pl.col("tx").is_in(list(thief.spoken_for)),
    ).select("tx", "day", "start")
    pieces = (
        ledger.keep(sales["tx"])
        .lines_worth()
        .filter(~pl.col("voided"), pl.col("kind") == "item", pl.col("entry") != "plu")
        .with_columns(extended=(pl.col("extended") / pl.col("quantity")).round().cast(pl.Int64))
        .filter(pl.col("extended").is_between(habit.least_minor, habit.most_minor))
    )
    most = pieces.group_by("item").len().sort("len", "item", descending=[True, False]).head(count)
    return (
        pieces.join(most, on="item", how="semi", maintain_order="left")
        .sort("tx", "extended", "line", descending=[False, True, False])
        .unique("tx", keep="first", maintain_order=True)
        .select("tx", "item", "extended")
        .join(sales, on="tx", maintain_order="left")
    )


def _refunded(
    ledger: Ledger,
    thief: Thief,
    habit: Habit,
    scene: Scene,
    sales: pl.DataFrame,
    scanned: float,
    rng: np.random.Generator,
) -> Theft:
    chosen = moments(quiet_moments(own_work(ledger, thief), idle_s=60), thief, habit, rng)
    pairs = earlier_sales(sales, chosen, OLDEST_DAYS, 0, rng)
    if pairs.is_empty():
        return nothing(ledger)
    count = pairs.height
    numbers = ledger.next_numbers(count)
    at = pairs.select(tx="moment").join(chosen, on="tx", maintain_order="left")
    named = pl.Series(rng.random(count) >= NO_RECEIPT)
    tx = refunds_after(at, numbers, rng).with_columns(
        original=pairs["tx"].set(~named, None),
        pay=pl.lit("cash"),
        approver=from_some(rng, scene.approvers, count, BORROWED_CODE),
    )
    entry = pl.Series(np.where(rng.random(count) < scanned, "scan", "key"))
    goods = pairs.select(
        pl.Series("tx", numbers), "item", "extended", quantity=pl.lit(1.0, dtype=pl.Float64)
    )
    return Theft(
        ledger.plus(Ledger.of(tx=tx, lines=returned(goods, reasons(count, rng), entry))),
        pl.DataFrame({"tx": numbers, "loss": pairs["extended"]}),
    )


HABIT = Habit(shift_share=0.55, per_shift=1.6, least_minor=900, most_minor=7_000)

SCHEME = Scheme(
    id="keyed_refund",
    number=17,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("varied_goods", replace(HABIT, shift_share=0.35), hidden),
    at_desk=True,
    lookalikes=("recall", "service_desk"),
)
