"""Feeds as they really come: each profile takes from the simulated chain what some feeds lack.

A profile changes what is written and nothing that happened; the answer sheets stay whole, so that
a benchmark counts what a poorer feed no longer shows. The first sentence of a profile's docstring
says what it takes away, the second why feeds look so.
"""

from collections.abc import Callable
from dataclasses import replace
from inspect import getdoc

import polars as pl

from shrinkwatch.world.chain import PARTS, World

Profile = Callable[[World], World]


def full(world: World) -> World:
    """Takes nothing away. A till that sends its electronic journal as it is looks like this."""
    return world


def header_only(world: World) -> World:
    """Takes lines, tenders, price changes and events; totals stay.

    Head offices that only book takings keep one row a receipt.
    """
    return replace(world, **{part: getattr(world, part).clear() for part in PARTS})


def no_line_times(world: World) -> World:
    """Takes the times at which lines were scanned and voided.

    Most exports stamp a receipt once, at its end or beginning.
    """
    return replace(world, lines=_without(world.lines, "at_s", "void_at_s"))


def no_totals(world: World) -> World:
    """Takes the time at which the total key was pressed.

    Few tills write that key down; the payment is all that they know of it.
    """
    return replace(world, transactions=_without(world.transactions, "totaled_at"))


def last_four(world: World) -> World:
    """Takes the card tokens and leaves the last four digits.

    The payment terminal keeps the token, the receipt prints four digits, and the feed is made from
    what is printed; ten thousand cards share each four.
    """
    return replace(world, tenders=_without(world.tenders, "card_token"))


def naive_times(world: World) -> World:
    """Takes the offset from every time of the feed; local time is left, as the contract allows.

    Tills know the time on their wall and no zone; the stores table has it.
    """
    return replace(world, naive=True)


def no_originals(world: World) -> World:
    """Takes from returns and exchanges the receipt or order that they were bought on.

    The desk looks at the paper receipt and nobody types its number in.
    """
    back = pl.col("type").is_in(["return", "exchange"])
    unnamed = pl.when(~back).then(pl.col("^original_.*$")).name.keep()
    return replace(world, transactions=world.transactions.with_columns(unnamed))


def no_events(world: World) -> World:
    """Takes all events: drawer openings, inquiries, assistants, scale alarms.

    Peripherals log for themselves, and their logs stay in the till.
    """
    return replace(world, events=world.events.clear())


def completed_only(world: World) -> World:
    """Takes every record but completed sales, returns and exchanges, and every voided line.

    Data warehouses are filled for turnover: what was cancelled, parked, practised or taken back
    is filtered out on the way, and the drawer's openings with it.
    """
    key = ("store_id", "register_id", "business_date", "sequence")
    voids = world.transactions.filter(pl.col("type") == "void").select(
        "store_id",
        register_id="original_register_id",
        business_date="original_business_date",
        sequence="original_sequence",
    )
    kept = world.transactions.with_row_index("tx").filter(
        pl.col("status").is_in(["completed", "resumed"]),
        pl.col("type").is_in(["sale", "return", "exchange"]),
        ~pl.col("training"),
    )
    kept = kept.join(voids, on=key, how="anti", maintain_order="left")
    place = kept.select(pl.col("tx").cast(pl.Int64), row=pl.int_range(pl.len(), dtype=pl.Int64))
    children = {
        part: getattr(world, part)
        .join(place, on="tx", maintain_order="left")
        .with_columns(tx="row")
        .drop("row")
        for part in PARTS
    }
    for part in ("lines", "tenders"):
        children[part] = children[part].filter(~pl.col("voided"))
    return replace(world, transactions=kept.drop("tx"), **children)


def no_flags(world: World) -> World:
    """Takes the marks for practice and for staff sales, so that both look like ordinary sales.

    The marks are menu settings of the till that an export does not know.
    """
    flags = [pl.lit(value=False).alias(name) for name in ("training", "employee_sale")]
    return replace(world, transactions=world.transactions.with_columns(flags))


def no_entry(world: World) -> World:
    """Takes how a line was entered, scanned or keyed, and what it weighed.

    The receipt does not print it, and many exports are made from receipts.
    """
    return replace(world, lines=_without(world.lines, "entry", "weight"))


def no_approvers(world: World) -> World:
    """Takes who approved: of voids, returns, pay-outs and changes of price.

    A key is turned or a card is swiped, and the till does not write whose.
    """
    return replace(
        world,
        transactions=_without(world.transactions, "approver_id"),
        price_changes=_without(world.price_changes, "approver_id"),
    )


def no_operators(world: World) -> World:
    """Takes who was at the till, who approved, and the tables of people and shifts.

    In some shops everybody works under one sign-on; in some countries names are withheld.
    """
    bare = no_approvers(world)
    tables = {k: v for k, v in bare.tables.items() if k not in {"operators", "shifts"}}
    if "till_sessions" in tables:
        tables["till_sessions"] = _without(tables["till_sessions"], "operator_ids")
    transactions = _without(bare.transactions, "operator_id")
    return replace(bare, transactions=transactions, tables=tables)


def no_customers(world: World) -> World:
    """Takes loyalty ids and customer ids.

    They belong to another department, and are often not given out.
    """
    return replace(world, transactions=_without(world.transactions, "loyalty_id", "customer_id"))


def no_tables(world: World) -> World:
    """Takes every table but that of the stores.

    The feed comes from the tills, the tables from five other systems that nobody has asked yet.
    """
    return replace(world, tables={"stores": world.tables["stores"]})


PROFILES: dict[str, Profile] = {
    profile.__name__: profile
    for profile in (
        full,
        header_only,
        no_line_times,
        no_totals,
        last_four,
        naive_times,
        no_originals,
        no_events,
        completed_only,
        no_flags,
        no_entry,
        no_approvers,
        no_operators,
        no_customers,
        no_tables,
    )
}
"""Every profile by its name."""


def said(profile: Profile) -> str:
    """Return what the profile takes away and why, as one paragraph."""
    return " ".join((getdoc(profile) or "").split())


def _without(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return the frame with these columns empty, not absent: its shape stays."""
    return frame.with_columns(
        pl.lit(None, dtype=frame.schema[name]).alias(name) for name in columns
    )
