"""The till's papers: a store's ledger written out under the names and keys of the contract."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.money import drawer_openings, tenders, totals
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.shoppers import token
from shrinkwatch.world.visits import Site

LOST_IN_OUTAGE = 0.015
"""Share of the records of an outage that never arrive: the sequence has a gap (our assumption)."""


@dataclass(frozen=True, slots=True)
class Papers:
    """One store's transactions under the contract's names.

    Times of the transaction are UTC; `at_s` and `void_at_s` are seconds after `began_at`. Money is
    in minor units. `lines`, `price_changes`, `tenders` and `events` carry `tx`, the row of their
    transaction. `number` maps the simulation's own numbers to rows.
    """

    transactions: pl.DataFrame
    lines: pl.DataFrame
    price_changes: pl.DataFrame
    tenders: pl.DataFrame
    events: pl.DataFrame
    number: pl.DataFrame


def papers(ledger: Ledger, site: Site, settings: WorldSettings, stolen: pl.Series) -> Papers:
    """Return the store's papers, rows in order of register, day and time.

    stolen: numbers of transactions that an outage must not lose, so that the answer sheet holds.
    """
    ledger = _renumbered(ledger)
    worth = ledger.lines_worth()
    sums = totals(ledger, worth, site)
    paid = tenders(ledger, sums, site)
    ledger = ledger.plus(Ledger.of(events=drawer_openings(ledger, paid, site)))
    tx = ledger.tx.sort("register", "start", "tx").with_columns(
        sequence=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("register", "day")
    )
    tx = tx.join(sums, on="tx", maintain_order="left")
    keys = tx.select("tx", "register", "day", "sequence")
    needed = pl.concat([stolen, tx["original"].drop_nulls()]).implode()
    lost = pl.Series(site.rng.random(tx.height) < LOST_IN_OUTAGE)
    tx = tx.filter(~(lost & pl.col("offline") & ~pl.col("tx").is_in(needed)))
    number = tx.select("tx", row=pl.int_range(pl.len(), dtype=pl.Int64))
    return Papers(
        transactions=_transactions(tx, keys, site, settings),
        lines=_lines(_of_rows(worth, number), site),
        price_changes=_changes(_of_rows(ledger.changes, number), site),
        tenders=_tenders(_of_rows(paid, number)),
        events=_events(ledger, number),
        number=number,
    )


def _events(ledger: Ledger, number: pl.DataFrame) -> pl.DataFrame:
    """Return what happened, no later than the end of the transaction."""
    ends = ledger.tx.select("tx", "length")
    within = ledger.events.join(ends, on="tx", maintain_order="left").with_columns(
        at_s=pl.min_horizontal("at", "length")
    )
    rows = _of_rows(within, number)
    return rows.select("tx", "type", "at_s", "reason").sort("tx", "at_s", "type")


def _of_rows(part: pl.DataFrame, number: pl.DataFrame) -> pl.DataFrame:
    return part.join(number, on="tx", maintain_order="left").with_columns(tx="row").drop("row")


def _renumbered(ledger: Ledger) -> Ledger:
    """Return the ledger with each transaction's lines numbered from 1 in the order of scanning."""
    lines = ledger.lines.sort("tx", "at", "line").with_columns(
        number=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("tx")
    )
    new = lines.select("tx", "line", "number").join(
        ledger.changes, on="tx", how="semi", maintain_order="left"
    )
    changes = (
        ledger.changes.join(
            new, on=["tx", "line"], how="left", maintain_order="left", nulls_equal=False
        )
        .filter(pl.col("line").is_null() | pl.col("number").is_not_null())
        .with_columns(line="number")
        .drop("number")
    )
    lines = lines.with_columns(line="number").drop("number")
    return Ledger(ledger.tx, lines, changes.sort("tx", "line", nulls_last=True), ledger.events)


def customer_id(shopper: int) -> str:
    """Return the customer id of a shopper's number."""
    return f"C{shopper:08d}"


def loyalty_id(shopper: int) -> str:
    """Return the loyalty id of a shopper's number."""
    return f"L{shopper:08d}"


def _numbered(prefix: str, column: str) -> pl.Expr:
    """Return ids like L00100042, null where nobody is named."""
    return pl.lit(prefix) + pl.col(column).cast(pl.String).str.zfill(8)


def _order_ids(numbers: pl.Series) -> pl.Series:
    """Return ids like W0123456789 of these orders, which tell nothing of when they were placed."""
    mixed = token(numbers.fill_null(0).to_numpy().astype(np.int64)) % np.uint64(10**10)
    return ("W" + pl.Series(mixed).cast(pl.String).str.zfill(10)).set(numbers.is_null(), None)


def _tokens(numbers: pl.Series, prefix: str) -> pl.Series:
    """Return tokens like tok_1a2b… of these numbers, null where there is none."""
    known = numbers.drop_nulls()
    mixed = token(known.to_numpy().astype(np.int64))
    texts = pl.Series([f"{prefix}{value:016x}" for value in mixed.tolist()], dtype=pl.String)
    place = numbers.is_not_null().cum_sum().cast(pl.Int64) - 1
    return texts.gather(place.set(numbers.is_null(), None))


def _utc(column: pl.Expr, site: Site, settings: WorldSettings) -> pl.Expr:
    """Return the instant of local seconds since the period's first midnight."""
    first = datetime.combine(settings.start, datetime.min.time())
    local = pl.lit(first).cast(pl.Datetime("us")) + pl.duration(seconds=column)
    return local.dt.replace_time_zone(site.shop.time_zone).dt.convert_time_zone("UTC")


def _transactions(
    tx: pl.DataFrame, keys: pl.DataFrame, site: Site, settings: WorldSettings
) -> pl.DataFrame:
    """Return the transactions' own columns under the contract's names, and `local_s`."""
    people, tills = site.staff.table["operator_id"], site.shop.registers()["register_id"]
    first = pl.lit(settings.start)
    named = keys.select(original="tx", o_register="register", o_day="day", o_sequence="sequence")
    tx = tx.join(named, on="original", how="left", maintain_order="left").with_columns(
        o_register=pl.coalesce("o_register", "old_register"),
        o_day=pl.coalesce("o_day", "old_day"),
        o_sequence=pl.coalesce("o_sequence", "old_sequence"),
    )
    began = _utc(pl.col("start"), site, settings)
    orders = _order_ids(tx["order"])
    return tx.select(
        source=pl.lit(settings.source),
        store_id=pl.lit(site.shop.store_id),
        register_id=tills.gather(tx["register"]),
        business_date=first + pl.duration(days=pl.col("day")),
        sequence="sequence",
        began_at=began,
        ended_at=began + pl.duration(seconds=pl.col("length")),
        totaled_at=began + pl.duration(seconds=pl.col("total_at")),
        arrived_at=_utc(pl.col("arrived"), site, settings),
        local_s=pl.col("start"),
        type="type",
        status="status",
        training="training",
        offline="offline",
        employee_sale="employee_sale",
        operator_id=people.gather(tx["operator"]),
        approver_id=people.gather(tx["approver"]),
        customer_id=_numbered("C", "customer"),
        loyalty_id=_numbered("L", "loyalty"),
        tax_exempt_id=_numbered("T", "exempt"),
        order_id=orders,
        channel=pl.when(pl.col("order").is_not_null()).then(pl.lit("online")),
        receipt_reprints="reprints",
        currency=pl.lit(site.shop.currency),
        gross_minor="gross",
        tax_minor="tax",
        net_minor="net",
        original_register_id=tills.gather(tx["o_register"]),
        original_business_date=first + pl.duration(days=pl.col("o_day")),
        original_sequence=pl.col("o_sequence").cast(pl.Int64),
        original_transaction_id=pl.when(
            pl.col("type").is_in(["return", "exchange"]), pl.col("o_sequence").is_null()
        ).then(orders),
    )


def _lines(lines: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Return the lines under the contract's names, with what the till's item file says."""
    items = site.goods.table
    ordered = lines.sort("tx", "line")
    return ordered.select(
        "tx",
        "line",
        "kind",
        "quantity",
        "entry",
        "voided",
        "reason",
        sku=items["sku"].gather(ordered["item"]),
        description=items["description"].gather(ordered["item"]),
        weight=pl.when(pl.col("entry") == "plu").then("quantity"),
        list_price_minor="price",
        extended_minor="extended",
        at_s="at",
        void_at_s="void_at",
        serial=_tokens(ordered["gift_card"], "gc_"),
    )


def _changes(changes: pl.DataFrame, site: Site) -> pl.DataFrame:
    people = site.staff.table["operator_id"]
    ordered = changes.sort("tx", "line", nulls_last=True, maintain_order=True)
    return ordered.select(
        "tx",
        "line",
        "type",
        "code",
        "reason",
        amount_minor="amount",
        approver_id=people.gather(ordered["approver"]),
    )


def _tenders(paid: pl.DataFrame) -> pl.DataFrame:
    ordered = paid.sort("tx", "place")
    digits = pl.Series(token(ordered["card"].fill_null(0).to_numpy().astype(np.int64)) % 10_000)
    return ordered.select(
        "tx",
        "type",
        "change",
        "voided",
        amount_minor="amount",
        card_token=_tokens(ordered["card"], "tok_"),
        card_last4=pl.when(pl.col("card").is_not_null()).then(digits.cast(pl.String).str.zfill(4)),
        gift_card_id=_tokens(ordered["gift_card"], "gc_"),
    )
