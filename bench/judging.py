"""When is an alert right? The contract's definition, and the most that could have been right."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

LATE = timedelta(days=28)
Key = tuple[str, str, str, str, str]
Actor = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Raised:
    """What a detector raised: an alert stripped to what the definition asks for."""

    actor: Actor
    week: date
    store: str
    keys: frozenset[Key]
    updated_at: datetime
    scheme: str | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Theft:
    """One transaction of an incident."""

    key: Key
    actor: Actor
    scheme: str
    loss: float
    at: datetime
    week: date
    store: str


def key_of(row: dict[str, Any]) -> Key:
    """Return a transaction's natural key as text, whichever of its two forms it has."""
    if row.get("transaction_id") is not None:
        return (row["source"], row["store_id"], row["transaction_id"], "", "")
    till = (row["register_id"], row["business_date"], row["sequence"])
    return (row["source"], row["store_id"], *(str(part) for part in till))  # type: ignore[return-value]


def actor_of(kind: str, name: str, store: str | None) -> Actor:
    """Return who: an operator is somebody in a store, a card or a loyalty id anywhere."""
    return (kind, name, store or "" if kind in {"operator", "approver", "register"} else "")


def monday(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(day.weekday())


def thefts(incidents: pl.DataFrame, times: dict[Key, tuple[datetime, date]]) -> list[Theft]:
    """Return the answer sheet. times: natural key -> (ended_at, the store's date)."""
    found = []
    for row in incidents.iter_rows(named=True):
        key = key_of(row)
        at, local = times[key]
        actor = actor_of(row["actor_type"], row["actor_id"], row["store_id"])
        loss = row["loss_minor"] / 100
        found.append(Theft(key, actor, row["scheme"], loss, at, monday(local), row["store_id"]))
    return found


def right(raised: Iterable[Raised], answers: Sequence[Theft]) -> list[tuple[Raised, str | None]]:
    """Return each alert with the scheme of which it is right, or None where it is wrong.

    Right: its subject is the actor of an incident, a transaction of which is among the alert's, the
    last such within 28 days before `updated_at`.
    """
    by_actor: dict[Actor, list[Theft]] = {}
    for theft in answers:
        by_actor.setdefault(theft.actor, []).append(theft)
    judged: list[tuple[Raised, str | None]] = []
    for one in raised:
        mine = [theft for theft in by_actor.get(one.actor, ()) if theft.key in one.keys]
        fresh = [theft for theft in mine if one.updated_at - LATE <= theft.at]
        judged.append((one, fresh[-1].scheme if fresh else None))
    return judged


def figures(raised: Sequence[Raised], answers: Sequence[Theft], store_weeks: int) -> dict[str, Any]:
    """Return alerts, precision, recall per scheme and what was attainable, of one chain."""
    judged = right(raised, answers)
    hits = [(one, scheme) for one, scheme in judged if scheme is not None]
    caught = {one.actor for one, _ in hits}
    named = [one.scheme == scheme for one, scheme in hits if one.scheme is not None]
    actor_weeks = Counter((theft.week, theft.store) for theft in _first_of_week(answers))
    attainable = sum(min(5, many) for many in actor_weeks.values())
    return {
        "alerts": len(judged),
        "alerts_per_store_week": len(judged) / store_weeks,
        "right": len(hits),
        "precision": len(hits) / len(judged) if judged else None,
        "attainable_right": attainable,
        "attainable_precision": min(1.0, attainable / len(judged)) if judged else None,
        "ceiling_attainable_precision": attainable / (5 * store_weeks),
        "named_rightly": sum(named) / len(named) if named else None,
        "actors": len({theft.actor for theft in answers}),
        "actors_caught": len(caught),
        "recall_actors": _share({t.actor for t in answers}, caught),
        "recall_loss": _loss_share(answers, caught),
        "recall_by_scheme": _by_scheme(answers, caught),
    }


def _first_of_week(answers: Sequence[Theft]) -> list[Theft]:
    return list({(theft.actor, theft.week): theft for theft in answers}.values())


def _share(everyone: set[Actor], caught: set[Actor]) -> float | None:
    return len(everyone & caught) / len(everyone) if everyone else None


def _loss_share(answers: Sequence[Theft], caught: set[Actor]) -> float | None:
    total = sum(theft.loss for theft in answers)
    return sum(t.loss for t in answers if t.actor in caught) / total if total else None


def _by_scheme(answers: Sequence[Theft], caught: set[Actor]) -> dict[str, dict[str, Any]]:
    table = {}
    for scheme in sorted({theft.scheme for theft in answers}):
        mine = [theft for theft in answers if theft.scheme == scheme]
        actors = {theft.actor for theft in mine}
        table[scheme] = {
            "actors": len(actors),
            "caught": len(actors & caught),
            "loss": round(sum(theft.loss for theft in mine), 2),
            "loss_caught": round(sum(t.loss for t in mine if t.actor in caught), 2),
        }
    return table


def false_by_lookalike(
    judged: Sequence[tuple[Raised, str | None]], sheet: pl.DataFrame
) -> dict[str, int]:
    """Return how many wrong alerts fall on each kind of honest look-alike, `none` for the rest.

    A row of the sheet without a subject (a store as a whole) takes the store's alerts of its days.
    """
    rows = sheet.to_dicts()
    counts: Counter[str] = Counter()
    for one, scheme in judged:
        if scheme is not None:
            continue
        kinds = {row["kind"] for row in rows if _explains(row, one)}
        counts.update(kinds or {"none"})
    return dict(sorted(counts.items()))


def _explains(row: dict[str, Any], one: Raised) -> bool:
    until = row["to"] + timedelta(days=28)
    if not row["from"] <= one.updated_at.date() <= until:
        return False
    if row["subject_id"] is None:
        return bool(row["store_id"] == one.store)
    same_store = row["store_id"] in {None, one.store} or not one.store
    return bool(
        same_store and row["subject_type"] == one.actor[0] and row["subject_id"] == one.actor[1]
    )
