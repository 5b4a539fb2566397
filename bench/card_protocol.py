"""How the Fraud Detection Handbook splits its payments and measures a score.

Source: Le Borgne, Siblini, Lebichot, Bontempi, "Reproducible Machine Learning for Credit Card Fraud
Detection - Practical Handbook" (ULB 2022), chapters 3 (baseline, `get_train_test_set`) and 4
(`card_precision_top_k`).
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
    after the training week. A card is left out from the day on which a fraud of the training week
    or later has been known for a day: it would have been blocked.
    """
    train = payments.filter(pl.col("day").is_between(first, _after(first, WEEK - 1)))
    stolen = payments.filter("fraud", pl.col("day") >= first)
    tested = []
    for number in range(WEEK):
        day = _after(first, WEEK + DELAY + number)
        known = stolen.filter(pl.col("day") < _after(day, -DELAY))["card"].unique()
        tested.append(payments.filter(pl.col("day") == day, ~pl.col("card").is_in(known.implode())))
    return train, pl.concat(tested)


def _after(day: date, days: int) -> date:
    return day + timedelta(days=days)


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
