"""How big the simulated chain is, how long it trades and how much is stolen in it."""

from dataclasses import dataclass
from datetime import date
from typing import Self


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """What `shrinkwatch.world.chain.simulate` needs to know; every value has a default.

    stores, weeks: the size of the chain and of the period; `start` is its first (Mon)day.
    transactions_per_store_day: the mean over stores, formats, weekdays and seasons, of sales.
    cases_per_store_year: employee theft cases per store and year. 3.4 is the published scale:
        78,085 employees apprehended in 23,204 stores in 2013 (Hayes International, 26th Annual
        Retail Theft Survey). `shrinkwatch.world.thieves` says how it becomes thieves at work.
    habitual_non_scan: the share of self-checkout value that habitual skip-scanners carry out.
        Beck (ECR 2018) measured 0.44 % for all non-scanning at fixed self-checkouts; a quarter
        of it by habit and the rest by mistake is our assumption.
    customer_cases_per_store_year: customers, alone or as a ring, who live on false returns (our
        assumption: there is no published count).
    evasive_share: the share of thieves who hide what they do: seldom, under a limit, under a
        colleague's number (our assumption; `Scheme.evasive` of each scheme says how).
    mixed_share: the share of stealing employees who practise two schemes, each half as often (our
        assumption).
    intensity: a factor on how often a thief steals; 0.5 is a careful one, 2.0 a reckless one.
    schemes: ids of the schemes that are practised; None means all of them.
    lookalikes: whether the honest look-alikes (recall, outage, …) happen.
    growing_share: the share of stores that are young (rounded down; our assumption): of these the
        larger half grows by 4 % a week, the others open within the period.
    """

    stores: int = 20
    weeks: int = 8
    seed: int = 1
    start: date = date(2026, 3, 2)
    transactions_per_store_day: float = 450.0
    cases_per_store_year: float = 3.4
    habitual_non_scan: float = 0.0011
    customer_cases_per_store_year: float = 0.6
    evasive_share: float = 0.25
    mixed_share: float = 0.15
    intensity: float = 1.0
    schemes: tuple[str, ...] | None = None
    lookalikes: bool = True
    growing_share: float = 0.1
    source: str = "till"

    @property
    def days(self) -> int:
        """Return the number of trading days."""
        return self.weeks * 7

    @classmethod
    def tiny(cls, seed: int = 1) -> Self:
        """Return two stores for one week, made in about a second, for tests."""
        return cls(stores=2, weeks=1, seed=seed, transactions_per_store_day=150.0)
