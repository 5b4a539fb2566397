"""What is known of a simulated chain: who stole what and when, and which honest people look odd."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec
import polars as pl
from msgspec import Struct

from shrinkwatch.world.chain import World
from shrinkwatch.world.settings import WorldSettings

Key = tuple[str, str, str, str, str]
"""A transaction: source, store_id, register_id, business_date and sequence, as text.

One that has a transaction_id is source, store_id, transaction_id and two empty texts.
"""
Actor = tuple[str, str, str]
"""Who: kind, id and store; the store is empty for those who are the same person anywhere."""

OF_A_STORE = frozenset({"operator", "approver", "register", "store", "receipt"})
"""Kinds of subjects that are somebody or something only within a store."""
_KEY_COLUMNS = ["source", "store_id", "register_id", "business_date", "sequence"]


class Theft(Struct, frozen=True):
    """One transaction of an incident. week: the Monday of its business date."""

    key: Key
    actor: Actor
    scheme: str
    variant: str
    loss_minor: int
    at: datetime
    week: date

    @property
    def store(self) -> str:
        """The store in which it happened."""
        return self.key[1]


class Lookalike(Struct, frozen=True):
    """Somebody honest who looks odd, or (subject None) a store that does; dates inclusive.

    keys: where an article looks odd, the transactions that take it back or lower its price.
    """

    kind: str
    store: str | None
    subject: tuple[str, str] | None
    first: date
    last: date
    keys: frozenset[Key] = frozenset()


class Answers(Struct, frozen=True):
    """The answer sheets of a chain, and whom and what a detector could name in it.

    operators: (store_id, operator_id). registers: (store_id, register_id). source: of all records.
    """

    settings: WorldSettings
    transactions: int
    source: str
    operators: frozenset[tuple[str, str]]
    registers: frozenset[tuple[str, str]]
    thefts: tuple[Theft, ...]
    lookalikes: tuple[Lookalike, ...]

    @property
    def store_weeks(self) -> int:
        """Stores times weeks."""
        return self.settings.stores * self.settings.weeks


def answers_of(world: World) -> Answers:
    """Return the answer sheets of this chain."""
    tables = world.tables
    return Answers(
        settings=world.settings,
        transactions=world.transactions.height,
        source=world.settings.source,
        operators=frozenset(tables["operators"].select("store_id", "operator_id").iter_rows()),
        registers=frozenset(tables["registers"].select("store_id", "register_id").iter_rows()),
        thefts=_thefts(world),
        lookalikes=tuple(_lookalikes(world)),
    )


def key_of(
    source: str,
    store_id: str,
    register_id: str | None,
    business_date: date | None,
    sequence: int | None,
    transaction_id: str | None = None,
) -> Key:
    """Return a transaction's natural key as text, whichever of its two forms it has.

    >>> key_of("till", "7", "2", date(2026, 3, 2), 12)
    ('till', '7', '2', '2026-03-02', '12')
    """
    if transaction_id is not None:
        return (source, store_id, transaction_id, "", "")
    return (source, store_id, str(register_id), str(business_date), str(sequence))


def actor_of(kind: str, name: str, store: str | None) -> Actor:
    """Return who: an operator is somebody in a store, a card or a loyalty id anywhere.

    >>> actor_of("operator", "101", "7"), actor_of("card", "tok_1", "7")
    (('operator', '101', '7'), ('card', 'tok_1', ''))
    """
    return (kind, name, (store or "") if kind in OF_A_STORE else "")


def monday(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(day.weekday())


def _thefts(world: World) -> tuple[Theft, ...]:
    ended = world.transactions.select(*_KEY_COLUMNS, "ended_at")
    rows = world.incidents.join(ended, on=_KEY_COLUMNS, how="left", maintain_order="left")
    return tuple(
        Theft(
            key=key_of(*(row[name] for name in _KEY_COLUMNS)),
            actor=actor_of(row["actor_type"], row["actor_id"], row["store_id"]),
            scheme=row["scheme"],
            variant=row["variant"],
            loss_minor=row["loss_minor"],
            at=row["ended_at"],
            week=monday(row["business_date"]),
        )
        for row in rows.iter_rows(named=True)
    )


def _lookalikes(world: World) -> Iterator[Lookalike]:
    for row in world.lookalikes.iter_rows(named=True):
        name = row["subject_id"]
        odd = Lookalike(
            kind=row["kind"],
            store=row["store_id"],
            subject=None if name is None else (row["subject_type"], name),
            first=row["from"],
            last=row["to"],
        )
        if row["subject_type"] == "sku":
            odd = msgspec.structs.replace(odd, keys=_of_article(world, odd))
        yield odd


def _of_article(world: World, odd: Lookalike) -> frozenset[Key]:
    """Return the store's transactions of the days that take the article back or lower its price."""
    assert odd.subject is not None
    lines = world.lines.filter(sku=odd.subject[1])
    lowered = world.price_changes.filter(pl.col("type") != "promotion").select("tx", "line")
    back = lines.filter(pl.col("quantity") < 0)["tx"]
    tx = pl.concat([back, lines.join(lowered, on=["tx", "line"], how="semi")["tx"]]).unique()
    rows = world.transactions.select(_KEY_COLUMNS)[tx.cast(pl.Int64)]
    here = pl.col("store_id") == odd.store
    of_days = rows.filter(here, pl.col("business_date").is_between(odd.first, odd.last))
    return frozenset(key_of(*row) for row in of_days.iter_rows())
