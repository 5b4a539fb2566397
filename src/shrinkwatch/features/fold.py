"""What was known about everybody when a transaction arrived: one pass, read before it is learned.

Arrays in order of arrival go in; the catalogue's `FOLD` columns come out. The memories change as
they are read, so that history, replay and live scoring are the same call. Each kind of subject has
its own memory and its own loop; they run side by side and share nothing, so that neither their
order nor the way a stream is cut into batches can change a bit.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features import pairs, recents, rings, since, skus
from shrinkwatch.features.catalogue import (
    OPERATOR_RINGS,
    RECENT_SUBJECTS,
    REGISTER_RINGS,
    SKU_RINGS,
    SMALL_SETS,
    STORE_RINGS,
)
from shrinkwatch.features.declared import DAY_S, Rings
from shrinkwatch.features.facts import Columns, Facts
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64
from shrinkwatch.features.measures import (
    Head,
    card_spending_of,
    kinds,
    measures_of,
    spending_of,
    words_of,
)
from shrinkwatch.features.small_sets import Members, count_distinct
from shrinkwatch.features.subjects import Part, Subjects

_MONTH_DAYS = 28
_IDLE_DAYS = 182


class Who(NamedTuple):
    """The subjects of each transaction, (rows,) uint64 keys, 0 nobody."""

    operator: NDArray[np.uint64]
    register: NDArray[np.uint64]
    store: NDArray[np.uint64]
    card: NDArray[np.uint64]
    loyalty: NDArray[np.uint64]
    customer: NDArray[np.uint64]


class Arrivals(NamedTuple):
    """Transactions in order of arrival, as the memories see them."""

    who: Who
    head: Head
    at_s: NDArray[np.int64]
    employee_sale: NDArray[np.bool_]
    facts: Facts
    measures: dict[str, NDArray[np.int64]]


def arrivals_of(who: Who, head: Head, employee_sale: NDArray[np.bool_], facts: Facts) -> Arrivals:
    """Return the arrivals with their measures; times unknown in microseconds stay unknown."""
    at_s = np.where(head.at == UNKNOWN_64, UNKNOWN_64, head.at // 1_000_000)
    return Arrivals(who, head, at_s, employee_sale, facts, measures_of(head, facts.columns))


def _set(name: str) -> Part:
    return Part(name, (SMALL_SETS[name],), np.uint32)


def _ring_parts(declared: Rings) -> tuple[Part, ...]:
    return tuple(part for ring in rings.rings_by_hop(declared) for part in ring.parts)


def _memories() -> dict[str, Subjects]:
    memories = {
        "operator": (
            *_ring_parts(OPERATOR_RINGS),
            *since.parts("operator"),
            _set("operator_employee_cards_28d"),
        ),
        "register": (*_ring_parts(REGISTER_RINGS), *since.parts("register")),
        "store": _ring_parts(STORE_RINGS),
        "sku": (*_ring_parts(SKU_RINGS), *(_set(name) for name in skus.SETS)),
    }
    for subject in RECENT_SUBJECTS:
        sets = (_set(f"{subject}_stores_28d"), _set(f"{subject}_operators_28d"))
        memories[subject] = (*recents.PARTS, *sets)
    return {subject: Subjects(parts) for subject, parts in memories.items()}


@dataclass(slots=True)
class Fold:
    """Every memory of the stream."""

    subjects: dict[str, Subjects] = field(default_factory=_memories)
    operator_card: pairs.Pairs = field(default_factory=pairs.Pairs)
    operator_loyalty: pairs.Pairs = field(
        default_factory=lambda: pairs.Pairs(
            most=1 << 21, members=SMALL_SETS["operator_loyalty_cards_28d"]
        )
    )

    def advance(self, arrivals: Arrivals, threads: ThreadPoolExecutor | None = None) -> Columns:
        """Return the FOLD columns by name, (rows,) each; then all is learned."""
        tasks: list[Callable[[Arrivals], Columns]] = [
            self._skus,
            self._operators,
            lambda a: self._recents("card", a),
            self._pairs,
            lambda a: self._recents("loyalty", a),
            lambda a: self._recents("customer", a),
            self._registers,
            self._stores,
        ]
        if threads is None:
            parts = [task(arrivals) for task in tasks]
        else:
            parts = list(threads.map(lambda task: task(arrivals), tasks))
        return {name: values for part in parts for name, values in part.items()}

    def _operators(self, arrivals: Arrivals) -> Columns:
        memory = self.subjects["operator"]
        slot = memory.slots(arrivals.who.operator)
        columns = _advance_rings(OPERATOR_RINGS, memory, slot, arrivals)
        columns |= since.advance("operator", memory, slot, _doings("operator", arrivals))
        bought = arrivals.employee_sale & (arrivals.measures["tx"] > 0)
        cards = np.where(bought, arrivals.who.card, np.uint64(0))
        name = "operator_employee_cards_28d"
        columns[name] = _distinct(memory[name], _members(slot, cards, arrivals), DAY_S, _MONTH_DAYS)
        return columns

    def _registers(self, arrivals: Arrivals) -> Columns:
        memory = self.subjects["register"]
        slot = memory.slots(arrivals.who.register)
        columns = _advance_rings(REGISTER_RINGS, memory, slot, arrivals)
        return columns | since.advance("register", memory, slot, _doings("register", arrivals))

    def _stores(self, arrivals: Arrivals) -> Columns:
        memory = self.subjects["store"]
        slot = memory.slots(arrivals.who.store)
        return _advance_rings(STORE_RINGS, memory, slot, arrivals)

    def _recents(self, subject: str, arrivals: Arrivals) -> Columns:
        memory = self.subjects[subject]
        slot = memory.slots(getattr(arrivals.who, subject))
        if subject == "card":
            spending = card_spending_of(arrivals.head, arrivals.facts.columns, arrivals.measures)
        else:
            spending = spending_of(arrivals.head, arrivals.measures)
        columns = recents.advance(subject, memory, slot, spending)
        served = arrivals.measures["tx"] > 0
        for what, key in (("stores", arrivals.who.store), ("operators", arrivals.who.operator)):
            name = f"{subject}_{what}_28d"
            members = _members(slot, np.where(served, key, np.uint64(0)), arrivals)
            columns[name] = _distinct(memory[name], members, DAY_S, _MONTH_DAYS)
        return columns

    def _pairs(self, arrivals: Arrivals) -> Columns:
        who, served = arrivals.who, arrivals.measures["tx"] > 0
        asked = pairs.Asked(who.operator, who.card, arrivals.at_s, served, who.card)
        cards = self.operator_card.meet(asked)
        loyal = self.operator_loyalty.meet(asked._replace(other=who.loyalty))
        return {
            "operator_card_first": cards.first,
            "operator_card_tx_28d": cards.tx_28d,
            "operator_loyalty_first": loyal.first,
            "operator_loyalty_tx_28d": loyal.tx_28d,
            "operator_loyalty_cards_28d": loyal.others_28d,
        }

    def _skus(self, arrivals: Arrivals) -> Columns:
        memory, facts = self.subjects["sku"], arrivals.facts
        served = arrivals.measures["tx"] > 0
        focus = facts.columns["focus_sku_key"]
        seen = skus.events_of(
            facts.first_line, facts.lines, facts.sku, facts.override, served, focus
        )
        return skus.advance(memory, seen, arrivals.at_s, arrivals.who.operator, arrivals.who.store)

    def close_day(self, day_end_s: int) -> None:
        """Tidy up at a day's close: forget the idle and what no window holds.

        day_end_s: the first second after the day, since 1970 UTC.
        """
        skus.forget_old(self.subjects["sku"], day_end_s)
        if day_end_s // DAY_S % 7 == 0:
            self._forget_idle((day_end_s - _IDLE_DAYS * DAY_S) * 1_000_000)

    def _forget_idle(self, before_us: int) -> None:
        for subject in RECENT_SUBJECTS:
            memory = self.subjects[subject]
            kept = recents.last_seen_us(memory) >= before_us
            if not kept.all():
                memory.keep(kept)

    def nbytes(self) -> int:
        """Return the bytes that all memories hold."""
        held = sum(memory.nbytes() for memory in self.subjects.values())
        return held + self.operator_card.nbytes() + self.operator_loyalty.nbytes()


def _advance_rings(
    declared: Rings, memory: Subjects, slot: NDArray[np.int64], arrivals: Arrivals
) -> Columns:
    rows = slot.size
    words = words_of(declared, arrivals.measures)
    events = rings.Events(slot, arrivals.at_s, words, np.arange(rows))
    columns: Columns = {}
    for ring in rings.rings_by_hop(declared):
        columns |= ring.advance(memory, events, rows)
    return columns


def _doings(subject: str, arrivals: Arrivals) -> since.Doings:
    amount = np.abs(np.where(arrivals.head.net == UNKNOWN_64, 0, arrivals.head.net))
    what = kinds(subject, arrivals.measures)
    return since.Doings(arrivals.head.at, what, arrivals.who.operator, amount)


def _members(slot: NDArray[np.int64], who: NDArray[np.uint64], arrivals: Arrivals) -> Members:
    rows = slot.size
    return Members(slot, who, arrivals.at_s, np.arange(rows), np.zeros(rows, dtype=np.bool_))


def _distinct(
    sets: NDArray[Any], members: Members, hop_s: int, span: int, rows: int | None = None
) -> NDArray[np.int32]:
    counts = np.full(members.slot.size if rows is None else rows, UNKNOWN_32, dtype=np.int32)
    count_distinct(members, hop_s, span, sets, counts)
    return counts
