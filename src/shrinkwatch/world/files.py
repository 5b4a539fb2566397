"""The simulated chain as files: what a retailer's systems would send, and the answer sheets.

The transactions are newline-delimited JSON in the contract's shape, compressed with zstd. Their
text is put together column by column; absent values are left out rather than written as null.
"""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import polars as pl
import zstandard

from shrinkwatch.world.chain import PARTS, World
from shrinkwatch.world.json_text import (
    Field,
    array,
    decimal,
    flag,
    gathered,
    money,
    number,
    objects,
    text,
)
from shrinkwatch.world.local_time import LocalTime

CHUNK = 40_000
"""Transactions written at a time; bounds the memory that their text needs."""

TRANSACTIONS_FILE = "transactions.ndjson.zst"

ANSWERS = ("incidents", "lookalikes", "stock_causes")
"""Sheets that no feed has: who stole, who only looked as if, why the stock's books are wrong."""


def write(
    world: World, folder: Path, *, level: int = 1, told: Callable[[int], None] | None = None
) -> list[Path]:
    """Write the chain into `folder` (made if absent) and return the paths, transactions first.

    Files: transactions.ndjson.zst, a CSV file for each of the world's tables, and one for each of
    `ANSWERS`. level: zstd's, 1 fast to 19 small. told: called with the transactions written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    feed = folder / TRANSACTIONS_FILE
    compressor = zstandard.ZstdCompressor(level=level, threads=-1)
    with feed.open("wb") as raw, compressor.stream_writer(raw) as out:
        for first in range(0, world.transactions.height, CHUNK):
            last = min(first + CHUNK, world.transactions.height)
            out.write(ndjson(world, first, last))
            if told is not None:
                told(last)
    losses = world.incidents.with_columns(loss=decimal(pl.col("loss_minor"))).drop("loss_minor")
    paths = [feed]
    answers = {name: getattr(world, name) for name in ANSWERS}
    sheets = {**world.tables, **answers, "incidents": losses}
    for name, table in sheets.items():
        path = folder / f"{name}.csv"
        table.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ", time_format="%H:%M")
        paths.append(path)
    return paths


def ndjson(world: World, first: int, last: int) -> bytes:
    """Return the transactions of rows first to last (not included) as lines of JSON."""
    tx = world.transactions[first:last].with_row_index("tx", offset=first)
    tx = tx.with_columns(pl.col("tx").cast(pl.Int64))
    time = LocalTime(tx, world.settings.start, naive=world.naive)
    part = {name: _between(getattr(world, name), first, last) for name in PARTS}
    whole = part["price_changes"].filter(pl.col("line").is_null())
    children = {
        "lines": _lines(part["lines"], part["price_changes"], time),
        "tenders": _tenders(part["tenders"]),
        "events": _events(part["events"], time),
        "price_changes": gathered(whole.select("tx"), _changes(whole), "price_changes"),
    }
    for frame in children.values():
        tx = tx.join(frame, on="tx", how="left", maintain_order="left")
    out = BytesIO()
    objects(tx, _transaction_fields(tx, time)).to_frame().write_csv(
        out, include_header=False, quote_style="never"
    )
    return out.getvalue()


def _between(part: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    """Return the rows whose transaction is in [first, last), which lie together."""
    low = part["tx"].search_sorted(first, side="left")
    return part[low : part["tx"].search_sorted(last, side="left")]


def _transaction_fields(tx: pl.DataFrame, time: LocalTime) -> list[Field]:
    """Return the members of a transaction, in the order of the contract."""
    rows = tx["tx"]
    discount = pl.col("gross_minor") - pl.col("net_minor")
    return [
        text("source", "source"),
        text("store_id", "store_id"),
        text("register_id", "register_id"),
        text("business_date", "business_date"),
        number("sequence", "sequence"),
        text("began_at", pl.lit(time.after(rows, 0))),
        text("totaled_at", pl.lit(time.at(tx, "totaled_at"))),
        text("ended_at", pl.lit(time.at(tx, "ended_at"))),
        text("arrived_at", pl.lit(time.at(tx, "arrived_at"))),
        text("type", "type"),
        text("status", pl.when(pl.col("status") != "completed").then("status")),
        *(flag(name, name) for name in ("training", "offline", "employee_sale")),
        *(
            text(name, name)
            for name in (
                "operator_id",
                "approver_id",
                "customer_id",
                "loyalty_id",
                "tax_exempt_id",
                "order_id",
                "channel",
                "currency",
            )
        ),
        money("gross", "gross_minor"),
        money("discount", pl.when(discount != 0).then(discount)),
        money("tax", "tax_minor"),
        money("net", "net_minor"),
        Field("original", _original(tx)),
        number("receipt_reprints", "receipt_reprints"),
        *(array(name, name) for name in ("price_changes", "lines", "tenders", "events")),
    ]


def _original(tx: pl.DataFrame) -> pl.Expr:
    """Return the key of the transaction that is returned or taken back, null where none is.

    Of an order that was sent home only the order's own id is known.
    """
    made = objects(
        tx,
        [
            text("store_id", "store_id"),
            text("register_id", "original_register_id"),
            text("business_date", "original_business_date"),
            number("sequence", "original_sequence"),
        ],
    )
    order = pl.lit('{"transaction_id":"') + pl.col("original_transaction_id") + pl.lit('"}')
    return pl.when(pl.col("original_sequence").is_not_null()).then(pl.lit(made)).otherwise(order)


def _lines(lines: pl.DataFrame, changes: pl.DataFrame, time: LocalTime) -> pl.DataFrame:
    on_line = changes.filter(pl.col("line").is_not_null())
    lowered = gathered(on_line.select("tx", "line"), _changes(on_line), "price_changes")
    lines = lines.join(lowered, on=["tx", "line"], how="left", maintain_order="left")
    made = objects(
        lines,
        [
            number("line", "line"),
            text("kind", "kind"),
            text("sku", "sku"),
            text("description", "description"),
            number("quantity", "quantity"),
            number("weight", "weight"),
            text("entry", "entry"),
            money("list_price", "list_price_minor"),
            money("extended", "extended_minor"),
            flag("voided", "voided"),
            text("at", pl.lit(time.after(lines["tx"], lines["at_s"]))),
            text("void_at", pl.lit(time.after(lines["tx"], lines["void_at_s"]))),
            text("reason", "reason"),
            text("serial", "serial"),
            array("price_changes", "price_changes"),
        ],
    )
    return gathered(lines.select("tx"), made, "lines")


def _changes(changes: pl.DataFrame) -> pl.Series:
    return objects(
        changes,
        [
            text("type", "type"),
            money("amount", "amount_minor"),
            text("code", "code"),
            text("reason", "reason"),
            text("approver_id", "approver_id"),
        ],
    )


def _tenders(tenders: pl.DataFrame) -> pl.DataFrame:
    made = objects(
        tenders,
        [
            text("type", "type"),
            money("amount", "amount_minor"),
            flag("change", "change"),
            flag("voided", "voided"),
            text("card_token", "card_token"),
            text("card_last4", "card_last4"),
            text("gift_card_id", "gift_card_id"),
        ],
    )
    return gathered(tenders.select("tx"), made, "tenders")


def _events(events: pl.DataFrame, time: LocalTime) -> pl.DataFrame:
    made = objects(
        events,
        [
            text("type", "type"),
            text("at", pl.lit(time.after(events["tx"], events["at_s"]))),
            text("reason", "reason"),
        ],
    )
    return gathered(events.select("tx"), made, "events")
