"""What was known about everybody when a transaction arrived: one pass, read before it is learned.

Arrays in order of arrival go in; the catalogue's `FOLD` columns come out. The memories change as
they are read, so that history, replay and live scoring are the same call. Each kind of subject has
its own memory and its own loop; they run side by side and share nothing, so that neither their
order nor the way a stream is cut into batches can change a bit.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features import baskets, drawers, pairs, rings, since, skus
from shrinkwatch.features.arrays import Block, apart
from shrinkwatch.features.catalogue import (
    OPERATOR_RINGS,
    RECENT_SUBJECTS,
    REGISTER_RINGS,
    SMALL_SETS,
    STORE_RINGS,
)
from shrinkwatch.features.declared import DAY_S, Rings
from shrinkwatch.features.facts import Facts, Rung
from shrinkwatch.features.kernel import UNKNOWN_64
from shrinkwatch.features.measures import (
    Head,
    Who,
    card_spending_of,
    kinds,
    measures_of,
    spending_of,
    words_of,
)
from shrinkwatch.features.outcomes import Outcomes
from shrinkwatch.features.recents import Recents
from shrinkwatch.features.small_sets import count_distinct, room_of
from shrinkwatch.features.subjects import Part, Subjects

Task = Callable[[], list[Block]]

_MONTH_DAYS = 28
_IDLE_DAYS = 182
_EMPLOYEE_CARDS = "operator_employee_cards_28d"
_PRACTISE = "store_training_operators_2d"
_TWO_DAYS = 2


class Arrivals(NamedTuple):
    """Transactions in order of arrival, as the memories see them."""

    who: Who
    head: Head
    at_s: NDArray[np.int64]
    employee_sale: NDArray[np.bool_]
    facts: Facts
    goods: skus.Goods
    measures: dict[str, NDArray[np.int64]]


def arrivals_of(
    who: Who, head: Head, employee_sale: NDArray[np.bool_], facts: Facts, rung: Rung
) -> Arrivals:
    """Return the arrivals with their measures; times unknown in microseconds stay unknown."""
    at_s = np.where(head.at == UNKNOWN_64, UNKNOWN_64, head.at // 1_000_000)
    measures = measures_of(head, facts.columns)
    goods = skus.goods_of(rung, measures["tx"] > 0, facts.focus)
    return Arrivals(who, head, at_s, employee_sale, facts, goods, measures)


class Memory(Protocol):
    """What remembers: it can be written down and read back to the bit."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that must be saved."""

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned."""

    def nbytes(self) -> int:
        """Return the bytes that it holds."""


def _operators() -> Subjects:
    cards = Part(_EMPLOYEE_CARDS, (SMALL_SETS[_EMPLOYEE_CARDS],), np.uint32)
    return Subjects((rings.part(OPERATOR_RINGS), since.part("operator"), cards))


def _stores() -> Subjects:
    practise = Part(_PRACTISE, (SMALL_SETS[_PRACTISE],), np.uint32)
    return Subjects((rings.part(STORE_RINGS), practise))


@dataclass(slots=True)
class Fold:
    """Every memory of the stream."""

    operator: Subjects = field(default_factory=_operators)
    register: Subjects = field(
        default_factory=lambda: Subjects((rings.part(REGISTER_RINGS), since.part("register")))
    )
    store: Subjects = field(default_factory=_stores)
    sku: Subjects = field(default_factory=lambda: Subjects(skus.PARTS))
    recents: dict[str, Recents] = field(
        default_factory=lambda: {subject: Recents() for subject in RECENT_SUBJECTS}
    )
    operator_card: pairs.Pairs = field(default_factory=pairs.Pairs)
    operator_loyalty: pairs.Pairs = field(
        default_factory=lambda: pairs.Pairs(
            most=1 << 21, members=SMALL_SETS["operator_loyalty_cards_28d"]
        )
    )
    drawer: Subjects = field(default_factory=lambda: Subjects((drawers.part(),)))
    basket: Subjects = field(default_factory=lambda: Subjects((baskets.part(),)))
    outcomes: Outcomes = field(default_factory=Outcomes)

    def memories(self) -> dict[str, Memory]:
        """Return all that remembers, by name."""
        return {
            "operator": self.operator,
            "register": self.register,
            "store": self.store,
            "sku": self.sku,
            **self.recents,
            "operator_card": self.operator_card,
            "operator_loyalty": self.operator_loyalty,
            "drawer": self.drawer,
            "basket": self.basket,
            **self.outcomes.memories(),
        }

    def tasks(self, arrivals: Arrivals) -> list[Task]:
        """Return what each memory has to do, the longest first; they may run at the same time.

        Each returns its FOLD columns, (rows,) each, and learns the arrivals.
        """
        ways: list[Callable[[Arrivals], list[Block]]] = [
            self._skus,
            self._operators,
            self._pairs,
            *(partial(self._recents, subject) for subject in RECENT_SUBJECTS),
            self._registers,
            self._stores,
        ]
        return [partial(way, arrivals) for way in ways]

    def _operators(self, arrivals: Arrivals) -> list[Block]:
        memory, who = self.operator, arrivals.who
        slot = memory.slots(who.operator)
        bought = arrivals.employee_sale & (arrivals.measures["tx"] > 0)
        cards, sets = np.where(bought, who.card, np.uint64(0)), memory[_EMPLOYEE_CARDS]
        room, counts = room_of(0, sets.shape[1], _MONTH_DAYS), np.empty((1, slot.size), np.int32)
        count_distinct(slot, cards, arrivals.at_s, DAY_S, room, sets, counts[0])
        return [
            *_advance_rings(OPERATOR_RINGS, memory, slot, arrivals),
            *since.advance("operator", memory, slot, _doings("operator", arrivals)),
            Block((_EMPLOYEE_CARDS,), counts),
        ]

    def _registers(self, arrivals: Arrivals) -> list[Block]:
        slot, doings = self.register.slots(arrivals.who.register), _doings("register", arrivals)
        return [
            *_advance_rings(REGISTER_RINGS, self.register, slot, arrivals),
            *since.advance("register", self.register, slot, doings),
        ]

    def _stores(self, arrivals: Arrivals) -> list[Block]:
        memory = self.store
        slot = memory.slots(arrivals.who.store)
        practises, sets = arrivals.measures["trainings"] > 0, memory[_PRACTISE]
        people = np.where(practises, arrivals.who.operator, np.uint64(0))
        room, counts = room_of(0, sets.shape[1], _TWO_DAYS), np.empty((1, slot.size), np.int32)
        count_distinct(slot, people, arrivals.at_s, DAY_S, room, sets, counts[0])
        return [
            *_advance_rings(STORE_RINGS, memory, slot, arrivals),
            Block((_PRACTISE,), counts),
        ]

    def _recents(self, subject: str, arrivals: Arrivals) -> list[Block]:
        who, head, measures = arrivals.who, arrivals.head, arrivals.measures
        if subject == "card":
            spending = card_spending_of(who, head, arrivals.facts.columns, measures)
        else:
            spending = spending_of(who, head, measures)
        return self.recents[subject].advance(subject, getattr(who, subject), spending)

    def _pairs(self, arrivals: Arrivals) -> list[Block]:
        who, served = arrivals.who, arrivals.measures["tx"] > 0
        asked = pairs.Asked(who.operator, who.card, arrivals.at_s, served, who.card)
        cards = self.operator_card.meet(asked)
        loyal = self.operator_loyalty.meet(asked._replace(other=who.loyalty))
        return apart(
            {
                "operator_card_first": cards.first,
                "operator_card_tx_28d": cards.tx_28d,
                "operator_loyalty_first": loyal.first,
                "operator_loyalty_tx_28d": loyal.tx_28d,
                "operator_loyalty_cards_28d": loyal.others_28d,
            }
        )

    def _skus(self, arrivals: Arrivals) -> list[Block]:
        who = arrivals.who
        return skus.advance(self.sku, arrivals.goods, arrivals.at_s, who.operator, who.store)

    def close_day(self, day_end_s: int) -> None:
        """Tidy up at a day's close: forget the idle and what no window holds.

        day_end_s: the first second after the day, since 1970 UTC.
        """
        skus.forget_old(self.sku, day_end_s)
        if day_end_s // DAY_S % 7 == 0:
            for memory in self.recents.values():
                memory.forget_idle((day_end_s - _IDLE_DAYS * DAY_S) * 1_000_000)

    def nbytes(self) -> int:
        """Return the bytes that all memories hold."""
        return sum(memory.nbytes() for memory in self.memories().values())


def _advance_rings(
    declared: Rings, memory: Subjects, slot: NDArray[np.int64], arrivals: Arrivals
) -> list[Block]:
    plan = rings.plan_of(declared)
    hops = rings.hops_of(arrivals.at_s, plan)
    events = rings.Events(slot, hops, words_of(declared, arrivals.measures))
    return rings.advance_all(declared, plan, memory, events)


def _doings(subject: str, arrivals: Arrivals) -> since.Doings:
    amount = np.abs(np.where(arrivals.head.net == UNKNOWN_64, 0, arrivals.head.net))
    what = kinds(subject, arrivals.measures)
    return since.Doings(arrivals.head.at, what, arrivals.who.operator, amount)
