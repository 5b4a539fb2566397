"""How many leads people can work, what one must be worth, and which known causes are silent."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Mute:
    """A known cause (a recall, a training day) that is silent from `since` to `until`, inclusive.

    Dates are the store's. What it names must all hold; what is None holds for everything.
    subject: an id of the rule's subject type.
    """

    until: date
    since: date | None = None
    rule: str | None = None
    scheme: str | None = None
    store: str | None = None
    sku: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class ScoringSettings:
    """The budget and what a lead must be worth; every value has a default.

    per_store_week: new alerts per store and ISO week, at most. Source: CONTRACT §4.
    chain_per_week: besides, for subjects seen in more than one store.
    review_cost: of one review, in the currency's unit: half an hour of an investigator at some
        50 an hour (our assumption).
    probability_floor: below it nobody is asked to look.
    window_days: evidence older than this is forgotten. Source: CONTRACT §4 (28 days).
    """

    per_store_week: int = 5
    chain_per_week: int = 10
    review_cost: float = 25.0
    probability_floor: float = 0.5
    window_days: int = 28
    mutes: tuple[Mute, ...] = ()
