"""The two usual ways, on the same evidence and within the same budget: a fixed multiple, a forest.

Both look at each closed ISO week. `fixed_multiple` flags a subject whose hits under a rule are at
least two and three times what the peer group's mean rate gives, dearest first. `isolation_forest`
(Liu, Ting & Zhou 2008, scikit-learn's defaults) scores operators by their hit rates under all
rules; those that it calls outliers are flagged, the oddest first.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from sklearn.ensemble import IsolationForest

from judging import Raised, actor_of, key_of, monday
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.desk import Desk
from shrinkwatch.scoring.document import Case, identify
from shrinkwatch.scoring.verdict import Verdict

MULTIPLE = 3.0
CEILING = 5


@dataclass(frozen=True, slots=True)
class Flag:
    """A subject that a rival would show in a week, with its worth to that rival."""

    subject: str
    key: int
    scheme: str
    worth: float


def week_of(desk: Desk) -> pl.DataFrame:
    """Return rule, key, group, exposed, hits and loss_minor of the last seven closed days."""
    views = desk.evidence.views()
    losses = desk.evidence.fired().group_by("rule", "key").agg(pl.col("loss_minor").sum())
    return (
        views.filter(pl.col("exposed_week") > 0)
        .select("rule", "key", "group", exposed="exposed_week", hits="hits_week")
        .join(losses, on=["rule", "key"], how="left")
    )


def fixed_multiple(week: pl.DataFrame, rules: Sequence[Rule]) -> list[Flag]:
    """Return the flagged subjects of the week, the dearest first."""
    counting = [place for place, rule in enumerate(rules) if rule.kind == "count"]
    rate = pl.col("hits").sum().over("rule", "group") / pl.col("exposed").sum().over(
        "rule", "group"
    )
    sums = (
        week.filter(pl.col("rule").is_in(counting))
        .with_columns(expected=pl.col("exposed") * rate)
        .group_by("rule", "key")
        .agg(pl.col("hits", "expected").sum(), pl.col("loss_minor").first())
        .filter(pl.col("hits") >= 2, pl.col("hits") >= MULTIPLE * pl.col("expected"))
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
    places = [
        p for p, rule in enumerate(rules) if rule.subject == "operator" and rule.kind == "count"
    ]
    mine = (
        week.filter(pl.col("rule").is_in(places))
        .group_by("rule", "key")
        .agg(pl.col("hits", "exposed").sum())
    )
    keys, row = np.unique(mine["key"].to_numpy(), return_inverse=True)
    if keys.size < 10:
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
            score[one],
        )
        for one in odd[np.argsort(-score[odd], kind="stable")]
    ]


def raise_alerts(flags: Sequence[Flag], desk: Desk, day: date) -> list[tuple[float, Raised]]:
    """Return (worth, alert) of the flags that fit into five per store and week, and have receipts.

    An alert's receipts are all of the subject's that fired any rule in the window: more generous
    to the rival than to us.
    """
    fired = desk.evidence.fired()
    by_key = {key[0]: part for key, part in fired.group_by("key", maintain_order=True)}
    opened: Counter[str] = Counter()
    found = []
    for flag in flags:
        receipts = by_key.get(flag.key)
        if receipts is None:
            continue
        case = Case(
            Verdict(flag.subject, flag.key, 1.0, {flag.scheme: 1.0}, (), 0.0), receipts, receipts
        )
        purse = case.store or ""
        if opened[purse] >= CEILING:
            continue
        opened[purse] += 1
        subject = identify(case)
        keys = frozenset(key_of(row) for row in receipts.iter_rows(named=True))
        last = receipts["arrived_at"].max()
        actor = actor_of(subject.type, subject.id, subject.store_id)
        alert = Raised(actor, monday(day), purse, keys, last, flag.scheme)  # type: ignore[arg-type]
        found.append((flag.worth, alert))
    return found
