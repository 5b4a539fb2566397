"""The stream of transactions with everything that was known when each arrived.

`FeatureStream.advance` is the one way to features: history, replay and live scoring take it, one
batch after the other, and a batch of one is a batch. It reads before it learns. It has two steps:
`look` at what a batch says by itself, `learn` from it about everybody in it. A replay looks at the
next batch while it learns from this one.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features import arrays, baskets, drawers, originals, state_files
from shrinkwatch.features.arrays import Block
from shrinkwatch.features.catalogue import COLUMNS
from shrinkwatch.features.declared import DAY_S
from shrinkwatch.features.facts import (
    STATUS,
    TYPE,
    Facts,
    facts_of,
    focus_skus,
)
from shrinkwatch.features.fold import Arrivals, Fold, Task, arrivals_of
from shrinkwatch.features.joined_facts import joined_columns
from shrinkwatch.features.joins import Joined, Joins
from shrinkwatch.features.kernel import UNKNOWN_64
from shrinkwatch.features.labelled import Labels, LookUp, arrival_us
from shrinkwatch.features.measures import Head, Who
from shrinkwatch.features.original_facts import names_original, original_columns, receipts_of
from shrinkwatch.features.outcomes import nothing_known
from shrinkwatch.features.peer_groups import PeerGroups
from shrinkwatch.features.told import (
    ORIGINAL,
    ORIGINAL_OF_RESUMED,
    ORIGINAL_OF_VOID,
    Told,
    has_told,
)
from shrinkwatch.records.batch import TRANSACTION_COLUMNS, Batch
from shrinkwatch.records.tables import TableKind, Tables

COLUMNS_READ: dict[str, Sequence[str]] = {
    "transactions": tuple(TRANSACTION_COLUMNS),
    "lines": (
        *("tx", "line", "kind", "sku", "sku_key", "quantity", "entry", "list_price", "unit_cost"),
        *("extended_minor", "voided", "at", "void_at", "original_key"),
    ),
    "price_changes": ("tx", "line", "type", "amount_minor", "approver_id"),
    "tenders": ("tx", "type", "amount_minor", "change", "voided", "card_key"),
    "events": ("tx", "type"),
}
"""The columns of a batch that features are made of; rules may name any of the transactions."""

_PLAIN: dict[str, Sequence[str]] = {
    "transactions": (
        *("type", "status", "training", "employee_sale", "net_minor", "began_at", "ended_at"),
        *("utc_offset_s", "original_business_date"),
        *(name for name in TRANSACTION_COLUMNS if name.endswith("_key")),
    ),
    "lines": (
        *("tx", "line", "kind", "entry", "voided", "quantity", "list_price", "unit_cost"),
        *("extended_minor", "at", "void_at", "sku_key", "original_key"),
    ),
    "price_changes": ("tx", "line", "type", "amount_minor"),
    "tenders": ("tx", "type", "amount_minor", "change", "voided", "card_key"),
    "events": ("tx", "type"),
}
"""The columns of a batch that loops read."""

_TABLES_JOINED: tuple[TableKind, ...] = ("stores", "registers", "operators", "shifts")
_THREADS = 2
_SIDE_BY_SIDE_FROM = 2_000
_EPOCH = date(1970, 1, 1)


class Beside(NamedTuple):
    """What was known beside the arrivals when a batch came. sources: the feeds' names so far."""

    joins: Joins
    counted: drawers.Counted
    labels: pl.DataFrame
    sources: tuple[str, ...]


class Known(NamedTuple):
    """What a batch says by itself; it does not change any more, whatever comes after it.

    tx: the transactions' keys and numbers. named: (rows,) int8, names an original (2 is unknown).
    resumes: (rows,) bool, the feed names the originals of resumed receipts.
    """

    transactions: pl.DataFrame
    tx: arrays.Columns
    joined: Joined
    facts: Facts
    arrivals: Arrivals
    receipts: originals.Receipts
    named: NDArray[np.int8]
    resumes: NDArray[np.bool_]
    focus_sku: pl.Series
    beside: Beside


class FeatureStream:
    """Everything remembered of everybody, and the one call that reads and extends it."""

    def __init__(
        self, tables: Tables, folder: Path | None = None, look_up: LookUp | None = None
    ) -> None:
        self._tables = tables
        self._joins = Joins(tables)
        self._counts = drawers.CountedDrawers(tables["till_sessions"])
        self._labels = Labels(look_up)
        self._groups = PeerGroups()
        self._told = Told()
        self._fold = Fold()
        self._originals = originals.Originals(folder)
        self._threads = ThreadPoolExecutor(_THREADS, "features")  # started by the first large batch

    @classmethod
    def new(cls, tables: Tables, folder: Path | None = None, look_up: LookUp | None = None) -> Self:
        """Return a stream that has seen nothing.

        folder: for the files of receipts that somebody may yet return (64 bytes a receipt); None is
        one that goes with the stream. look_up: the journal's `receipts`, which says whom a label
        speaks of; without it labels are not learned.
        """
        return cls(tables, folder, look_up)

    def advance(self, batch: Batch) -> pl.DataFrame:
        """Return one row per transaction in the batch's order, then learn the batch.

        The columns are the batch's `transactions` and the catalogue's `COLUMNS`; operator_key and
        approver_key are persons. Any split of a sequence of transactions into batches gives the
        same rows, bit for bit.
        """
        return self._empty(batch) if len(batch) == 0 else self.learn(self.look(batch))

    def look(self, batch: Batch) -> Known:
        """Return what a batch, not an empty one, says by itself; batches are looked at in order.

        What each feed has ever told is learned here. The next batch may be looked at, and tables
        updated, in another thread before this one is learned.
        """
        plain = {
            part: arrays.plain(getattr(batch, part), part, names) for part, names in _PLAIN.items()
        }
        tx = plain["transactions"]
        joined, source = self._joins.of(batch, tx), self._told.places(batch.transactions["source"])
        facts, rung = facts_of(batch, plain, joined, source, self._told)
        keys = ("register", "store", "card", "loyalty", "customer")
        who = Who(joined.operator, *(tx[f"{name}_key"] for name in keys))
        at = np.where(tx["ended_at"] != UNKNOWN_64, tx["ended_at"], tx["began_at"])
        head = Head(tx["type"], tx["status"], tx["training"], tx["net_minor"], at)
        arrivals = arrivals_of(who, head, tx["employee_sale"], facts, rung)
        receipts = receipts_of(plain, arrivals, rung.first)
        named, resumes = self._named(batch, head, source, receipts)
        sources = tuple(self._told.sources)
        beside = Beside(self._joins, self._counts.of(sources), self._tables["labels"], sources)
        focus_sku = focus_skus(batch, facts.focus)
        return Known(
            batch.transactions,
            tx,
            joined,
            facts,
            arrivals,
            receipts,
            named,
            resumes,
            focus_sku,
            beside,
        )

    def learn(self, known: Known) -> pl.DataFrame:
        """Return the rows of `advance`, and learn the batch; in the order in which they came."""
        beside = known.beside
        self._labels.hear(beside.labels, beside.sources, beside.joins, self._fold.outcomes.news)
        named: dict[str, pl.Series] = {"focus_sku": known.focus_sku}
        tasks: list[Task] = [
            *self._fold.tasks(known.arrivals),
            partial(self._originals_columns, known),
            partial(self._joined_columns, known, named),
            partial(self._drawer_columns, known),
            partial(self._outcome_columns, known, named),
        ]
        large = known.transactions.height >= _SIDE_BY_SIDE_FROM
        made = (self._threads.map if large else map)(_run, tasks)
        blocks = [*known.facts.blocks, *chain.from_iterable(made)]
        return _resolved(known).hstack(arrays.frame_of(COLUMNS, blocks, named))

    def close_day(self, day: date) -> None:
        """Tidy up after a UTC day: forget what is too old, make room for what is new."""
        self._originals.close_day(day)
        self._fold.close_day(((day - _EPOCH).days + 1) * DAY_S)

    def update_tables(self, tables: Tables) -> None:
        """Use these tables from the next batch on."""
        before, self._tables = self._tables, tables
        if not all(tables[kind].equals(before[kind]) for kind in _TABLES_JOINED):
            self._joins = Joins(tables)
        counts = drawers.CountedDrawers(tables["till_sessions"])
        if not counts.same_as(self._counts):
            self._counts = counts

    def peer_group_name(self, code: int) -> str:
        """Return the name of a peer group of the frame; KeyError for a code never given."""
        return self._groups.name(code)

    def nbytes(self) -> int:
        """Return the bytes of memory that the fold holds."""
        return self._fold.nbytes()

    def save(self, folder: Path) -> None:
        """Write everything remembered into the folder; `load` continues to the bit."""
        state_files.save(folder, self._fold, self._originals, self._told, self._groups)

    @classmethod
    def load(
        cls,
        folder: Path,
        tables: Tables,
        receipts: Path | None = None,
        look_up: LookUp | None = None,
    ) -> Self:
        """Return the stream that was saved in the folder, which it goes on reading.

        receipts: for the files of the days to come. It and look_up: as in `new`.
        Raises: Refused when the folder holds no state or another version's.
        """
        stream = cls(tables, receipts, look_up)
        state_files.load(folder, stream._fold, stream._originals, stream._told, stream._groups)
        return stream

    def _named(
        self, batch: Batch, head: Head, source: NDArray[np.int64], receipts: originals.Receipts
    ) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
        """Return `Known.named` and `Known.resumes`. source: see `told.Told.places`.

        Until a feed has named one on a post-void, its post-voids tell nothing, and until it has
        named one on anything else, neither does anything else.
        """
        named = names_original(batch) | (receipts.original != 0)
        which = np.where(head.type == TYPE["void"], ORIGINAL_OF_VOID, ORIGINAL)
        bits = np.where(named, np.int64(1) << which, 0)
        resumed = head.status == STATUS["resumed"]
        bits |= np.where(named & resumed, np.int64(1) << ORIGINAL_OF_RESUMED, 0)
        self._told.listen(source, bits)
        told = np.where(has_told(bits, which), named, 2).astype(np.int8)
        return told, has_told(bits, ORIGINAL_OF_RESUMED)

    def _joined_columns(self, known: Known, named: dict[str, pl.Series]) -> list[Block]:
        at, offset_s = known.arrivals.head.at, known.tx["utc_offset_s"]
        joins = known.beside.joins
        numbers, names = joined_columns(joins, known.joined, at, offset_s, self._groups)
        named |= names
        return numbers

    def _drawer_columns(self, known: Known) -> list[Block]:
        tx, head = known.tx, known.arrivals.head
        person = np.where(known.joined.operator != 0, tx["operator_key"], np.uint64(0))
        signs_off = head.type == TYPE["sign_off"]
        stays = drawers.Stays(person, tx["register_key"], tx["tx_key"], head.at, signs_off)
        return drawers.advance(self._fold.drawer, known.beside.counted, stays)

    def _outcome_columns(self, known: Known, named: dict[str, pl.Series]) -> list[Block]:
        outcomes = self._fold.outcomes
        arrived_us = arrival_us(known.transactions)
        due = self._labels.due(int(arrived_us[-1]))
        if outcomes.silent() and due.height == 0:
            named |= nothing_known(arrived_us.size)
            return []
        who = {name: getattr(known.arrivals.who, name) for name in outcomes.subjects}
        return outcomes.advance(due, who, arrived_us, known.arrivals.head.at)

    def _originals_columns(self, known: Known) -> list[Block]:
        found = self._originals.advance(known.receipts, known.tx["original_business_date"])
        return [
            *original_columns(known.arrivals, found, known.named),
            *self._basket_columns(known),
        ]

    def _basket_columns(self, known: Known) -> list[Block]:
        who, head = known.arrivals.who, known.arrivals.head
        parks = (known.arrivals.measures["suspends"] > 0) & (head.net > 0)
        parked = baskets.Parked(
            head.at,
            known.tx["tx_key"],
            who.operator,
            head.net,
            known.receipts.original,
            parks & (who.operator != 0),
            known.resumes,
        )
        return baskets.advance(self._fold.basket, who.store, parked)

    def _empty(self, batch: Batch) -> pl.DataFrame:
        return batch.transactions.with_columns(pl.lit(None, c.dtype).alias(c.name) for c in COLUMNS)


def _run(task: Task) -> list[Block]:
    return task()


def _resolved(known: Known) -> pl.DataFrame:
    """Return the transactions with persons in place of operator and approver ids' keys."""
    persons = {"operator_key": known.joined.operator, "approver_key": known.joined.approver}
    return pl.DataFrame(
        [
            pl.Series(column.name, persons[column.name]) if column.name in persons else column
            for column in known.transactions
        ]
    )
