"""The statements of the journal: each reads or writes rows and decides nothing."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection

from shrinkwatch.adapters.stores.dialects import add_rows, insert, is_among, listed, run
from shrinkwatch.adapters.stores.schema import (
    block,
    block_day,
    record,
    record_rank,
    record_state,
    reject,
    reject_claim,
    table_load,
    unsorted,
)
from shrinkwatch.journal.days import microseconds, moment_of
from shrinkwatch.journal.payload import pack_frame, unpack_frame
from shrinkwatch.journal.table_loads import TableLoad
from shrinkwatch.journal.versions import (
    NO_RANK,
    REPLAYED,
    UNREAD,
    Index,
    Settled,
    State,
    Version,
    signed,
)
from shrinkwatch.records.rejected import Rejected

_KEYS_AT_ONCE = 20_000

_ADD_BLOCK, _ADD_DAY, _ADD_UNSORTED = sa.insert(block), sa.insert(block_day), sa.insert(unsorted)
_UNSORTED = sa.select(unsorted).order_by(unsorted.c.first_position)

_END = (
    sa.select(block.c.first_position + block.c.rows)
    .order_by(block.c.first_position.desc())
    .limit(1)
)
_BLOCK_WITH = (
    sa.select(block.c.first_position, block.c.rows, block.c.payload)
    .where(block.c.first_position <= sa.bindparam("position"))
    .order_by(block.c.first_position.desc())
    .limit(1)
)
_VERSIONS = sa.select(
    record.c.tx_key,
    record.c.position,
    record.c.content,
    sa.func.coalesce(record_rank.c.revision, NO_RANK[0]),
    sa.func.coalesce(record_rank.c.updated_us, NO_RANK[1]),
    record.c.day,
    sa.func.coalesce(record_state.c.state, int(State.EFFECTIVE)),
).select_from(
    record.outerjoin(record_rank, record_rank.c.position == record.c.position).outerjoin(
        record_state, record_state.c.position == record.c.position
    )
)


def next_position(connection: Connection) -> int:
    """Return the position that the next record gets."""
    found = run(connection, _END).fetchone()
    return 0 if found is None else int(found[0])


class Unsorted:
    """The records without a row of their own, in their order. blocks: how many blocks they are.

    rows: of the table `unsorted`.
    """

    def __init__(self, rows: Sequence[tuple[int, int, bytes]]) -> None:
        self.blocks = len(rows)
        self.keys: NDArray[np.int64] = np.frombuffer(b"".join(keys for *_, keys in rows), "<i8")
        self._rows = rows

    def of(self, keys: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return which of the records have one of these keys (at least one)."""
        asked = np.sort(keys)
        return np.flatnonzero(asked[np.searchsorted(asked[:-1], self.keys)] == self.keys)

    def positions(self) -> NDArray[np.int64]:
        """Return where each record is in the journal."""
        sizes = self._sizes()
        ends = np.cumsum(sizes)
        firsts = np.array([first for first, *_ in self._rows], dtype=np.int64)
        return np.arange(self.keys.size) + np.repeat(firsts - ends + sizes, sizes)

    def days(self) -> NDArray[np.int64]:
        """Return the UTC day on which each record arrived."""
        days = np.array([day for _, day, _ in self._rows], dtype=np.int64)
        return np.repeat(days, self._sizes())

    def _sizes(self) -> NDArray[np.int64]:
        return np.array([len(keys) // 8 for *_, keys in self._rows], dtype=np.int64)


def unsorted_records(connection: Connection) -> Unsorted:
    """Return the records without a row of their own."""
    return Unsorted(run(connection, _UNSORTED).fetchall())


def add_unsorted(connection: Connection, first: int, day: int, keys: NDArray[np.int64]) -> None:
    """Store the keys of records from position `first` on, which arrived on one day."""
    run(connection, _ADD_UNSORTED, first_position=first, day=day, keys=keys.astype("<i8").tobytes())


def sort_in(connection: Connection, waiting: Unsorted) -> None:
    """Give these records their rows."""
    by_key = np.argsort(waiting.keys, kind="stable")  # neighbours in the index, one page
    content = np.full(by_key.size, UNREAD)
    position, day = waiting.positions()[by_key], waiting.days()[by_key]
    add_rows(connection, record, _tuples(waiting.keys[by_key], position, content, day))
    connection.execute(sa.delete(unsorted))


def is_any_known(connection: Connection, keys: NDArray[np.int64], waiting: Unsorted) -> bool:
    """Return whether there is a record of any of these keys (at least one)."""
    if waiting.of(keys).size:
        return True
    dialect = connection.dialect.name
    asked = listed(dialect, np.sort(keys).tolist())
    return run(connection, _known_key(dialect), keys=asked).fetchone() is not None


@cache
def _known_key(dialect: str) -> "sa.Select[Any]":
    return sa.select(record.c.tx_key).where(is_among(dialect, record.c.tx_key, "keys")).limit(1)


def versions(connection: Connection, keys: Sequence[int]) -> dict[int, list[Version]]:
    """Return every stored version of these (signed) keys, oldest first; unknown keys are absent."""
    found: dict[int, list[Version]] = {}
    dialect = connection.dialect.name
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        asked = listed(dialect, sorted(keys[start : start + _KEYS_AT_ONCE]))
        for row in run(connection, _versions_of_keys(dialect), keys=asked):
            key, position, content, *rank, day, state = row
            version = Version(position, content, (rank[0], rank[1]), day, State(state))
            found.setdefault(key, []).append(version)
    for key, version in _unsorted_versions(connection, keys):
        found.setdefault(key, []).append(version)
        found[key].sort(key=lambda one: one.position)
    return found


def _unsorted_versions(
    connection: Connection, keys: Sequence[int]
) -> Iterator[tuple[int, Version]]:
    waiting = unsorted_records(connection)
    found = waiting.of(np.array(keys, dtype=np.int64)) if keys else np.empty(0, np.intp)
    own = (one[found].tolist() for one in (waiting.keys, waiting.positions(), waiting.days()))
    for key, position, day in zip(*own, strict=True):
        query = sa.select(record_state.c.state).where(record_state.c.position == position)
        state = State(connection.scalar(query) or State.EFFECTIVE)
        yield key, Version(position, UNREAD, NO_RANK, day, state)


@cache
def _versions_of_keys(dialect: str) -> "sa.Select[Any]":
    """Return the query; made once, since with few keys to make it costs more than to run it."""
    return _VERSIONS.where(is_among(dialect, record.c.tx_key, "keys")).order_by(record.c.position)


def add_records(connection: Connection, first: int, index: Index, settled: Settled) -> None:
    """Store the new rows from position `first` on, and put out of effect what they revise."""
    rows = np.array(settled.rows, dtype=np.int64)
    by_key = np.argsort(index.tx_key[rows], kind="stable")  # neighbours in the index, one page
    position = np.arange(first, first + rows.size)
    columns = index.tx_key[rows], position, index.content[rows], index.day[rows]
    add_rows(connection, record, _tuples(*(one[by_key] for one in columns)))
    rank = index.revision[rows], index.updated_us[rows]
    ranked = np.flatnonzero((rank[0] != NO_RANK[0]) | (rank[1] != NO_RANK[1]))
    if ranked.size:
        add_rows(connection, record_rank, _tuples(ranked + first, *(one[ranked] for one in rank)))
    states = dict(enumerate(settled.states, start=first)) | settled.revised
    told = [
        {"position": position, "state": int(state)}
        for position, state in states.items()
        if state is not State.EFFECTIVE
    ]
    if told:
        now = insert(connection, record_state)
        change = now.on_conflict_do_update(
            index_elements=["position"], set_={"state": now.excluded.state}
        )
        connection.execute(change, told)


def _tuples(*columns: NDArray[np.int64]) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


def add_block(
    connection: Connection, first: int, rows: int, payload: bytes, days: Iterable[int]
) -> None:
    """Store the columns of records from position `first` on, and on which days they arrived."""
    run(connection, _ADD_BLOCK, first_position=first, rows=rows, payload=payload)
    for day in days:
        run(connection, _ADD_DAY, day=day, first_position=first)


def block_days(connection: Connection) -> dict[int, list[int]]:
    """Return by day (since 1970) the first positions of the blocks with arrivals on it."""
    found: dict[int, list[int]] = {}
    query = sa.select(block_day.c.day, block_day.c.first_position)
    for day, first in connection.execute(query.order_by(*block_day.primary_key.columns)):
        found.setdefault(day, []).append(first)
    return found


def blocks_of(connection: Connection, day: int) -> list[int]:
    """Return the first positions of the blocks with arrivals on that day, in order."""
    query = sa.select(block_day.c.first_position).where(block_day.c.day == day)
    return list(connection.scalars(query.order_by(block_day.c.first_position)))


def block_with(connection: Connection, position: int) -> tuple[int, int, bytes]:
    """Return the block that holds this position: first, how many records, columns."""
    first, rows, raw = connection.execute(_BLOCK_WITH, {"position": position}).one()
    return first, rows, bytes(raw)


def blocks_from(
    connection: Connection, position: int, most: int
) -> Iterator[tuple[int, int, bytes]]:
    """Yield the blocks from this position on, about `most` records: first, how many, columns."""
    query = sa.select(block.c.first_position, block.c.rows, block.c.payload)
    found = connection.execute(
        query.where(block.c.first_position >= position).order_by(block.c.first_position)
    )
    taken = 0
    for first, rows, raw in found:
        yield first, rows, bytes(raw)
        taken += rows
        if taken >= most:
            found.close()
            return


def first_block_after(connection: Connection, day: int) -> int | None:
    """Return the first position of the first block with arrivals after that day."""
    query = sa.select(sa.func.min(block_day.c.first_position)).where(block_day.c.day > day)
    first = connection.scalar(query)
    return None if first is None else int(first)


def has_block(connection: Connection, day: int, position: int) -> bool:
    """Return whether a block from this position on has arrivals on that day or before it."""
    query = sa.select(block_day.c.day).where(
        block_day.c.day <= day, block_day.c.first_position >= position
    )
    return connection.scalar(query.limit(1)) is not None


def block_sizes(connection: Connection) -> dict[int, int]:
    """Return how many records each block has, by first position."""
    query = sa.select(block.c.first_position, block.c.rows)
    return dict(iter(connection.execute(query)))


def not_replayed(connection: Connection, firsts: Sequence[int]) -> frozenset[int]:
    """Return the positions, from the first of these blocks on, of records that are left out."""
    if not firsts:
        return frozenset()
    query = sa.select(record_state.c.position).where(record_state.c.state.not_in(REPLAYED))
    return frozenset(connection.scalars(query.where(record_state.c.position >= min(firsts))))


def add_rejects(connection: Connection, rejects: Sequence[tuple[str, Rejected]]) -> int:
    """Store the rejects under their hashes; returns how many were not there."""
    before = connection.scalar(sa.select(sa.func.count()).select_from(reject)) or 0
    kept = [name for name in Rejected.__struct_fields__ if name in reject.c]
    rows = [{"raw_hash": key, **{n: getattr(one, n) for n in kept}} for key, one in rejects]
    if rows:
        connection.execute(insert(connection, reject).on_conflict_do_nothing(), rows)
    position = next_position(connection)
    claims = [
        {"raw_hash": key, "tx_key": signed(one.tx_key), "position": position}
        for key, one in rejects
        if one.tx_key is not None
    ]
    if claims:
        connection.execute(insert(connection, reject_claim).on_conflict_do_nothing(), claims)
    after = connection.scalar(sa.select(sa.func.count()).select_from(reject)) or 0
    return after - before


def rejects(connection: Connection) -> Iterator[Rejected]:
    """Yield every reject, oldest first."""
    names = [name for name in Rejected.__struct_fields__ if name in reject.c]
    came = sa.exists().where(
        record.c.tx_key == reject_claim.c.tx_key, record.c.position >= reject_claim.c.position
    )
    kept = [reject.c[name] for name in names]
    claim = reject_claim.c.tx_key, reject_claim.c.position
    query = sa.select(*kept, *claim, came.label("settled")).outerjoin_from(
        reject, reject_claim, reject.c.raw_hash == reject_claim.c.raw_hash
    )
    waiting = unsorted_records(connection)
    last = dict(zip(waiting.keys.tolist(), waiting.positions().tolist(), strict=True))
    for *fields, key, position, settled in connection.execute(query.order_by(reject.c.id)):
        known = dict(zip(names, fields, strict=True))
        tx_key = None if key is None else key % 2**64
        is_settled = bool(settled) or (key in last and last[key] >= position)
        yield Rejected(**known, tx_key=tx_key, settled=is_settled)


def add_table_load(connection: Connection, load: TableLoad) -> None:
    """Store the rows of a table that were new or different."""
    connection.execute(
        sa.insert(table_load).values(
            kind=load.kind, arrived_us=microseconds(load.arrived_at), rows=pack_frame(load.rows)
        )
    )


def last_table_load(connection: Connection) -> int:
    """Return the number of the latest table load, 0 when there is none."""
    return connection.scalar(sa.select(sa.func.max(table_load.c.id))) or 0


def table_loads(connection: Connection) -> list[TableLoad]:
    """Return every table load in the order in which they were stored."""
    query = sa.select(table_load.c.kind, table_load.c.arrived_us, table_load.c.rows)
    return [
        TableLoad(kind, moment_of(us), unpack_frame(rows))
        for kind, us, rows in connection.execute(query.order_by(table_load.c.id))
    ]


def table_loads_after(
    connection: Connection, kind: str, last: int
) -> list[tuple[int, pl.DataFrame]]:
    """Return number and rows of the loads of this kind that came after load `last`, in order."""
    query = sa.select(table_load.c.id, table_load.c.rows).where(
        table_load.c.id > last, table_load.c.kind == kind
    )
    found = connection.execute(query.order_by(table_load.c.id))
    return [(number, unpack_frame(raw)) for number, raw in found]
