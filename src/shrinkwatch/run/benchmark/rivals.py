"""The two usual ways, on the same evidence and within the same ceiling: a fixed multiple, a forest.

Both look at each closed ISO week. `fixed_multiple` flags a subject whose hits under a rule are at
least two and three times what the peer group's mean rate gives, dearest first. `isolation_forest`
(Liu, Ting & Zhou 2008, scikit-learn's defaults) scores operators by their hit rates under all
rules; those that it calls outliers are flagged, the oddest first.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

import numpy as np
import polars as pl

from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.benchmark.answers import actor_of, key_of
from shrinkwatch.run.benchmark.figures import CEILING
from shrinkwatch.run.benchmark.judging import Raised
from shrinkwatch.scoring.document import Case, identify
from shrinkwatch.scoring.verdict import Verdict

MULTIPLE = 3.0
LEAST_HITS = 2
FEWEST_OPERATORS = 10
"""Of fewer nobody stands out: the forest says nothing."""

_KEY_COLUMNS = (
    "source",
    "store_id",
    "register_id",
    "business_date",
    "sequence",
    "transaction_id",
)


@dataclass(frozen=True, slots=True)
class Flag:
    """A subject that a rival would show in a week, with its worth to that rival."""

    subject: str
    key: int
    scheme: str
    worth: float


def fixed_multiple(week: pl.DataFrame, fired: pl.DataFrame, rules: Sequence[Rule]) -> list[Flag]:
    """Return the flagged subjects of the week, the dearest first.

    week, fired: of `weekly.Weekly.close_week`.
    """
    losses = fired.group_by("rule", "key").agg(pl.col("loss_minor").sum())
    peers = ("rule", "group")
    rate = pl.col("hits").sum().over(peers) / pl.col("exposed").sum().over(peers)
    sums = (
        week.with_columns(expected=pl.col("exposed") * rate)
        .group_by("rule", "key")
        .agg(pl.col("hits", "expected").sum())
        .join(losses, on=["rule", "key"], how="left")
        .filter(pl.col("hits") >= LEAST_HITS, pl.col("hits") >= MULTIPLE * pl.col("expected"))
        .sort("loss_minor", "key", "rule", descending=[True, False, False], nulls_last=True)
    )
    flags: dict[tuple[str, int], Flag] = {}
    for row in sums.iter_rows(named=True):
        rule = rules[row["rule"]]
        flag = Flag(rule.subject, row["key"], rule.scheme, float(row["loss_minor"] or 0))
        flags.setdefault((rule.subject, row["key"]), flag)
    return list(flags.values())


def isolation_forest(week: pl.DataFrame, rules: Sequence[Rule]) -> list[Flag]:
    """Return the operators whom the forest calls outliers this week, the oddest first."""
    from sklearn.ensemble import IsolationForest

    places = [
        p for p, rule in enumerate(rules) if rule.subject == "operator" and rule.kind == "count"
    ]
    mine = (
        week.filter(pl.col("rule").is_in(places))
        .group_by("rule", "key")
        .agg(pl.col("hits", "exposed").sum())
    )
    keys, row = np.unique(mine["key"].to_numpy(), return_inverse=True)
    if keys.size < FEWEST_OPERATORS:
        return []
    column = np.searchsorted(np.array(places), mine["rule"].to_numpy())
    rates = np.zeros((keys.size, len(places)))
    rates[row, column] = (mine["hits"] / mine["exposed"]).to_numpy()
    forest = IsolationForest(random_state=0).fit(rates)
    score = -forest.score_samples(rates)
    odd = np.flatnonzero(forest.predict(rates) < 0)
    typical = rates.mean(axis=0) + 1e-9
    return [
        Flag(
            "operator",
            int(keys[one]),
            rules[places[int(np.argmax(rates[one] / typical))]].scheme,
            float(score[one]),
        )
        for one in odd[np.argsort(-score[odd], kind="stable")]
    ]


def raise_alerts(
    flags: Sequence[Flag], fired: pl.DataFrame, day: date
) -> list[tuple[float, Raised]]:
    """Return (worth, alert) of the flags that fit into five per store and week.

    fired: of `weekly.Weekly.close_week`. An alert's receipts are all of the subject's that fired
    any rule in four weeks: more generous to the rival than to us. day: the last of the week.
    """
    by_key = {key[0]: part for key, part in fired.group_by("key", maintain_order=True)}
    opened: Counter[str] = Counter()
    found = []
    for flag in flags:
        receipts = by_key.get(flag.key)
        if receipts is None:  # an outlier for having too few hits
            continue
        alert = _raised(flag, receipts, day)
        if opened[alert.store] < CEILING:
            opened[alert.store] += 1
            found.append((flag.worth, alert))
    return found


def _raised(flag: Flag, receipts: pl.DataFrame, day: date) -> Raised:
    verdict = Verdict(flag.subject, flag.key, 1.0, {flag.scheme: 1.0}, (), 0.0)
    case = Case(verdict, receipts, receipts)
    subject = identify(case)
    return Raised(
        id=f"{flag.subject}-{flag.key:016x}-{day}",
        actor=actor_of(subject.type, subject.id, subject.store_id),
        store=case.store or "",
        keys=tuple(dict.fromkeys(key_of(*row) for row in receipts.select(_KEY_COLUMNS).rows())),
        updated_at=cast("datetime", receipts["arrived_at"].max()),
        scheme=flag.scheme,
    )
