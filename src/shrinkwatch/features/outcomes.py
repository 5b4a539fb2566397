"""Whose earlier receipts turned out to be thefts, as far as anybody had said so by then.

An answer about a receipt is an event of everybody who took part in it, counted in the hop in which
it became known. Of several answers about one receipt the latest counts: what was said before is
taken out of its hop. Where nobody has answered for anything in a window, its numbers are unknown.
Only subjects that somebody has answered for are remembered (about 600 bytes each), and each
answered receipt with 72 bytes, so that without labels nothing is held and nothing is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features import rings, since
from shrinkwatch.features.arrays import Block, apart
from shrinkwatch.features.catalogue import OUTCOME_COLUMNS, OUTCOME_RINGS, OUTCOME_SHARES
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, kernel
from shrinkwatch.features.subjects import Part, Subjects

_LAST = "last"
_SAID = "said"
_KNOWN_US, _WORD, _SLOTS = range(3)
_CONFIRMED = 1 << 32
"""Counts lie two to a word: answered in the lower half, confirmed in the upper."""


class Moments(NamedTuple):
    """What answers do to one kind of subject, two events for each: take back, and count anew.

    slot: (2 n,) int64, −1 nobody. at_us: (2 n,) int64. word: (2 n,) int64 to be added.
    """

    slot: NDArray[np.int64]
    at_us: NDArray[np.int64]
    word: NDArray[np.int64]


@kernel
def settle(
    receipt: NDArray[np.int64],
    known_us: NDArray[np.int64],
    word: NDArray[np.int64],
    slots: NDArray[np.int64],
    said: NDArray[np.int64],
    before: NDArray[np.int64],
) -> None:
    """Set row i of `before` to what was last said of a receipt, and remember what is said now.

    receipt: (n,) rows of said. slots: (n, kinds) rows of each kind of subject. said, before:
    (…, 2 + kinds) int64: when it became known, the word that was counted, and the slots.
    """
    for i in range(receipt.size):
        row = said[receipt[i]]
        before[i] = row
        row[_KNOWN_US], row[_WORD] = known_us[i], word[i]
        row[_SLOTS:] = slots[i]


def _subjects() -> dict[str, Subjects]:
    last = Part(_LAST, (1, 3), np.int64)
    return {name: Subjects((rings.part(own), last)) for name, own in OUTCOME_RINGS.items()}


@dataclass(slots=True)
class Outcomes:
    """What is known of everybody whose receipts were answered for."""

    subjects: dict[str, Subjects] = field(default_factory=_subjects)
    receipts: Subjects = field(
        default_factory=lambda: Subjects((Part(_SAID, (_SLOTS + len(OUTCOME_RINGS),), np.int64),))
    )

    def memories(self) -> dict[str, Subjects]:
        """Return all that remembers, by name."""
        return {f"{n}_outcomes": m for n, m in self.subjects.items()} | {"answered": self.receipts}

    def silent(self) -> bool:
        """Return whether nobody has ever answered for a receipt."""
        return self.receipts.index.used == 0

    def news(self, answers: pl.DataFrame) -> pl.Series:
        """Return of each answer (`at_us`, `tx`) whether nothing as new is known of its receipt."""
        row = self.receipts.index.find(answers["tx"].to_numpy())
        is_new, known = np.ones(row.size, dtype=np.bool_), row >= 0
        said = self.receipts[_SAID][row[known], _KNOWN_US]
        is_new[known] = answers["at_us"].to_numpy()[known] > said
        return pl.Series(is_new)

    def advance(
        self,
        due: pl.DataFrame,
        who: Mapping[str, NDArray[np.uint64]],
        arrived_us: NDArray[np.int64],
        at_us: NDArray[np.int64],
    ) -> list[Block]:
        """Return OUTCOME_COLUMNS, (rows,) each; an answer counts for all that came after it.

        due: as `labelled.Labels.due`, known by the last arrival. who: (rows,) keys by subject.
        arrived_us: (rows,) ascending; at_us: (rows,) the transactions' own time, UNKNOWN_64.
        """
        place = np.repeat(np.searchsorted(arrived_us, due["known_us"].to_numpy()), 2)
        moments = self._settle(due)
        blocks: list[Block] = []
        for subject, memory in self.subjects.items():
            slot = memory.index.find(who[subject])
            asks = Moments(slot, at_us, np.zeros(slot.size, np.int64))
            both = zip(asks, moments[subject], strict=True)
            events = Moments(*(np.insert(mine, place, told) for mine, told in both))
            is_ask = np.insert(np.ones(slot.size, np.bool_), place, np.False_)
            blocks += _read(subject, memory, events, is_ask)
        return blocks

    def _settle(self, due: pl.DataFrame) -> dict[str, Moments]:
        known_us = due["known_us"].to_numpy(writable=True)
        word = np.where(due["confirmed"].to_numpy(), 1 | _CONFIRMED, 1)
        receipt = self.receipts.slots(due["tx"].to_numpy(writable=True))
        whose = [m.slots(due[name].to_numpy(writable=True)) for name, m in self.subjects.items()]
        slots, said = np.stack(whose, axis=1), self.receipts[_SAID]
        before = np.empty((receipt.size, said.shape[1]), dtype=np.int64)
        settle(receipt, known_us, word, slots, said, before)
        then = np.where(before[:, [_WORD]] == 0, -1, before[:, _SLOTS:])
        at = _by_turns(before[:, _KNOWN_US], known_us)
        words = _by_turns(-before[:, _WORD], word)
        return {
            name: Moments(_by_turns(then[:, k], slots[:, k]), at, words)
            for k, name in enumerate(self.subjects)
        }


def _by_turns(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.stack([one, other], axis=1).reshape(-1)


def _read(
    subject: str, memory: Subjects, events: Moments, is_ask: NDArray[np.bool_]
) -> list[Block]:
    """Return the columns of one kind of subject for the events that ask; learn the others."""
    declared = OUTCOME_RINGS[subject]
    plan, windows = rings.plan_of(declared), rings.Windows.of(declared, is_ask.size)
    known = events.at_us != UNKNOWN_64
    at_s = np.where(known, events.at_us // 1_000_000, UNKNOWN_64)
    heard = rings.Events(events.slot, rings.hops_of(at_s, plan), events.word.reshape(-1, 1))
    rings.advance_of(plan)(heard, memory[rings.PART], windows.counts, windows.amounts)
    (block,) = windows.blocks()
    counts = np.ascontiguousarray(block.values[:, is_ask])
    answered, confirmed = counts[::2], counts[1::2]
    unknown = answered <= 0
    answered[unknown] = confirmed[unknown] = UNKNOWN_32
    of_window = {n.rpartition("_")[2]: k for k, n in enumerate(block.names[::2])}
    with np.errstate(invalid="ignore"):
        shares = {
            f"{subject}_confirmed_share_{w}": np.where(
                unknown[k := of_window[w]], np.nan, confirmed[k] / answered[k]
            )
            for w in OUTCOME_SHARES
        }
    return [Block(block.names, counts), *apart(shares), _since(subject, memory, events, is_ask)]


def _since(subject: str, memory: Subjects, events: Moments, is_ask: NDArray[np.bool_]) -> Block:
    rows, nobody = is_ask.size, np.zeros(is_ask.size, dtype=np.uint64)
    out = since.Marks(
        np.empty((1, rows), np.int32), np.empty((0, rows), np.int8), np.empty((0, rows), np.int64)
    )
    confirms = (events.word >= _CONFIRMED).astype(np.int64)
    doings = since.Doings(events.at_us, confirms, nobody, np.zeros_like(confirms))
    since.look_back(events.slot, doings, memory[_LAST], out)
    return Block((f"{subject}_since_confirmed_s",), out.since_s[:, is_ask].copy())


def nothing_known(rows: int) -> dict[str, pl.Series]:
    """Return OUTCOME_COLUMNS for so many transactions before anybody has answered: all null."""
    kinds = {column.dtype for column in OUTCOME_COLUMNS}
    nulls = {kind: pl.Series([None], dtype=kind).new_from_index(0, rows) for kind in kinds}
    return {column.name: nulls[column.dtype] for column in OUTCOME_COLUMNS}
