"""Lets through no more new leads than people can look at, the most valuable first, day by day.

The threshold is what would have filled the ceiling in the four weeks before: if fewer leads than
that came up, everything worth its review is let through at once, and a grave thing on Tuesday need
not wait for Sunday. A week that turns out worse than the weeks before still stops at its ceiling.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct, field

MEMORY_WEEKS = 4


class Lead(Struct, frozen=True):
    """A subject that may become an alert: `name` tells it apart; value = probability x loss.

    store: its store_id; None for one that crosses stores.
    """

    name: str
    store: str | None
    value: float


class Budget(Struct):
    """What was worth a look in the trailing weeks, and what was opened this week.

    worth: Monday of the week -> lead's name -> [crosses stores, highest value so far].
    opened: Monday -> store ("" for the chain's allowance) -> how many were opened.
    """

    per_store_week: int
    chain_per_week: int
    worth: dict[date, dict[str, tuple[bool, float]]] = field(default_factory=dict)
    opened: dict[date, dict[str, int]] = field(default_factory=dict)

    def threshold(self, week: date, stores: int, *, crossing: bool) -> float:
        """Return the value that a new lead must exceed in the week of this Monday.

        stores: how many the chain has. Without earlier weeks it is 0.
        """
        weeks = [one for one in self.worth if week - timedelta(7 * MEMORY_WEEKS) <= one < week]
        values = sorted(
            (
                value
                for one in weeks
                for crosses, value in self.worth[one].values()
                if crosses == crossing
            ),
            reverse=True,
        )
        room = len(weeks) * (self.chain_per_week if crossing else self.per_store_week * stores)
        return values[room] if len(values) > room else 0.0

    def admit(self, week: date, leads: Sequence[Lead], stores: int) -> list[Lead]:
        """Return the new leads that become alerts, the most valuable first, and remember all."""
        opened = Counter(self.opened.get(week, {}))
        least = {kind: self.threshold(week, stores, crossing=kind) for kind in (False, True)}
        admitted = []
        for lead in sorted(leads, key=lambda lead: (-lead.value, lead.name)):
            purse, ceiling = lead.store, self.per_store_week
            if purse is None:
                purse, ceiling = "", self.chain_per_week
            if lead.value > least[lead.store is None] and opened[purse] < ceiling:
                opened[purse] += 1
                admitted.append(lead)
        self._remember(week, leads, dict(opened))
        return admitted

    def _remember(self, week: date, leads: Sequence[Lead], opened: dict[str, int]) -> None:
        self.opened[week] = opened
        known = self.worth.setdefault(week, {})
        for lead in leads:
            _, before = known.get(lead.name, (False, 0.0))
            known[lead.name] = (lead.store is None, max(before, lead.value))
        for book in (self.worth, self.opened):
            for old in [one for one in book if one < week - timedelta(7 * MEMORY_WEEKS)]:
                del book[old]
