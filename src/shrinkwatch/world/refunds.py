"""How a return is written at the till, true or false: goods back, money out."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.theft import Habit, Scene, Thief, days_of, seconds

RETURN_TOTAL_S = 25
REASONS = ("customer_changed_mind", "faulty", "wrong_item", "unwanted_gift")


def quiet_moments(work: pl.DataFrame, idle_s: int) -> pl.DataFrame:
    """Return the thief's completed transactions after which nobody came for `idle_s` seconds."""
    return work.filter(
        pl.col("status").is_in(["completed", "resumed"]),
        pl.col("type").is_in(["sale", "return"]),
        pl.col("idle") >= idle_s,
    )


def counter(ledger: Ledger, thief: Thief, scene: Scene, idle_s: int) -> pl.DataFrame:
    """Return the moments of a customer's series at which the desk, or else a lane, is quiet."""
    served = quiet_moments(
        days_of(ledger, thief).filter(pl.col("operator").is_in(list(scene.colleagues))), idle_s
    )
    at_desk = served.filter(pl.col("register").is_in(list(scene.desk)))
    return served if at_desk.is_empty() else at_desk


def refunds_after(
    moments: pl.DataFrame,
    numbers: np.ndarray[tuple[int], np.dtype[np.int64]],
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return the frame of one return by the same operator on the same register after each moment.

    numbers: the `tx` of the new rows. It starts when the customer is out of sight and takes as
    long as an honest return, so that no clock gives it away.
    """
    wait = pl.Series(12 + seconds(rng, moments.height, 25.0), dtype=pl.Int64)
    return moments.select(
        pl.Series("tx", numbers),
        "register",
        "operator",
        "day",
        start=pl.col("start") + pl.col("length") + wait,
        type=pl.lit("return"),
        total_at=pl.lit(RETURN_TOTAL_S),
        length=RETURN_TOTAL_S + pl.Series(rng.integers(20, 120, moments.height)),
    )


def dearest_lines(ledger: Ledger, least_minor: int, most_minor: int) -> pl.DataFrame:
    """Return each transaction's dearest live item line between two amounts, with `extended`.

    A line is what remains of it after its price changes; lines without an item are left out.
    """
    return (
        ledger.lines_worth()
        .filter(
            ~pl.col("voided"),
            pl.col("kind") == "item",
            pl.col("extended").is_between(least_minor, most_minor),
        )
        .sort("tx", "extended", "line", descending=[False, True, False])
        .unique("tx", keep="first", maintain_order=True)
    )


def earlier_sales(
    sales: pl.DataFrame,
    moments: pl.DataFrame,
    oldest_days: int,
    youngest_days: int,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return for each moment one sale made before it, as `moment` (its tx) and the sale's columns.

    sales: `tx, day, start` and more. A sale is used once; a moment without one is dropped.
    """
    candidates = (
        moments.select(moment="tx", moment_day="day", moment_start="start")
        .join(sales, how="cross")
        .filter(
            pl.col("start") < pl.col("moment_start") - 600,
            (pl.col("moment_day") - pl.col("day")).is_between(youngest_days, oldest_days),
        )
        .sort("moment", "tx")
    )
    return (
        candidates.with_columns(lot=pl.Series(rng.random(candidates.height), dtype=pl.Float64))
        .sort("lot")
        .unique("moment", keep="first", maintain_order=True)
        .unique("tx", keep="first", maintain_order=True)
        .sort("moment")
        .drop("lot")
    )


def returned(lines: pl.DataFrame, reason: pl.Series, entry: pl.Series) -> pl.DataFrame:
    """Return these sold lines as return lines at the price paid, numbered from 1 in each tx.

    lines: `tx` (of the return), `item, quantity, extended`; a return gives back what was paid.
    """
    return lines.with_columns(
        kind=pl.lit("return"),
        line=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("tx"),
        price=(pl.col("extended") / pl.col("quantity")).round().cast(pl.Int64),
        quantity=-pl.col("quantity"),
        entry=entry,
        at=pl.lit(8) + 4 * pl.int_range(0, pl.len(), dtype=pl.Int32).over("tx"),
        voided=pl.lit(value=False),
        void_at=pl.lit(None),
        gift_card=pl.lit(None),
        reason=reason,
    )


def picked_goods(
    numbers: np.ndarray[tuple[int], np.dtype[np.int64]],
    habit: Habit,
    scene: Scene,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return one line for each return: goods of a tempting price, which nobody brought back."""
    price = scene.price[scene.stocked]
    tempting = scene.stocked[(price >= habit.least_minor) & (price <= habit.most_minor)]
    if tempting.size == 0:
        tempting = scene.stocked[[int(np.argmax(price))]]
    item = rng.choice(tempting, numbers.size)
    keyed = pl.Series(np.where(rng.random(numbers.size) < 0.6, "key", "scan"))
    lines = pl.DataFrame(
        {
            "tx": numbers,
            "item": item,
            "quantity": np.ones(numbers.size),
            "extended": scene.price[item],
        }
    )
    return returned(lines, reasons(numbers.size, rng), keyed)


def reasons(count: int, rng: np.random.Generator) -> pl.Series:
    """Return why goods come back, as the cashier picks it from the till's list."""
    return pl.Series(rng.choice(np.array(REASONS), count), dtype=pl.String)
