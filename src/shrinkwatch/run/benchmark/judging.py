"""When is an alert right? The contract's definition, alert by alert."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from shrinkwatch.records.alert import Alert
from shrinkwatch.run.benchmark.answers import (
    Actor,
    Answers,
    Key,
    Lookalike,
    Theft,
    actor_of,
    key_of,
)

LATE = timedelta(days=28)
"""A theft longer ago than this is no news. Source: CONTRACT §4."""

ANOTHERS_THEFT = "anothers_theft"
NOTHING_KNOWN = "nothing_known"


class Raised(Struct, frozen=True):
    """What a detector raised: an alert stripped to what the definition asks for.

    store: in which it was raised. keys: its transactions. scheme: the likeliest, None: not said.
    """

    id: str
    actor: Actor
    store: str
    keys: tuple[Key, ...]
    updated_at: datetime
    scheme: str | None = None


class Judged(Struct, frozen=True):
    """An alert and the thefts of its own subject that make it right; without any it is wrong.

    why: of a wrong one, what honest oddity it fell for (`judge`).
    """

    raised: Raised
    thefts: tuple[Theft, ...]
    why: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether the subject is the actor of a theft that the alert shows in time."""
        return bool(self.thefts)

    @property
    def is_named_rightly(self) -> bool:
        """Whether the scheme that it names is one of those that it shows."""
        return self.raised.scheme in {theft.scheme for theft in self.thefts}


def stripped(alert: Alert) -> Raised:
    """Return the alert as the definition sees it."""
    keys = tuple(
        key_of(
            key.source,
            key.store_id,
            key.register_id,
            key.business_date,
            key.sequence,
            key.transaction_id,
        )
        for key in alert.transactions
    )
    subject = alert.subject
    return Raised(
        id=alert.alert_id,
        actor=actor_of(subject.type, subject.id, subject.store_id),
        store=subject.store_id or keys[-1][1],
        keys=keys,
        updated_at=alert.updated_at,
        scheme=alert.schemes[0].id,
    )


def judge(raised: Iterable[Raised], answers: Answers) -> list[Judged]:
    """Return each alert with what makes it right, or with why somebody was wrongly accused.

    Right: its subject is the actor of an incident, a transaction of which is among the alert's, the
    last such within 28 days before `updated_at`. Source: CONTRACT §4.
    Why not, all that apply: the kind of each honest look-alike, be it the subject, its store or an
    article, to whose days at least half of the alert's transactions belong; ANOTHERS_THEFT where a
    transaction was stolen, but by somebody else; NOTHING_KNOWN where neither.
    """
    stolen: dict[Key, list[Theft]] = {}
    for theft in answers.thefts:
        stolen.setdefault(theft.key, []).append(theft)
    return [_judged(one, stolen, answers.lookalikes) for one in raised]


def _judged(
    one: Raised, stolen: dict[Key, list[Theft]], lookalikes: tuple[Lookalike, ...]
) -> Judged:
    shown = [theft for key in one.keys for theft in stolen.get(key, ())]
    own = tuple(
        theft
        for theft in shown
        if theft.actor == one.actor and one.updated_at - LATE <= theft.at <= one.updated_at
    )
    if own:
        return Judged(one, own)
    kinds = {each.kind for each in lookalikes if _explains(each, one)}
    if any(theft.actor != one.actor for theft in shown):
        kinds.add(ANOTHERS_THEFT)
    return Judged(one, (), tuple(sorted(kinds)) or (NOTHING_KNOWN,))


def _explains(odd: Lookalike, one: Raised) -> bool:
    """Whether the look-alike is the subject, or an article or store, and fits half the receipts."""
    if odd.subject not in {None, one.actor[:2]} and not odd.keys:
        return False
    return 2 * sum(_fits(odd, key) for key in one.keys) >= len(one.keys)


def _fits(odd: Lookalike, key: Key) -> bool:
    if odd.keys:
        return key in odd.keys
    _, store, _, business_date, _ = key
    return odd.store in {None, store} and str(odd.first) <= business_date <= str(odd.last)
