"""What somebody did, week by week, beside what the others did in the same weeks.

Only receipts that had arrived are counted, training receipts never. Everything is a share of the
subject's own receipts (or, for an item, of its own lines), so that a busy week is no suspicion.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import reduce
from math import isnan
from typing import Any

import polars as pl
from msgspec import Struct

from shrinkwatch.ports import Journal
from shrinkwatch.records.alert import SubjectType
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.trouble import Refused

MEASURES = {
    "refunds": "refunds",
    "voids": "post-voids",
    "cancels": "cancelled receipts",
    "no_sales": "drawer openings without a sale",
    "line_voids": "receipts with a voided line",
    "price_changes": "receipts with an override or a discount by hand",
}
"""What is counted, and its name."""

MIN_RECEIPTS = 20
"""A peer counts in a week in which he had at least so many receipts."""

COLUMNS: dict[str, Sequence[str]] = {
    "transactions": (
        *("source", "store_id", "register_id", "operator_id", "approver_id"),
        *("customer_id", "loyalty_id", "type", "status", "training", "net_minor", "currency"),
        *("began_at", "ended_at", "utc_offset_s"),
    ),
    "lines": ("tx", "line", "sku", "kind", "voided"),
    "price_changes": ("tx", "line", "type"),
    "tenders": ("tx", "card_token"),
    "events": ("tx",),
}
"""The columns of a batch that a history is made of."""

_WHO: dict[SubjectType, tuple[str, ...]] = {
    "operator": ("store_id", "operator_id"),
    "approver": ("store_id", "approver_id"),
    "register": ("store_id", "register_id"),
    "store": ("store_id",),
    "customer": ("customer_id",),
    "loyalty": ("loyalty_id",),
    "card": ("card_token",),
    "sku": ("sku",),
}
_BY_HAND = ("override", "manual_discount")


class Share(Struct, frozen=True):
    """How often in a week: the subject's count, and what peers typically have in a hundred.

    typical: all peers together; high: a peer whom one in twenty exceeds. None: no peers.
    """

    count: int
    per_hundred: float
    typical: float | None
    high: float | None


class Week(Struct, frozen=True):
    """One week from Monday: receipts (an item's lines), net in minor units, and the shares."""

    monday: date
    receipts: int
    net_minor: int
    peers: int
    shares: dict[str, Share]


class History(Struct, frozen=True):
    """A subject's weeks, oldest first, and whom it is compared with."""

    type: SubjectType
    id: str
    store_id: str | None
    group: str
    currency: str | None
    weeks: tuple[Week, ...]


def history(journal: Journal, type_: SubjectType, id_: str, store_id: str | None = None) -> History:
    """Return the weeks of this subject that the journal knows; none when it knows nobody so called.

    store_id: needed for an operator, an approver and a register.
    Raises: Refused for a type of subject that has no history (a receipt).
    """
    if type_ not in _WHO:
        raise Refused(f"a {type_} has no history; try: shrinkwatch receipt {id_}")
    counted = _together(weekly(journal.arrivals(day, COLUMNS), type_) for day in journal.days())
    mine = counted.filter(_is(type_, id_, store_id))
    group, peers = _peers(journal, type_, mine, counted)
    others = {row["monday"]: row for row in _of_peers(peers).iter_rows(named=True)}
    weeks = tuple(_week(row, others) for row in mine.sort("monday").iter_rows(named=True))
    currencies = mine["currency"].drop_nulls().to_list()
    return History(type_, id_, store_id, group, currencies[0] if currencies else None, weeks)


def weekly(batch: Batch, type_: SubjectType) -> pl.DataFrame:
    """Return the counts of a batch per subject of this type and week.

    The frame has the subject's columns, `monday` (Date), `receipts`, `net_minor`, `currency` and a
    column for each of MEASURES (Int64).
    """
    if type_ == "sku":
        return _count(_lines(batch), _WHO["sku"])
    receipts = _receipts(batch)
    if type_ == "card":
        paid = batch.tenders.select("tx", "card_token").unique()
        receipts = receipts.join(paid, on="tx", how="inner")
    return _count(receipts, _WHO[type_])


def _receipts(batch: Batch) -> pl.DataFrame:
    voided = batch.lines.filter(pl.col("voided"))["tx"].unique()
    by_hand = batch.price_changes.filter(pl.col("type").cast(pl.String).is_in(_BY_HAND))
    status, kind = pl.col("status").cast(pl.String), pl.col("type").cast(pl.String)
    done = status.is_in(["completed", "resumed"])
    customers = kind.is_in(["sale", "return", "exchange", "gift_card"])
    local = pl.coalesce("ended_at", "began_at") + pl.duration(seconds=pl.col("utc_offset_s"))
    return (
        batch.transactions.with_row_index("tx")
        .filter(~pl.col("training"))
        .with_columns(
            monday=local.dt.date().dt.truncate("1w"),
            receipts=done & customers,
            net_minor=pl.when(done & (customers | (kind == "void"))).then("net_minor").otherwise(0),
            refunds=done & kind.is_in(["return", "exchange"]),
            voids=done & (kind == "void"),
            cancels=status == "cancelled",
            no_sales=done & (kind == "no_sale"),
            line_voids=done & customers & pl.col("tx").is_in(voided.implode()),
            price_changes=done & customers & pl.col("tx").is_in(by_hand["tx"].unique().implode()),
        )
    )


def _lines(batch: Batch) -> pl.DataFrame:
    """Return a row per line with an item; its measures are of the line itself."""
    head = _receipts(batch).select("tx", "monday", "currency", "status", "receipts", "cancels")
    by_hand = batch.price_changes.filter(pl.col("type").cast(pl.String).is_in(_BY_HAND))
    changed = by_hand.select("tx", "line").unique().with_columns(price_changes=pl.lit(value=True))
    return (
        batch.lines.filter(pl.col("sku").is_not_null())
        .join(head, on="tx", how="inner")
        .join(changed, on=["tx", "line"], how="left")
        .with_columns(
            net_minor=pl.lit(0, pl.Int64),
            refunds=pl.col("receipts") & (pl.col("kind").cast(pl.String) == "return"),
            voids=pl.lit(value=False),
            no_sales=pl.lit(value=False),
            line_voids=pl.col("receipts") & pl.col("voided"),
            price_changes=pl.col("price_changes").fill_null(value=False),
        )
    )


def _count(rows: pl.DataFrame, who: tuple[str, ...]) -> pl.DataFrame:
    named = pl.all_horizontal(pl.col(name).is_not_null() for name in who)
    return (
        rows.filter(named & pl.col("monday").is_not_null())
        .group_by(*who, "monday")
        .agg(
            pl.col("currency").first(),
            pl.col("receipts", "net_minor", *MEASURES).cast(pl.Int64).sum(),
        )
    )


def _together(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    frames = [part for part in parts if part.height]
    if not frames:
        empty = {"monday": pl.Date, "currency": pl.String, "receipts": pl.Int64}
        return pl.DataFrame(schema={**empty, "net_minor": pl.Int64})
    sums = ("receipts", "net_minor", *MEASURES)
    who = [name for name in frames[0].columns if name not in {"currency", *sums}]
    return (
        pl.concat(frames)
        .group_by(who)
        .agg(pl.col("currency").drop_nulls().first(), pl.col(*sums).sum())
    )


def _is(type_: SubjectType, id_: str, store_id: str | None) -> pl.Expr:
    who = _WHO[type_]
    wanted = dict(zip(reversed(who), (id_, store_id), strict=False))
    return reduce(
        pl.Expr.and_, (pl.col(name) == value for name, value in wanted.items() if value is not None)
    )


def _peers(
    journal: Journal, type_: SubjectType, mine: pl.DataFrame, counted: pl.DataFrame
) -> tuple[str, pl.DataFrame]:
    """Return what the peers are called and their weeks, without the subject's own."""
    who = list(_WHO[type_])
    if mine.is_empty():
        return "", counted.clear()
    others = counted.join(mine.select(who).unique(), on=who, how="anti")
    if type_ != "operator":
        return f"all other {'item' if type_ == 'sku' else type_}s", others
    roles = journal.tables()["operators"].select("store_id", "operator_id", "role", "virtual")
    mine_of = mine.join(roles, on=who, how="inner")["role"].drop_nulls().to_list()
    if not mine_of:
        return "all other operators", others
    role = mine_of[0]
    same = roles.filter((pl.col("role") == role) & ~pl.col("virtual").fill_null(value=False))
    return f"other operators with the role {role}", others.join(same, on=who, how="semi")


def _of_peers(peers: pl.DataFrame) -> pl.DataFrame:
    """Return per week: how many peers, and each measure's typical and high rate per hundred."""
    if peers.is_empty():
        return pl.DataFrame(schema={"monday": pl.Date})
    enough = pl.col("receipts") >= MIN_RECEIPTS
    rates = [
        100 * pl.col(name).filter(enough) / pl.col("receipts").filter(enough) for name in MEASURES
    ]
    return peers.group_by("monday").agg(
        peers=enough.sum(),
        **{
            f"typical_{name}": 100 * pl.col(name).sum() / pl.col("receipts").sum()
            for name in MEASURES
        },
        **{f"high_{name}": rate.quantile(0.95) for name, rate in zip(MEASURES, rates, strict=True)},
    )


def _week(row: dict[str, Any], others: dict[date, dict[str, Any]]) -> Week:
    receipts = row["receipts"]
    peers = others.get(row["monday"], {})
    shares = {
        name: Share(
            row[name],
            100 * row[name] / max(receipts, 1),
            _known(peers.get(f"typical_{name}")),
            _known(peers.get(f"high_{name}")),
        )
        for name in MEASURES
    }
    return Week(row["monday"], receipts, row["net_minor"], peers.get("peers", 0), shares)


def _known(rate: float | None) -> float | None:
    """Return a rate; where there were no receipts to divide by, it is unknown."""
    return None if rate is None or isnan(rate) else rate
