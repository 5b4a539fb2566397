"""The stream of transactions with everything that was known when each arrived.

`FeatureStream.advance` is the one way to features: history, replay and live scoring call it, one
batch after the other, and a batch of one is a batch. It reads before it learns.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features import arrays, originals, state_files
from shrinkwatch.features.calendar import calendar_frame, local_time, opening_frame
from shrinkwatch.features.catalogue import COLUMNS, FOLD
from shrinkwatch.features.catalogue_of_facts import JOINED, ORIGINALS
from shrinkwatch.features.declared import DAY_S
from shrinkwatch.features.facts import (
    STATUS,
    TYPE,
    Facts,
    facts_of,
    focus_skus,
    frame_of_facts,
)
from shrinkwatch.features.fold import Arrivals, Fold, Who, arrivals_of
from shrinkwatch.features.joins import Joined, Joins
from shrinkwatch.features.kernel import UNKNOWN_64
from shrinkwatch.features.measures import Head, known_or_zero
from shrinkwatch.features.peer_groups import PeerGroups, tenure_band
from shrinkwatch.features.told import ORIGINAL, ORIGINAL_OF_VOID, Told, has_told
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

_TABLES_JOINED: tuple[TableKind, ...] = ("stores", "registers", "operators")
_KEPT_TYPES = [TYPE[name] for name in ("sale", "return", "exchange", "gift_card", "void")]
_SIDE_BY_SIDE_FROM = 2_000
_EPOCH = date(1970, 1, 1)


class Known(NamedTuple):
    """A batch with what was known of it."""

    joined: Joined
    facts: Facts
    arrivals: Arrivals


class FeatureStream:
    """Everything remembered of everybody, and the one call that reads and extends it."""

    def __init__(self, tables: Tables, folder: Path | None = None) -> None:
        self._tables = tables
        self._joins = Joins(tables)
        self._groups = PeerGroups()
        self._told = Told()
        self._fold = Fold()
        self._originals = originals.Originals(folder)

    @classmethod
    def new(cls, tables: Tables, folder: Path | None = None) -> Self:
        """Return a stream that has seen nothing.

        folder: where receipts of closed days are kept as files until nobody can return them;
        None keeps them in memory (64 bytes a receipt).
        """
        return cls(tables, folder)

    def advance(self, batch: Batch) -> pl.DataFrame:
        """Return one row per transaction in the batch's order, then learn the batch.

        The columns are the batch's `transactions` and the catalogue's `COLUMNS`; operator_key and
        approver_key are persons. Any split of a sequence of transactions into batches gives the
        same rows, bit for bit.
        """
        if len(batch) == 0:
            return self._empty(batch)
        known = self._know(batch)
        receipts = _receipts(batch, known)
        found = self._originals.advance(receipts, _business_day(batch))
        with _side_by_side(len(batch)) as threads:
            folded = self._fold.advance(known.arrivals, threads)
        return pl.concat(
            [
                _resolved(batch, known.joined),
                self._joined_frame(batch, known),
                frame_of_facts(known.facts).with_columns(focus_skus(batch, known.facts.focus)),
                _originals_frame(known, found, self._named(batch, known, receipts)),
                arrays.frame_of(FOLD, folded),
            ],
            how="horizontal",
        ).select([*batch.transactions.columns, *(c.name for c in COLUMNS)])

    def close_day(self, day: date) -> None:
        """Tidy up after a UTC day: forget what is too old, make room for what is new."""
        self._originals.close_day(day)
        self._fold.close_day(((day - _EPOCH).days + 1) * DAY_S)

    def update_tables(self, tables: Tables) -> None:
        """Use these tables from the next batch on."""
        before, self._tables = self._tables, tables
        if not all(tables[kind].equals(before[kind]) for kind in _TABLES_JOINED):
            self._joins = Joins(tables)

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
    def load(cls, folder: Path, tables: Tables) -> Self:
        """Return the stream that was saved.

        Raises: Refused when the folder holds no state or another version's.
        """
        stream = cls(tables)
        state_files.load(folder, stream._fold, stream._originals, stream._told, stream._groups)
        return stream

    def _know(self, batch: Batch) -> Known:
        tx, joined = batch.transactions, self._joins.of(batch)
        facts = facts_of(
            batch, joined.operator, joined.approver, joined.change_approver, self._told
        )
        who = Who(
            joined.operator,
            arrays.keys(tx, "register_key"),
            arrays.keys(tx, "store_key"),
            arrays.keys(tx, "card_key"),
            arrays.keys(tx, "loyalty_key"),
            arrays.keys(tx, "customer_key"),
        )
        head = Head(
            arrays.codes(tx, "type"),
            arrays.codes(tx, "status"),
            arrays.flags(tx, "training"),
            arrays.integers(tx, "net_minor"),
            _event_time(tx),
        )
        return Known(
            joined, facts, arrivals_of(who, head, arrays.flags(tx, "employee_sale"), facts)
        )

    def _joined_frame(self, batch: Batch, known: Known) -> pl.DataFrame:
        joins, joined = self._joins, known.joined
        offset = arrays.integers(batch.transactions, "utc_offset_s")
        local = local_time(known.arrivals.head.at, offset)
        opens = joins.stores.column("opens", joined.store_row)
        closes = joins.stores.column("closes", joined.store_row)
        frame = pl.DataFrame(
            [
                joins.operators.column("role", joined.operator_row),
                joins.operators.column("hired_on", joined.operator_row),
                joins.is_virtual(joined.operator_row).alias("virtual_operator"),
                joins.registers.column("lane_type", joined.register_row),
                joins.stores.column("format", joined.store_row),
                *calendar_frame(local),
                *opening_frame(local, opens, closes),
            ]
        )
        hired_days_ago = pl.col("local_date") - pl.col("hired_on")
        frame = frame.with_columns(
            hired_days_ago.dt.total_days().cast(pl.Int32).alias("tenure_days")
        )
        frame = frame.with_columns(tenure_band(pl.col("tenure_days")))
        return frame.with_columns(self._groups.codes(frame)).select(c.name for c in JOINED)

    def _named(self, batch: Batch, known: Known, receipts: originals.Receipts) -> NDArray[np.int8]:
        """Return per transaction whether it names an original; 2 is unknown.

        Until a feed has named one on a post-void, its post-voids tell nothing, and until it has
        named one on anything else, neither does anything else.
        """
        named = _names_original(batch) | (receipts.original != 0)
        is_void = known.arrivals.head.type == TYPE["void"]
        which = np.where(is_void, ORIGINAL_OF_VOID, ORIGINAL)
        bits = np.where(named, np.int64(1) << which, 0)
        self._told.listen(batch.transactions.get_column("source"), bits)
        return np.where(has_told(bits, which), named, 2).astype(np.int8)

    def _empty(self, batch: Batch) -> pl.DataFrame:
        return batch.transactions.with_columns(pl.lit(None, c.dtype).alias(c.name) for c in COLUMNS)


@contextmanager
def _side_by_side(rows: int) -> Iterator[ThreadPoolExecutor | None]:
    """Give two threads where the batch is worth them."""
    if rows < _SIDE_BY_SIDE_FROM:
        yield None
        return
    with ThreadPoolExecutor(2) as threads:
        yield threads


def _event_time(tx: pl.DataFrame) -> NDArray[np.int64]:
    ended = arrays.integers(tx, "ended_at")
    return np.where(ended != UNKNOWN_64, ended, arrays.integers(tx, "began_at"))


def _business_day(batch: Batch) -> NDArray[np.int64]:
    return arrays.integers(batch.transactions, "original_business_date")


def _names_original(batch: Batch) -> NDArray[np.bool_]:
    """Return whether the feed names an original, however incompletely."""
    names = [
        c for c in batch.transactions.columns if c.startswith("original_") and c[-4:] != "_key"
    ]
    if not names:
        return np.zeros(len(batch), dtype=np.bool_)
    named = batch.transactions.select(pl.any_horizontal(pl.col(names).is_not_null()))
    return arrays.writable(named.to_series())


def _resolved(batch: Batch, joined: Joined) -> pl.DataFrame:
    persons = {"operator_key": joined.operator, "approver_key": joined.approver}
    return batch.transactions.with_columns(pl.Series(name, key) for name, key in persons.items())


def _receipts(batch: Batch, known: Known) -> originals.Receipts:
    tx, (who, head, facts) = batch.transactions, (*known.arrivals[:2], known.facts)
    key, columns = arrays.keys(tx, "tx_key"), facts.columns
    words = np.empty((key.size, 7), dtype=np.int64)
    words[:, originals.AT] = head.at
    words[:, originals.NET] = head.net
    words[:, originals.CASH] = columns["cash_minor"]
    words[:, originals.CARD_PAID] = columns["card_minor"]
    words[:, originals.CARD] = who.card.view(np.int64)
    words[:, originals.HANDS] = originals.hands(who.operator, who.register)
    units = columns["units"] * 1000
    words[:, originals.UNITS] = np.where(np.isnan(units), UNKNOWN_64, np.rint(units))
    measures = known.arrivals.measures
    refund = measures["refund_minor"] + np.where(
        measures["voids"] > 0, np.abs(known_or_zero(head.net)), 0
    )
    cancelled = head.status == STATUS["cancelled"]
    kept = np.isin(head.type, _KEPT_TYPES) & ~head.training & ~cancelled
    named = arrays.keys(tx, "original_key")
    by_line = arrays.keys(batch.lines, "original_key")
    return originals.Receipts(key, kept, _or_of_line(named, by_line, facts), refund, words)


def _or_of_line(
    named: NDArray[np.uint64], by_line: NDArray[np.uint64], facts: Facts
) -> NDArray[np.uint64]:
    """Return the original of each transaction, else the first that one of its lines names."""
    telling = np.flatnonzero(by_line)
    if telling.size == 0:
        return named
    owner = np.searchsorted(facts.first_line, telling, side="right") - 1
    rows, first = np.unique(owner, return_index=True)
    out = named.copy()
    out[rows] = np.where(named[rows] != 0, named[rows], by_line[telling[first]])
    return out


def _originals_frame(known: Known, found: originals.Found, named: NDArray[np.int8]) -> pl.DataFrame:
    """Return the ORIGINALS columns; what is remembered of an original is null unless found."""
    words, here = found.words, found.found
    who, at = known.arrivals.who, known.arrivals.head.at
    own = originals.hands(who.operator, who.register)
    theirs = words[:, originals.HANDS]

    def told(word: int) -> NDArray[np.int64]:
        return np.where(here, words[:, word], UNKNOWN_64)

    def same(mine: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int8]:
        return np.where(here & (mine != 0) & (other != 0), mine == other, 2).astype(np.int8)

    looked_up = found.refunded != UNKNOWN_64
    then, units = told(originals.AT), told(originals.UNITS)
    dated = (then != UNKNOWN_64) & (at != UNKNOWN_64)
    columns = {
        "original_named": named,
        "original_found": np.where(looked_up, here, 2).astype(np.int8),
        "original_age_s": np.where(dated, (at - np.where(dated, then, 0)) / 1e6, np.nan),
        "original_net_minor": told(originals.NET),
        "original_cash_minor": told(originals.CASH),
        "original_card_paid_minor": told(originals.CARD_PAID),
        "original_card_key": np.where(here, words[:, originals.CARD], 0).view(np.uint64),
        "original_same_operator": same(own >> 32, theirs >> 32),
        "original_same_register": same(own & 0xFFFFFFFF, theirs & 0xFFFFFFFF),
        "original_units": np.where(units == UNKNOWN_64, np.nan, units / 1000),
        "original_refunded_minor": found.refunded,
    }
    return arrays.frame_of(ORIGINALS, columns)
