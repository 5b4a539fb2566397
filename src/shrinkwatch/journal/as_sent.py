"""Receipts that the journal keeps as tills sent them, until somebody asks for their columns.

A till waits for its answer, and the columns of a few receipts cost nearly as much as of a thousand.
What the answer needs, the keys and that nothing has to be refused, is known after a quarter of that
time. So plainly written lines are stored as they came, card numbers taken out, with what was known
of their stores; whoever reads them makes the columns of many groups at one go, the same as would
have been made when they came.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from shrinkwatch.intake.contract_lines import read_record
from shrinkwatch.intake.plain_lines import PlainLines, PlainPart, read_plain
from shrinkwatch.intake.plain_values import NOTHING
from shrinkwatch.journal.columns import ColumnMaker
from shrinkwatch.journal.days import DAY_US, day_of
from shrinkwatch.journal.keys import tx_key
from shrinkwatch.journal.places import Places
from shrinkwatch.journal.versions import NO_RANK, UNREAD, Index
from shrinkwatch.records.batch import NOBODY, Batch
from shrinkwatch.records.money import is_currency
from shrinkwatch.records.transaction import Transaction
from shrinkwatch.records.trouble import Damaged

_WHEN = ("began_at", "ended_at")


class AsSent(Struct, frozen=True):
    """Plainly written lines that arrived at one moment.

    lines: a JSON object each, without card numbers. count: how many. arrived_us: UTC µs.
    zones, currencies: of each store that they name, as it was known then; None: it was not.
    """

    lines: bytes
    count: int
    arrived_us: int
    zones: dict[str, str | None]
    currencies: dict[str, str | None]


def as_sent(
    raw: bytes, plain: PlainLines, places: Places, arrived_us: int
) -> tuple[AsSent, Index] | None:
    """Return lines as they may be stored, and their index; None where columns must be made first.

    raw: the lines, card numbers taken out. plain: what they say. That must be all that the
    contract knows, each with a key of its own saying and none a revision, nothing to be refused.
    """
    top = plain.parts["transactions"]
    is_ranked = "revision" in top.counts or "updated_at" in top.times
    if not top.tx.size or is_ranked or plain.unknown_fields:
        return None
    keys = _keys(top)
    stores = [store for store in top.texts["store_id"][0] if store is not None]
    zones = {store: places.zone_of(store) for store in stores}
    currencies = {store: places.currency_of(store) for store in stores}
    if (keys == NOBODY).any() or not _are_placed(plain, zones, currencies):
        return None
    count, day = top.tx.size, arrived_us // DAY_US
    group = AsSent(raw, count, arrived_us, zones, currencies)
    unread, revision, updated, days = (np.full(count, one) for one in (UNREAD, *NO_RANK, day))
    return group, Index(keys.view(np.int64), unread, revision, updated, days)


def columns_of(groups: Sequence[AsSent]) -> Batch:
    """Return the records of these groups, in order, as one batch. Raises: Damaged."""
    return Batch.concat(_made(alike, places) for alike, places in _known_alike(groups))


def _are_placed(
    plain: PlainLines, zones: dict[str, str | None], currencies: dict[str, str | None]
) -> bool:
    """Tell whether each says when it was, its money is known, and local times have a zone.

    There is nothing else for which a plain line that has its key could be refused: its numbers and
    times are none that are too large or too long ago.
    """
    top = plain.parts["transactions"]
    when = [clock != NOTHING for name, (clock, *_) in top.times.items() if name in _WHEN]
    named = zip(top.text("store_id"), top.text("currency"), strict=True)
    monies = {
        currencies[store] if money is None else money for store, money in named if store is not None
    }
    clocks = (clock for part in plain.parts.values() for clock in part.times.values())
    is_zoned = None not in zones.values() or not any(local.any() for *_, local in clocks)
    is_paid = all(money is not None and is_currency(money) for money in monies)
    return bool(np.any(when, axis=0).all()) and is_zoned and is_paid


def _keys(top: PlainPart) -> NDArray[np.uint64]:
    """Return each transaction's key (uint64), 0 where it does not say all of it itself."""
    names = ("source", "store_id", "transaction_id", "register_id")
    days = _days(top.dates.get("business_date"), top.tx.size)
    rows = zip(*(top.text(name) for name in names), days, _numbers(top), strict=True)
    return np.array([tx_key(*row) for row in rows], dtype=np.uint64)


def _days(said: NDArray[np.int64] | None, count: int) -> list[date | None]:
    if said is None:
        return [None] * count
    known = {day: None if day == NOTHING else day_of(day) for day in np.unique(said).tolist()}
    return [known[day] for day in said.tolist()]


def _numbers(top: PlainPart) -> list[int | None]:
    if "sequence" not in top.counts:
        return [None] * top.tx.size
    values, present = top.counts["sequence"]
    said = zip(values.tolist(), present.tolist(), strict=True)
    return [value if is_said else None for value, is_said in said]


def _known_alike(groups: Iterable[AsSent]) -> Iterator[tuple[list[AsSent], Places]]:
    """Yield neighbours of whose stores the same was known, and that."""
    alike, zones, currencies = list[AsSent](), dict[str, str | None](), dict[str, str | None]()
    for group in groups:
        if _differs(zones, group.zones) or _differs(currencies, group.currencies):
            yield alike, _places(zones, currencies)
            alike, zones, currencies = [], {}, {}
        alike.append(group)
        zones |= group.zones
        currencies |= group.currencies
    if alike:
        yield alike, _places(zones, currencies)


def _differs(known: dict[str, str | None], other: dict[str, str | None]) -> bool:
    return any(known.get(store, value) != value for store, value in other.items())


def _places(zones: dict[str, str | None], currencies: dict[str, str | None]) -> Places:
    known = [{k: v for k, v in of.items() if v is not None} for of in (zones, currencies)]
    return Places(zones=known[0], currencies=known[1])


def _made(groups: Sequence[AsSent], places: Places) -> Batch:
    raw = b"\n".join(group.lines for group in groups)
    maker, plain = ColumnMaker(places), read_plain(raw)
    batch = None if plain is None else maker.batch_of_lines(plain)
    if batch is None:  # what was plain to the version that stored it may be less so to this one
        batch = _made_of_records(raw, maker)
    counts = [group.count for group in groups]
    if len(batch) != sum(counts):
        raise _unreadable()
    arrived = np.repeat([group.arrived_us for group in groups], counts)
    moments = pl.Series("arrived_at", arrived.view("datetime64[us]")).dt.replace_time_zone("UTC")
    return replace(batch, transactions=batch.transactions.with_columns(moments))


def _made_of_records(raw: bytes, maker: ColumnMaker) -> Batch:
    records = [read_record(line) for line in raw.split(b"\n")]
    transactions = [one for one in records if isinstance(one, Transaction)]
    batch, refused = maker.batch(transactions)
    if refused or len(transactions) != len(records):
        raise _unreadable()
    return batch


def _unreadable() -> Damaged:
    return Damaged(
        "receipts that were taken cannot be read any more; use the version that took them"
    )
