"""What a thief is and how one picks the moments: the part that all schemes share.

A scheme is a `Habit` (how often, how bold, for how long, with the reasons for the numbers) and a
function that rewrites the thief's own transactions into stolen ones. A thief steals only on some
shifts, a few times on each, and only at moments that suit the scheme.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Habit:
    """How a scheme is practised; the factor `intensity` of the settings multiplies `per_shift`.

    shift_share: share of the thief's shifts (a shopper's visits) on which anything is stolen.
    per_shift: mean number of thefts on such a shift, at least one.
    spell_weeks: mean length of the whole series; it may begin before the period.
    least_minor, most_minor: what a theft is worth to be tempting, and what would be noticed.
    """

    shift_share: float
    per_shift: float
    least_minor: int
    most_minor: int
    spell_weeks: float = 6.0


@dataclass(frozen=True, slots=True)
class Thief:
    """One actor of one scheme: an operator of the store, or a shopper at the self-checkout.

    actor: row of the store's operators, or the shopper's number.
    first_day, last_day: the series, in days of the period; may reach beyond it.
    boldness: the thief's own factor on the habit's frequency.
    own_cards: payment cards at the thief's hand (an accomplice's, a relative's).
    spoken_for: transactions of earlier thefts in the store, which no second theft can use.
    """

    actor: int
    first_day: int
    last_day: int
    boldness: float
    own_cards: tuple[int, ...]
    spoken_for: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """What a thief can know of the store: hours, prices, who may approve.

    closes: seconds after midnight at which the store closes.
    price: list price of every item in minor units, by row of the chain's items.
    approvers: rows of the supervisors, whose code a thief could borrow, on duty or not.
    colleagues: rows of the cashiers and clerks, whose numbers are typed in full view.
    stocked: rows of the items that the store sells.
    self_checkout: rows of the registers without a cashier.
    first_gift_card: a number from which gift cards are free; gift_card_item: their item row.
    staff_discount: the share that employees get off.
    promotion_days: days of the period on which prices are lowered everywhere.
    desk: rows of the registers at the service desk.
    first_shopper: the store's shoppers are numbered from here (`shrinkwatch.world.shoppers`).
    tax: every item's rate of tax, included in its price.
    """

    closes: int
    price: np.ndarray[tuple[int], np.dtype[np.int64]]
    stocked: np.ndarray[tuple[int], np.dtype[np.int64]]
    approvers: tuple[int, ...]
    colleagues: tuple[int, ...]
    self_checkout: tuple[int, ...]
    first_gift_card: int
    gift_card_item: int
    staff_discount: float
    promotion_days: tuple[int, ...]
    desk: tuple[int, ...]
    first_shopper: int
    tax: np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Theft:
    """The store's ledger after the thefts, and `tx, loss` (minor units): which rows they are."""

    ledger: Ledger
    rows: pl.DataFrame


Steal = Callable[[Ledger, Thief, Habit, Scene, np.random.Generator], Theft]
Variant = Literal["plain", "evasive"]


@dataclass(frozen=True, slots=True)
class Evasion:
    """How a scheme is practised by one who fears to be found out.

    how: what hides it, in a word or two: rare, under_limit, colleagues_id, in_promotion, …
    habit, steal: as those of the scheme; it brings less than the plain way.
    """

    how: str
    habit: Habit
    steal: Steal


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to steal at the till: `id` as SCHEMES names it, who acts, how, and the doing.

    evasive: the same theft, hidden. lookalikes: kinds of the sheet of honest people who look like
    it. at_desk: whether it suits the service desk. stores: how many stores the actor goes round on
    one tour, at least and at most; None for one who stays in one.
    """

    id: str
    number: int
    actor: Literal["operator", "shopper", "customer"]
    habit: Habit
    steal: Steal
    evasive: Evasion
    lookalikes: tuple[str, ...]
    at_desk: bool = False
    stores: tuple[int, int] | None = None

    def practice(self, variant: Variant) -> tuple[Habit, Steal]:
        """Return the habit and the doing of a variant."""
        way = self.evasive if variant == "evasive" else self
        return way.habit, way.steal


def nothing(ledger: Ledger) -> Theft:
    """Return the theft that did not happen: no moment suited."""
    return Theft(ledger, pl.DataFrame(schema={"tx": pl.Int64, "loss": pl.Int64}))


def days_of(ledger: Ledger, thief: Thief) -> pl.DataFrame:
    """Return everybody's transactions within the thief's series, with `idle`.

    idle: seconds from a transaction's end to the next start on that register, 600 for the last of
    a day; false records are made when nobody waits.
    """
    timed = ledger.tx.sort("register", "start").with_columns(
        idle=pl.col("start").shift(-1).over("register", "day")
        - pl.col("start")
        - pl.col("length").cast(pl.Int64)
    )
    return timed.filter(
        pl.col("day").is_between(thief.first_day, thief.last_day), ~pl.col("training")
    ).with_columns(pl.col("idle").fill_null(600))


def own_work(ledger: Ledger, thief: Thief) -> pl.DataFrame:
    """Return the thief's transactions within the series, with `net` and `idle`.

    What was stolen before, taken back or returned is not among them.
    """
    undone = ledger.tx["original"].drop_nulls()
    used = pl.concat([undone, pl.Series(thief.spoken_for, dtype=pl.Int64)])
    mine = days_of(ledger, thief).filter(
        pl.col("operator") == thief.actor, ~pl.col("tx").is_in(used.implode())
    )
    worth = ledger.keep(mine["tx"]).worth()
    return mine.join(worth, on="tx", how="left", maintain_order="left").with_columns(
        pl.col("net").fill_null(0)
    )


def quiet_cash_sales(work: pl.DataFrame, habit: Habit, idle_s: int = 40) -> pl.DataFrame:
    """Return the completed cash sales of a tempting value after which nobody was waiting."""
    return work.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("pay") == "cash",
        ~pl.col("employee_sale"),
        pl.col("net").is_between(habit.least_minor, habit.most_minor),
        pl.col("idle") >= idle_s,
    )


def moments(
    suitable: pl.DataFrame, thief: Thief, habit: Habit, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the rows of `suitable` at which the thief dares, in order of time.

    Of the days with a suitable moment a share is picked, and on each a Poisson number of them.
    """
    days = suitable["day"].unique().sort()
    share = min(1.0, habit.shift_share * thief.boldness**0.5)
    bold = days.filter(pl.Series(rng.random(days.len()) < share, dtype=pl.Boolean))
    if bold.is_empty():
        return suitable.clear()
    counts = 1 + rng.poisson(max(0.0, habit.per_shift * thief.boldness - 1.0), bold.len())
    wanted = pl.DataFrame({"day": bold, "wanted": counts})
    return (
        suitable.sort("start", "tx")
        .with_columns(lot=pl.Series(rng.random(suitable.height)))
        .join(wanted, on="day", maintain_order="left")
        .filter(pl.col("lot").rank("ordinal").over("day") <= pl.col("wanted"))
        .drop("lot", "wanted")
    )


def seconds(
    rng: np.random.Generator, count: int, typical: float, spread: float = 0.5
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return lognormal waiting times in whole seconds around a typical (median) one."""
    return np.rint(typical * rng.lognormal(0.0, spread, count)).astype(np.int64)


def drawer_opened(ledger: Ledger, after: pl.DataFrame, wait: pl.Series) -> Ledger:
    """Return no-sales by the same operator, so many seconds after these transactions' ends."""
    opened = after.select(
        pl.Series("tx", ledger.next_numbers(after.height)),
        "register",
        "operator",
        "day",
        start=pl.col("start") + pl.col("length") + wait,
        length=pl.lit(5),
        type=pl.lit("no_sale"),
    )
    drawer = opened.select("tx", type=pl.lit("drawer_open"), at=pl.lit(1))
    return Ledger.of(tx=opened, events=drawer)


def from_some(
    rng: np.random.Generator, choices: tuple[int, ...], count: int, share: float
) -> pl.Series:
    """Return one of the choices with probability `share`, else null, for each of `count` rows."""
    if not choices:
        return pl.Series([None] * count, dtype=pl.Int32)
    picked = pl.Series(rng.choice(np.array(choices), count), dtype=pl.Int32)
    absent = pl.Series(rng.random(count) >= share, dtype=pl.Boolean)
    return picked.set(absent, None)
