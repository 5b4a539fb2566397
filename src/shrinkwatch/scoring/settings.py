"""How many leads people can work, what one must be worth, and which known causes are silent."""

from dataclasses import dataclass

from shrinkwatch.records.mute import Mute


@dataclass(frozen=True, slots=True)
class ScoringSettings:
    """The budget and what a lead must be worth; every value has a default.

    per_store_week: new alerts per store and ISO week, at most. Source: CONTRACT §4.
    chain_per_week: besides, for subjects seen in more than one store.
    review_cost: of one review, in the currency's unit: half an hour of an investigator at some
        50 an hour (our assumption).
    probability_floor: below it nobody is asked to look. Low probabilities are too modest: from 0.3
        on, leads are more often right than wrong (docs/decisions/probability-without-labels.md).
    audit_share: besides, alerts drawn by lot from what was passed over, per alert chosen; 0: none.
        Source: DESIGN, "The feedback loop is honest".
    window_days: evidence older than this is forgotten. Source: CONTRACT §4 (28 days).
    """

    per_store_week: int = 5
    chain_per_week: int = 10
    review_cost: float = 25.0
    probability_floor: float = 0.3
    audit_share: float = 0.02
    window_days: int = 28
    mutes: tuple[Mute, ...] = ()
