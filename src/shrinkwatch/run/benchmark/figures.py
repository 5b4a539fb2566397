"""Counts what a detector got right and whom it found, on one chain."""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from shrinkwatch.run.benchmark.answers import Actor, Answers, Theft
from shrinkwatch.run.benchmark.judging import Judged, Raised, judge

CEILING = 5
"""New alerts per store and week, at most. Source: CONTRACT §4."""

_STAFF = frozenset({"operator", "approver"})


class Found(Struct, frozen=True):
    """How many of the actors were found, and how much of what they took was theirs.

    caught: actors with a right alert. loss_minor: minor units, whatever the currency.
    """

    actors: int = 0
    caught: int = 0
    loss_minor: int = 0
    loss_caught_minor: int = 0

    def __add__(self, other: "Found") -> "Found":
        mine, theirs = (tuple(getattr(one, n) for n in _COUNTS) for one in (self, other))
        return Found(*(a + b for a, b in zip(mine, theirs, strict=True)))

    @property
    def share(self) -> float | None:
        """Actors found of all; None where nobody stole."""
        return self.caught / self.actors if self.actors else None

    @property
    def loss_share(self) -> float | None:
        """Their loss of all loss; None where nothing was lost."""
        return self.loss_caught_minor / self.loss_minor if self.loss_minor else None


_COUNTS = ("actors", "caught", "loss_minor", "loss_caught_minor")


class SchemeFound(Struct, frozen=True):
    """Who was found of those who practise a scheme in a variant (plain, evasive)."""

    scheme: str
    variant: str
    found: Found


class Figures(Struct, frozen=True):
    """What one detector did on one chain.

    attainable: the most alerts that could have been right: per store and week those who stole in
        it, five at most. named, named_rightly: right alerts that name a scheme, and one that they
        show. wrong: why wrong alerts were wrong (`judging.judge`) -> how many; one alert may count
        under several. innocents: people who never stole and were accused; of them
        innocents_repeatedly more than once. wrong_on_thieves: wrong alerts on people who do steal.
    schemes: found means found with a transaction of that scheme.
    """

    alerts: int
    right: int
    attainable: int
    store_weeks: int
    named: int
    named_rightly: int
    staff: Found
    everyone: Found
    schemes: tuple[SchemeFound, ...]
    wrong: dict[str, int]
    innocents: int
    innocents_repeatedly: int
    wrong_on_thieves: int

    @property
    def precision(self) -> float | None:
        """Right alerts of all; None without alerts."""
        return self.right / self.alerts if self.alerts else None

    @property
    def per_store_week(self) -> float:
        """Alerts per store and week."""
        return self.alerts / self.store_weeks

    @property
    def attainable_precision(self) -> float | None:
        """The highest precision that so many alerts could have had; None without alerts."""
        return min(1.0, self.attainable / self.alerts) if self.alerts else None

    @property
    def ceiling_precision(self) -> float:
        """The highest precision that five alerts per store and week could have had."""
        return self.attainable / (CEILING * self.store_weeks)

    @property
    def named_share(self) -> float | None:
        """Right alerts that name a scheme that they show; None where none names any."""
        return self.named_rightly / self.named if self.named else None


def figures(raised: Iterable[Raised], answers: Answers) -> Figures:
    """Return the figures of these alerts on the chain with these answers."""
    judged = judge(raised, answers)
    hits = [one for one in judged if one.is_right]
    caught = {one.raised.actor for one in hits}
    naming = [one for one in hits if one.raised.scheme is not None]
    staff = [theft for theft in answers.thefts if theft.actor[0] in _STAFF]
    wrong = [one for one in judged if not one.is_right]
    thieves = {theft.actor for theft in answers.thefts}
    accused = Counter(one.raised.actor for one in wrong if one.raised.actor not in thieves)
    return Figures(
        alerts=len(judged),
        right=len(hits),
        attainable=attainable(answers.thefts),
        store_weeks=answers.store_weeks,
        named=len(naming),
        named_rightly=sum(one.is_named_rightly for one in naming),
        staff=_found(staff, caught),
        everyone=_found(answers.thefts, caught),
        schemes=_by_scheme(answers.thefts, hits),
        wrong=dict(sorted(Counter(why for one in wrong for why in one.why).items())),
        innocents=len(accused),
        innocents_repeatedly=sum(times > 1 for times in accused.values()),
        wrong_on_thieves=len(wrong) - accused.total(),
    )


def attainable(thefts: Iterable[Theft]) -> int:
    """Return the most right alerts there could be: thieves per store and week, five at most."""
    stealing = {(theft.store, theft.week, theft.actor) for theft in thefts}
    in_store_week = Counter((store, week) for store, week, _ in stealing)
    return sum(min(CEILING, many) for many in in_store_week.values())


def _found(thefts: Sequence[Theft], caught: set[Actor]) -> Found:
    actors = {theft.actor for theft in thefts}
    return Found(
        actors=len(actors),
        caught=len(actors & caught),
        loss_minor=sum(theft.loss_minor for theft in thefts),
        loss_caught_minor=sum(theft.loss_minor for theft in thefts if theft.actor in caught),
    )


def _by_scheme(thefts: Sequence[Theft], hits: Sequence[Judged]) -> tuple[SchemeFound, ...]:
    caught: dict[tuple[str, str], set[Actor]] = {}
    for hit in hits:
        for theft in hit.thefts:
            caught.setdefault((theft.scheme, theft.variant), set()).add(theft.actor)
    done: dict[tuple[str, str], list[Theft]] = {}
    for theft in thefts:
        done.setdefault((theft.scheme, theft.variant), []).append(theft)
    return tuple(
        SchemeFound(*which, _found(done[which], caught.get(which, set()))) for which in sorted(done)
    )
