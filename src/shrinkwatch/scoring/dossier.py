"""Puts a case into numbers: all that a learned model may know of it, one row per case.

The rows of a closed day are kept and never computed again; what stands in them was known when the
day was closed. Nothing in them depends on an answer that people gave.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from shrinkwatch.records.alert import alert_id
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.document import Case, identify

LEAD_FLOOR = 0.01
"""From this probability on a case is kept as a lead, to be looked at again once people have
answered; below it there are more of them than anybody could ever learn from."""

Kinds = Mapping[str, pl.DataType | type[pl.DataType]]

WHO: Kinds = {
    "day": pl.Date,
    "subject": pl.String,
    "key": pl.UInt64,
    "week": pl.Date,
    "alert_id": pl.String,
    "store_id": pl.String,
    "scheme": pl.String,
    "probability": pl.Float64,
    "loss_minor": pl.Int64,
    "currency": pl.String,
}
"""Which case it is. day: the UTC day that was closed. week: the Monday of the store's week.
alert_id: of the alert that the case is, or would be. scheme: the likeliest. probability: what the
rules and peers alone say. store_id: null where it was seen in several."""

FEATURES: Mapping[str, str] = {
    "log_odds": "what rules and peers alone say",
    "strongest": "how far the strongest rule speaks against them",
    "second": "how far the second rule speaks against them",
    "rules": "how many rules speak against them",
    "margin": "how much likelier the first scheme is than the second",
    "hits": "how often it happened",
    "excess": "how much oftener it happened than with peers",
    "surprise": "how seldom an honest peer shows as much",
    "exposed": "on how many receipts it could have happened",
    "loss": "what the receipts cost",
    "loss_each": "what one of the receipts costs",
    "dearest": "what the dearest of the receipts costs",
    "days": "on how many days it happened",
    "fresh": "how often it happened on the newest day",
    "recent": "how much of it happened in the last week",
    "span": "how long it has been going on",
    "stores": "in how many stores it happened",
    "registers": "at how many tills it happened",
    "new": "how much of it happened while new in the job",
    "service": "how much of it happened at a service desk",
    "self_checkout": "how much of it happened at self-checkouts",
    "excused": "how much of it has an innocent explanation on the receipt",
    "with_customer": "how much of it has a known customer",
    "one_customer": "how much of it is with one customer or loyalty card",
    "one_card": "how much of it is on one payment card",
    "one_approver": "how much of it one person approved",
    "one_article": "how much of it is one article",
    "leads_in_store": "how many others of the store stand out on the same day",
    "alike_in_store": "how many others of the store stand out in the same way",
    "alike_in_chain": "how many others of the chain stand out in the same way",
}
"""What a model may know beside the schemes' probabilities, and what each number says in words.

Counts, amounts (minor units) and lengths (days) are logarithms of one more than the number, shares
lie in 0 … 1; null is unknown."""

RISING = frozenset({"log_odds", "strongest", "second", "surprise", "excess"})
"""Of these the trade knows that more is worse."""


def columns(schemes: Sequence[str]) -> tuple[str, ...]:
    """Return the features of a dossier where these schemes are hunted, in order."""
    return (*FEATURES, *(f"of_{scheme}" for scheme in sorted(set(schemes))))


def dossiers(cases: Sequence[Case], rules: Sequence[Rule], day: date) -> pl.DataFrame:
    """Return a row per case, in order: WHO, and `columns` as Float32.

    cases: of the day that was closed. rules: those that the verdicts' rows point to.
    """
    schemes = sorted({rule.scheme for rule in rules})
    kinds = {**WHO, **dict.fromkeys(columns(schemes), pl.Float32)}
    stores = Counter(case.store for case in cases)
    alike = Counter((case.store, _scheme(case)) for case in cases)
    chain = Counter(_scheme(case) for case in cases)
    rows = []
    for case in cases:
        said = case.verdict.schemes
        others = {
            "leads_in_store": _log(stores[case.store] - 1),
            "alike_in_store": _log(alike[case.store, _scheme(case)] - 1),
            "alike_in_chain": _log(chain[_scheme(case)] - 1),
        }
        of = {f"of_{scheme}": said.get(scheme, 0.0) for scheme in schemes}
        rows.append(_who(case, day) | _evidence(case) | _receipts(case) | others | of)
    return pl.DataFrame(rows, schema=kinds)


def _who(case: Case, day: date) -> dict[str, Any]:
    verdict = case.verdict
    return {
        "day": day,
        "subject": verdict.subject,
        "key": verdict.key,
        "week": case.week,
        "alert_id": alert_id(identify(case), case.opens_on),
        "store_id": case.store,
        "scheme": _scheme(case),
        "probability": verdict.probability,
        "loss_minor": round(verdict.loss_minor),
        "currency": case.currency,
    }


def _evidence(case: Case) -> dict[str, float | None]:
    """Return what rules and peers say; the first row of the verdict is the strongest."""
    verdict = case.verdict
    p = min(max(verdict.probability, 1e-9), 1 - 1e-9)
    first, *rest = verdict.rules
    ranked = sorted(verdict.schemes.values(), reverse=True)
    return {
        "log_odds": float(np.log(p / (1 - p))),
        "strongest": first["log_factor"],
        "second": rest[0]["log_factor"] if rest else 0.0,
        "rules": _log(len(verdict.rules)),
        "margin": ranked[0] / sum(ranked),
        "hits": _log(first["hits"]),
        "excess": _log(first["hits"]) - _log(first["expected"]),
        "surprise": float(-np.log10(max(first["tail"], 1e-30))),
        "exposed": _log(first["exposed"]),
        "loss": _log(verdict.loss_minor),
    }


def _receipts(case: Case) -> dict[str, float | None]:
    """Return what the receipts say, each counted once."""
    once = case.fired.unique("tx_key", keep="first", maintain_order=True)
    losses = case.fired.group_by("tx_key").agg(pl.col("loss_minor").max())["loss_minor"]
    days = once["day"].to_physical().to_numpy()
    age = days.max() - days  # the newest is of the day that was closed
    count = once.height
    return {
        "loss_each": _log(float(losses.mean() or 0)),  # type: ignore[arg-type]
        "dearest": _log(float(losses.max() or 0)),  # type: ignore[arg-type]
        "days": _log(np.unique(days).size),
        "fresh": _log(case.fresh["tx_key"].n_unique()),
        "recent": float((age < 7).sum()) / count,
        "span": _log(float(age.max())),
        "stores": _log(once["store_id"].n_unique()),
        "registers": _log(once.select("store_id", "register_id").n_unique()),
        "new": _share(once["tenure_band"] == "new"),
        "service": _share(once["lane_type"] == "service"),
        "self_checkout": _share(once["lane_type"] == "self_checkout"),
        "excused": float((once["excused"] > 0).sum()) / count,
        "with_customer": float(_customer(once).is_not_null().sum()) / count,
        "one_customer": _largest(_customer(once)),
        "one_card": _largest(once["card_token"]),
        "one_approver": _largest(once["approver_id"]),
        "one_article": _largest(once["focus_sku"]),
    }


def _customer(receipts: pl.DataFrame) -> pl.Series:
    return receipts.select(pl.coalesce("customer_id", "loyalty_id")).to_series()


def _scheme(case: Case) -> str:
    return next(iter(case.verdict.schemes))


def _share(told: pl.Series) -> float | None:
    """Return on what share of the receipts that tell it is so; None where none tells."""
    known = told.drop_nulls()
    return None if known.is_empty() else float(known.sum()) / known.len()


def _largest(names: pl.Series) -> float | None:
    """Return the share of all receipts that the commonest name has; None where none has a name."""
    known = names.drop_nulls()
    if known.is_empty():
        return None
    return float(known.value_counts()["count"].max()) / names.len()  # type: ignore[arg-type]


def _log(number: float) -> float:
    return float(np.log1p(max(number, 0.0)))
