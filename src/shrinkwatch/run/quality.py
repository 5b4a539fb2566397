"""How often the alerts are right, how much they miss, and how long it takes to know."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from msgspec import Struct

from shrinkwatch.models import sampling
from shrinkwatch.models.sampling import Estimate
from shrinkwatch.records.alert import Alert
from shrinkwatch.run.labels import Said, said
from shrinkwatch.run.opened import Opened
from shrinkwatch.run.snapshot import Shelf
from shrinkwatch.scoring.answers import Author
from shrinkwatch.scoring.audit import Stratum, kept_log

MATURE_DAYS = 14
"""An alert counts from a fortnight after it opened: what is answered at once is not like the rest.
Our assumption."""

WITHIN = 0.1
SLOWEST_RECALL = 0.75
"""Where recall^3 (1 - recall) is largest: what is believed of recall while it is unknown."""

_STORES_PER_THIEF = 10


class Way(Struct, frozen=True):
    """The mature alerts that were chosen in one way: how many, answered, and right."""

    alerts: int
    answered: int
    right: int


class Learning(Struct, frozen=True):
    """What can be learned in how long, in weeks, as the chain runs now; None: never, or unknown.

    leads: passed over, a week. draws: of them, a week. recall: until it is known to 10 points. one:
    until one thief who shows as a lead every week, and is never chosen, was drawn once, with 90 %.
    scheme: the same of a scheme with such a thief in every tenth store.
    """

    leads: float | None = None
    draws: float | None = None
    recall: float | None = None
    one: float | None = None
    scheme: float | None = None


class QualityReport(Struct, frozen=True):
    """How good the alerts are.

    precision: the share of alerts that is right. recall: of the thieves among the leads, the share
    with an alert. false_alerts: of the honest ones among the leads, the share with an alert.
    unripe: alerts opened in the last fortnight, which do not count yet. unknown: why something is.
    """

    chosen: Way
    drawn: Way
    unripe: int
    precision: Estimate
    recall: Estimate
    false_alerts: Estimate
    unknown: tuple[str, ...]
    learning: Learning
    authors: tuple[Author, ...]


def quality(desk: Opened, now: datetime | None = None) -> QualityReport:
    """Return how good the alerts of the workspace are, as far as people's answers tell.

    now: aware; None means the clock's.
    """
    now = datetime.now(UTC) if now is None else now
    told = said(desk, now)
    log = kept_log(Shelf(desk.workspace.state).desk)
    return quality_of(told, log, len(desk.stores), now)


def quality_of(
    told: Said, log: Mapping[date, Sequence[Stratum]], stores: int, now: datetime
) -> QualityReport:
    """Return how good these alerts are.

    log: what the lot did, per week. stores: of the chain, 0 where nobody knows.
    """
    ripe = [one for one in told.alerts if one.opened_at <= now - timedelta(MATURE_DAYS)]
    chosen, drawn = (
        _answers([one for one in ripe if one.chosen_by == way], told.right)
        for way in ("score", "audit")
    )
    found = sampling.quality(chosen, drawn)
    return QualityReport(
        chosen=_way(chosen),
        drawn=_way(drawn),
        unripe=len(told.alerts) - len(ripe),
        precision=found.precision,
        recall=found.recall,
        false_alerts=found.false_alerts,
        unknown=_why_unknown(chosen, drawn),
        learning=_learning(told.alerts, found, log, stores),
        authors=told.answers.authors,
    )


def _answers(alerts: Sequence[Alert], right: Mapping[str, bool]) -> sampling.Answers:
    known = [one for one in alerts if one.alert_id in right]
    return sampling.Answers(
        np.array([right[one.alert_id] for one in known], dtype=np.bool_),
        np.array([one.propensity for one in known], dtype=np.float64),
        len(alerts),
    )


def _way(some: sampling.Answers) -> Way:
    return Way(some.alerts, some.right.size, int(some.right.sum()))


def _why_unknown(chosen: sampling.Answers, drawn: sampling.Answers) -> tuple[str, ...]:
    least = sampling.LEAST_ANSWERS
    why = []
    if chosen.right.size < least:
        why.append(
            f"precision: {chosen.right.size} of {chosen.alerts} alerts that are {MATURE_DAYS} days "
            f"old have an answer, and {least} are needed"
        )
    if chosen.right.size < least or drawn.right.size < least:
        why.append(
            f"recall and false alerts: {drawn.right.size} of {drawn.alerts} alerts drawn by lot "
            f"have an answer, and {least} are needed"
        )
    return tuple(why)


def _learning(
    alerts: Sequence[Alert],
    found: sampling.Quality,
    log: Mapping[date, Sequence[Stratum]],
    stores: int,
) -> Learning:
    strata = [one for week in log.values() for one in week if one.leads]
    if not strata:
        return Learning()
    leads, draws = (sum(getattr(one, name) for one in strata) for name in ("leads", "expected"))
    likely = sum(one.probable for one in strata)
    # a thief who is missed lies in a band by its probability: the chance that counts is the mean
    # of 1 / p - 1 over such thieves
    lost = sum(one.probable * (one.leads / one.expected - 1) for one in strata if one.expected)
    recall = SLOWEST_RECALL if found.recall.value is None else found.recall.value
    often = sampling.weeks_until_seen(1.0, draws / leads)
    return Learning(
        leads=leads / len(log),
        draws=draws / len(log),
        recall=_finite(
            sampling.weeks_until_known(
                recall, _found_per_week(alerts, found), 1.0 / (1.0 + lost / likely), WITHIN
            )
        ),
        one=_finite(often),
        scheme=_finite(often / max(1.0, stores / _STORES_PER_THIEF)) if stores else None,
    )


def _found_per_week(alerts: Sequence[Alert], found: sampling.Quality) -> float:
    """Return how many right alerts a week has; while nobody knows, as many as are probable."""
    chosen = [one for one in alerts if one.chosen_by == "score"]
    if not chosen:
        return 0.0
    opened = [one.opened_at for one in chosen]
    weeks = max(1.0, (max(opened) - min(opened)) / timedelta(7))
    precision = found.precision.value
    if precision is None:
        return sum(one.probability for one in chosen) / weeks
    return precision * len(chosen) / weeks


def _finite(weeks: float) -> float | None:
    return weeks if math.isfinite(weeks) else None
