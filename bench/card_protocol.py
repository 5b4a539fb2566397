"""How the Fraud Detection Handbook splits its payments, puts them into numbers, measures a score.

Source: Le Borgne, Siblini, Lebichot, Bontempi, "Reproducible Machine Learning for Credit Card Fraud
Detection - Practical Handbook" (ULB 2022), chapters 3 (baseline features, `get_train_test_set`) and
4 (`card_precision_top_k`).
"""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

WEEK = DELAY = 7
"""Days of training, of testing, and until it is known what a payment was."""
TOP = 100


class Measured(NamedTuple):
    """What a score is worth on a test week; `most` is the card precision of a perfect score."""

    auc: float
    average_precision: float
    card_precision: float
    most: float
    payments: int
    frauds: int


def split(payments: pl.DataFrame, first: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the payments to train on and to test on; the training week begins on `first`.

    payments: columns day (Date), card and fraud (Boolean). Tested is the week that begins a delay
    after the training week, with a column `blocked` (Boolean): a fraud of the card, of the training
    week or later, has been known for a day. The published figures leave blocked payments out.
    """
    train = payments.filter(pl.col("day").is_between(first, _after(first, WEEK - 1)))
    stolen = payments.filter("fraud", pl.col("day") >= first)
    tested = []
    for number in range(WEEK):
        day = _after(first, WEEK + DELAY + number)
        known = stolen.filter(pl.col("day") < _after(day, -DELAY))["card"].unique()
        blocked = pl.col("card").is_in(known.implode())
        tested.append(payments.filter(pl.col("day") == day).with_columns(blocked=blocked))
    return train, pl.concat(tested)


def _after(day: date, days: int) -> date:
    return day + timedelta(days=days)


def published_features(payments: pl.DataFrame) -> pl.DataFrame:
    """Return the fifteen features of the published table for each payment, in order.

    payments: in the order of time, columns at (Datetime), card, till, amount, fraud (Boolean).
    The amount, night and weekend; how often and for how much the card paid in 1, 7 and 30 days; how
    many payments the till took in as many days, and what share of them was fraud, up to the moment
    a delay ago.
    """
    at, one = "at", pl.lit(1.0)
    stolen = pl.col("fraud").cast(pl.Float64)

    def summed(of: pl.Expr, days: int) -> pl.Expr:
        return of.rolling_sum_by(at, f"{days}d").over("till")

    columns = [
        pl.col("amount"),
        (pl.col(at).dt.weekday() > 5).alias("weekend"),
        (pl.col(at).dt.hour() <= 6).alias("night"),
    ]
    for days in (1, 7, 30):
        taken = summed(pl.col("one"), DELAY + days) - summed(pl.col("one"), DELAY)
        lost = summed(pl.col("lost"), DELAY + days) - summed(pl.col("lost"), DELAY)
        columns += [
            pl.col("one").rolling_sum_by(at, f"{days}d").over("card").alias(f"card_{days}d"),
            pl.col("amount").rolling_mean_by(at, f"{days}d").over("card").alias(f"mean_{days}d"),
            taken.alias(f"till_{days}d"),
            pl.when(taken > 0).then(lost / taken).otherwise(0.0).alias(f"risk_{days}d"),
        ]
    return payments.with_columns(one=one, lost=stolen).select(columns)


def card_precision(tested: pl.DataFrame, score: NDArray[np.float64], top: int) -> float:
    """Return the mean share of stolen cards among the `top` cards looked at each day.

    tested: as `split` returns it. score: (rows,), a card's is its highest of the day. A card found
    stolen is not looked at again.
    """
    found: list[object] = []
    shares = []
    scored = tested.with_columns(score=pl.Series(score))
    for day in tested["day"].unique().sort():
        of_day = scored.filter(pl.col("day") == day, ~pl.col("card").is_in(found))
        cards = of_day.group_by("card", maintain_order=True).agg(
            pl.col("score").max(), pl.col("fraud").any()
        )
        looked_at = cards.sort("score", descending=True, maintain_order=True).head(top)
        stolen = looked_at.filter("fraud")["card"].to_list()
        found += stolen
        shares.append(len(stolen) / top)
    return float(np.mean(shares))


def measure(tested: pl.DataFrame, score: NDArray[np.float64]) -> Measured:
    """Return what this score, (rows,), is worth on these payments."""
    fraud = tested["fraud"].to_numpy()
    return Measured(
        auc=float(roc_auc_score(fraud, score)),
        average_precision=float(average_precision_score(fraud, score)),
        card_precision=card_precision(tested, score, TOP),
        most=card_precision(tested, fraud.astype(np.float64), TOP),
        payments=tested.height,
        frauds=int(fraud.sum()),
    )
