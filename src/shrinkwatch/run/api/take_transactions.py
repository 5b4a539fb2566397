"""Takes the transactions of many requests into the journal as one block, and says what each was.

One commit for all that came within a few milliseconds: to wait for the disk is dear, to write more
is cheap. What one request did wrong costs the others nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

import msgspec
import numpy as np
import polars as pl

from shrinkwatch.adapters.stores.journal import StoredJournal
from shrinkwatch.intake.block import Block
from shrinkwatch.intake.claim import Claim
from shrinkwatch.intake.contract_lines import read
from shrinkwatch.intake.plain_lines import PlainLines, read_plain
from shrinkwatch.intake.refusal import Refuser, refuse
from shrinkwatch.intake.scrub import scrub_json
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.journal.as_sent import as_sent
from shrinkwatch.journal.claims import claimed_key
from shrinkwatch.journal.columns import ColumnMaker
from shrinkwatch.journal.days import microseconds
from shrinkwatch.journal.payload import FEW, Packed
from shrinkwatch.journal.places import Places
from shrinkwatch.journal.versions import Settled
from shrinkwatch.ports import Clock
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.transaction import Transaction
from shrinkwatch.run.api.problem import Problem
from shrinkwatch.run.api.submission import Answer, Outcome, Submission, rejected

_TICK = timedelta(microseconds=1)


class TransactionTaker:
    """Takes groups of submissions, one call at a time, from whatever thread.

    What comes later is never said to have arrived earlier, whatever the clock does: arrival order
    is the journal's.
    """

    def __init__(self, journal: StoredJournal, key: TokenKey, places: Places, clock: Clock) -> None:
        self._journal = journal
        self._key = key
        self._maker = ColumnMaker(places)
        self._clock = clock
        self._last: datetime | None = None

    def know(self, places: Places) -> None:
        """Go on with other knowledge of the stores' zones and currencies."""
        if places != self._maker.places:
            self._maker = ColumnMaker(places)

    def take(self, group: Sequence[Submission]) -> list[Answer]:
        """Return each submission's answer, in order; what they say is on disk.

        Raises: Unreachable when the journal cannot be written; then nothing is promised.
        """
        self._last = self._now()
        now_us = microseconds(self._last)
        settled = self._take_plain(group, now_us)
        return self._take_records(group, now_us) if settled is None else _told(settled, group)

    def take_at_once(self, group: Sequence[Submission]) -> list[Answer] | None:
        """Return the same where nobody else writes and the lines can be stored as they were sent.

        None: nothing was stored; so with a server's database always. Raises: Unreachable.
        """
        plain = self._plain(group) if self._journal.is_local else None
        if plain is None:
            return None
        now = self._now()
        found = as_sent(*plain, self._maker.places, microseconds(now))
        settled = None if found is None else self._journal.append_as_sent(*found, waits=False)
        if settled is None:
            return None
        self._last = now
        return _told(settled, group)

    def _take_plain(self, group: Sequence[Submission], now_us: int) -> Settled | None:
        """Return what became of each line where all are plain and nothing is to be refused.

        None: nothing was stored, each line must be read as a record. Few lines are stored as they
        were sent, of many the columns are made at once; both take far less time than records.
        """
        plain = self._plain(group)
        if plain is None:
            return None
        raw, lines = plain
        if lines.parts["transactions"].tx.size < FEW:
            found = as_sent(raw, lines, self._maker.places, now_us)
            settled = None if found is None else self._journal.append_as_sent(*found)
            if settled is not None:
                return settled
        batch = self._maker.batch_of_lines(lines)
        if batch is None:
            return None
        return self._journal.append_each(Packed.of(_arrived(batch, now_us)))

    def _plain(self, group: Sequence[Submission]) -> tuple[bytes, PlainLines] | None:
        """Return the lines without card numbers and what they say; None: they are not plain."""
        if any(one.cut.damaged is not None for one in group):
            return None
        raw = scrub_json(_block(group).raw, self._key)
        lines = read_plain(raw)
        if lines is None or not _all_speak_for_themselves(group, lines):
            return None
        return raw, lines

    def _take_records(self, group: Sequence[Submission], now_us: int) -> list[Answer]:
        read_group = _Group(group, self._key)
        batch, lines = read_group.columns(self._maker)
        rejects = list(read_group.rejects(self._maker.places))
        if rejects:
            self._journal.reject(rejects)
        if lines:
            settled = self._journal.append_each(Packed.of(_arrived(batch, now_us)))
            read_group.settle(lines, settled.outcomes, settled.positions)
        return read_group.answers()

    def _now(self) -> datetime:
        """Return this moment, later than any at which something was taken."""
        now = self._clock()
        return now if self._last is None else max(now, self._last + _TICK)


def _told(settled: Settled, group: Sequence[Submission]) -> list[Answer]:
    told = map(Outcome, settled.outcomes, settled.positions)  # type: ignore[arg-type]
    return [list(islice(told, len(one.cut))) for one in group]


class _Group:
    """The records of some submissions, read together; every line of them gets one outcome."""

    def __init__(self, group: Sequence[Submission], key: TokenKey) -> None:
        self._group = group
        self._key = key
        counts = [len(one.cut.lines) for one in group]
        self._owners: list[int] = np.repeat(np.arange(len(group)), counts).tolist()
        self._starts: list[int] = np.cumsum([0, *counts]).tolist()
        self._block = _block(group)
        self._seen = read(self._block, key, for_columns=True)
        self._unread = sorted(set(range(len(self._owners))) - set(self._seen.lines))
        self._outcomes: list[Outcome | None] = [None] * len(self._owners)
        self._strangers = self._who_speaks_for_others()
        self._unplaced: list[tuple[int, Rejected, Claim]] = []

    def columns(self, maker: ColumnMaker) -> tuple[Batch, list[int]]:
        """Return the transactions that can be stored, and the line of each."""
        transactions, lines = self._ours()
        batch, refused = maker.batch(transactions, self._seen.given)
        refuser = Refuser(self._block, self._key)
        for row, why in refused.items():
            reject = refuser.refuse(lines[row], *why)
            self._unplaced.append((lines[row], reject, Claim.of(transactions[row])))
        return batch, [line for row, line in enumerate(lines) if row not in refused]

    def rejects(self, places: Places) -> Iterator[Rejected]:
        """Yield what is no transaction, with its sender and what it claims to be."""
        unread = zip(self._unread, self._seen.rejects, self._seen.claims, strict=True)
        for line, reject, claim in (*unread, *self._unplaced):
            owner = self._owners[line]
            if owner not in self._strangers:
                named = msgspec.structs.replace(
                    reject,
                    file=_sender(self._group[owner]),
                    place=line - self._starts[owner] + 1,
                    tx_key=None if claim is None else claimed_key(claim, places),
                )
                self._outcomes[line] = rejected(named)
                yield named
        for owner, one in enumerate(self._group):
            if one.cut.damaged is not None and owner not in self._strangers:
                yield self._damage(one)

    def settle(self, lines: Sequence[int], words: Sequence[str], positions: Sequence[int]) -> None:
        """Note what the journal made of the transactions on these lines."""
        for line, word, position in zip(lines, words, positions, strict=True):
            self._outcomes[line] = Outcome(word, position)  # type: ignore[arg-type]

    def answers(self) -> list[Answer]:
        """Return what each submission is told."""
        answers: list[Answer] = []
        for owner, one in enumerate(self._group):
            mine = self._outcomes[self._starts[owner] : self._starts[owner + 1]]
            told = [outcome for outcome in mine if outcome is not None]
            if one.cut.damaged is not None:
                told.append(rejected(self._damage(one)))
            answers.append(self._strangers.get(owner, told))
        return answers

    def _ours(self) -> tuple[list[Transaction], list[int]]:
        transactions, lines = self._seen.transactions, self._seen.lines
        if not self._strangers:
            return transactions, lines
        kept = [at for at, line in enumerate(lines) if self._owners[line] not in self._strangers]
        return [transactions[at] for at in kept], [lines[at] for at in kept]

    def _who_speaks_for_others(self) -> dict[int, Problem]:
        """Return the submissions that name a store or till that is not their key's."""
        seen = self._seen
        claims: list[tuple[int, Transaction | Claim | None]] = [
            *zip(seen.lines, seen.transactions, strict=True),
            *zip(self._unread, seen.claims, strict=True),
        ]
        found: dict[int, Problem] = {}
        for line, claim in claims:
            if claim is not None and claim.store_id is not None:
                key = self._group[self._owners[line]].key
                if not key.speaks_for(claim.store_id, claim.register_id):
                    found.setdefault(self._owners[line], not_yours())
        return found

    def _damage(self, one: Submission) -> Rejected:
        assert one.cut.damaged is not None
        raw, reason, sentence = one.cut.damaged
        return refuse(reason, sentence, raw, self._key, file=_sender(one), place=len(one.cut))


def _arrived(batch: Batch, now_us: int) -> Batch:
    """Return the batch with this moment as the time of arrival, whatever the sender said."""
    top = batch.transactions.clone()
    arrived = pl.Series("arrived_at", [now_us]).cast(pl.Datetime("us", "UTC"))
    everywhere = arrived.new_from_index(0, top.height)
    top.replace_column(top.get_column_index("arrived_at"), everywhere)
    return replace(batch, transactions=top)


def _block(group: Sequence[Submission]) -> Block:
    return Block(b"\n".join(line for one in group for line in one.cut.lines), "live")


def _all_speak_for_themselves(group: Sequence[Submission], lines: PlainLines) -> bool:
    """Tell whether each line is a transaction of a store and till that its sender speaks for."""
    top = lines.parts["transactions"]
    if top.tx.size != sum(len(one.cut) for one in group):
        return False
    named = zip(top.text("store_id"), top.text("register_id"), strict=True)
    return all(
        one.key.speaks_for(store, till)
        for one in group
        for store, till in islice(named, len(one.cut))
    )


def not_yours() -> Problem:
    """Return the problem of a request that speaks for somebody else."""
    detail = "this key does not speak for that store or till; nothing of the request was taken"
    return Problem(403, "other-store", detail)


def _sender(one: Submission) -> str:
    return f"key {one.key.key_id}"
