"""A chain of two weeks and one store, written by hand: who stole what, and who only looks odd."""

from datetime import UTC, date, datetime, timedelta

from shrinkwatch.run.benchmark.answers import Answers, Key, Lookalike, Theft
from shrinkwatch.run.benchmark.judging import Raised
from shrinkwatch.world.settings import WorldSettings

MONDAY = date(2026, 3, 2)


def at(day: int) -> datetime:
    return datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(day)


def key(number: int, day: int = 0, store: str = "S1") -> Key:
    return ("till", store, "1", str(MONDAY + timedelta(day)), str(number))


def theft(
    number: int, who: str, scheme: str = "post_void", day: int = 0, variant: str = "plain"
) -> Theft:
    """Return a theft of 10.00 by an operator of S1."""
    return Theft(
        key=key(number, day),
        actor=("operator", who, "S1"),
        scheme=scheme,
        variant=variant,
        loss_minor=1000,
        at=at(day),
        week=MONDAY + timedelta(day - day % 7),
    )


def raised(who: str, keys: list[Key], day: int = 6, scheme: str | None = None) -> Raised:
    """Return an alert on an operator of S1, brought up to date at noon of that day."""
    return Raised(f"{who}-{day}", ("operator", who, "S1"), "S1", tuple(keys), at(day), scheme)


def answers(*thefts: Theft, lookalikes: tuple[Lookalike, ...] = ()) -> Answers:
    return Answers(
        settings=WorldSettings(stores=1, weeks=2, intensity=1.0),
        transactions=100,
        source="till",
        operators=frozenset({("S1", "7"), ("S1", "8"), ("S1", "9")}),
        registers=frozenset({("S1", "1"), ("S2", "1")}),
        thefts=thefts,
        lookalikes=lookalikes,
    )
