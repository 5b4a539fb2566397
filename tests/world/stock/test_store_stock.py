"""The stock of the whole chain, read back from its sheets as a reader of the files would."""

import re

import polars as pl
import pytest

from shrinkwatch.world.chain import World, simulate
from shrinkwatch.world.settings import WorldSettings

FRESH = ("produce", "bakery", "dairy", "meat")


@pytest.fixture(scope="module")
def counts(busy: World) -> pl.DataFrame:
    """Every count with what the one before said, and when; `number` names it."""
    keys = ("store_id", "sku")
    return (
        busy.tables["stock_counts"]
        .sort("counted_at")
        .with_columns(
            since=pl.col("counted_at").shift(1).over(keys),
            before=pl.col("counted").shift(1).over(keys).fill_null(0.0),
        )
        .with_row_index("number")
    )


def told(world: World) -> pl.DataFrame:
    """Return `store_id, sku, at, quantity` of what the tills' records move."""
    rows = world.transactions.with_row_index("tx").with_columns(pl.col("tx").cast(pl.Int64))
    done = rows.filter(pl.col("status").is_in(["completed", "resumed"]), ~pl.col("training"))
    goods = world.lines.filter(~pl.col("voided"), pl.col("kind").is_in(["item", "return"]))
    rung = goods.join(done.filter(pl.col("type") != "void"), on="tx")
    voids = done.filter(pl.col("type") == "void").select(
        "store_id",
        "ended_at",
        register_id="original_register_id",
        business_date="original_business_date",
        sequence="original_sequence",
    )
    key = ["store_id", "register_id", "business_date", "sequence"]
    first = rows.select("tx", *key).join(voids, on=key)
    undone = goods.join(first, on="tx")
    columns = ("store_id", "sku", "at", "quantity")
    return pl.concat(
        [
            rung.with_columns(at="ended_at", quantity=-pl.col("quantity")).select(columns),
            undone.with_columns(at="ended_at").select(columns),
        ]
    )


def between(rows: pl.DataFrame, counts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return for each count the sum of the quantities since the one before."""
    inside = rows.join(counts, on=["store_id", "sku"]).filter(
        pl.col("at") <= pl.col("counted_at"),
        pl.col("since").is_null() | (pl.col("at") > pl.col("since")),
    )
    sums = inside.group_by("number").agg(pl.col("quantity").sum().alias(name))
    return (
        counts.select("number")
        .join(sums, on="number", how="left")
        .with_columns(pl.col(name).fill_null(0.0))
    )


def test_the_book_is_the_last_count_and_every_move_and_sale_since(
    busy: World, counts: pl.DataFrame
) -> None:
    moves = busy.tables["stock_moves"].select("store_id", "sku", "at", "quantity")
    flow = between(pl.concat([moves, told(busy)]), counts, "flow")
    rows = counts.join(flow, on="number")
    assert rows.height > 10_000
    off = (pl.col("before") + pl.col("flow") - pl.col("book")).abs() > 1e-6
    assert rows.filter(off).is_empty()


def test_book_less_counted_adds_up_to_known_causes(busy: World, counts: pl.DataFrame) -> None:
    """A gap that somebody noticed has lowered the book already; all the rest is explained."""
    why = between(busy.stock_causes, counts, "why")
    noticed = busy.tables["stock_moves"].filter(pl.col("reason") == "shelf_gap")
    rows = counts.join(why, on="number").join(between(noticed, counts, "noticed"), on="number")
    off = pl.col("book") - pl.col("counted") - pl.col("why") - pl.col("noticed")
    assert rows.filter(off.abs() > 1e-6).is_empty()


OF_GOODS = {
    "post_void",
    "cancel_after_total",
    "late_line_void",
    "abandoned_basket",
    "void_then_no_sale",
    "suspend_strip",
    "training_mode_sale",
    "price_inquiry_skim",
    "refund_without_receipt",
    "refund_to_other_card",
    "ghost_refund",
    "receipt_reuse",
    "keyed_refund",
    "refund_to_gift_card",
    "under_ring",
    "self_checkout_skip_scan",
    "online_return_abuse",
}
OF_MONEY = {
    "over_short",
    "cash_movement",
    "tender_swap",
    "price_override",
    "manual_discount",
    "employee_discount_abuse",
    "coupon_abuse",
    "loyalty_hijack",
    "gift_card_activation",
    "store_credit",
    "tax_exempt_abuse",
}


def test_thefts_of_goods_are_among_the_causes_and_thefts_of_money_are_not(busy: World) -> None:
    causes = set(busy.stock_causes["cause"])
    practised = set(busy.incidents["scheme"])
    assert practised & OF_GOODS <= causes
    assert {"shoplifting", "forgotten_scan", "short_delivery", "opening_error"} <= causes
    assert not causes & OF_MONEY
    assert "till_theft" not in causes


def test_what_thieves_at_the_till_take_is_missing_from_the_shelf(busy: World) -> None:
    for scheme in set(busy.incidents["scheme"]) & OF_GOODS:
        rows = busy.stock_causes.filter(pl.col("cause") == scheme)
        assert float(rows["quantity"].sum()) > 0


def test_every_store_is_counted_whole_once_and_its_departments_once_more(busy: World) -> None:
    goods = busy.tables["items"].select("sku", "department")
    nights = busy.tables["stock_counts"].group_by("store_id", "counted_at").len()
    for (store,), rows in busy.tables["stock_counts"].join(goods, on="sku").group_by("store_id"):
        often = rows.group_by("department").agg(n=pl.col("counted_at").n_unique())["n"]
        assert often.is_between(1, 2).all()
        largest = nights.filter(pl.col("store_id") == store)["len"].max()
        assert largest == rows["sku"].n_unique()


def test_only_fresh_goods_expire(busy: World) -> None:
    goods = busy.tables["items"].select("sku", "department")
    waste = busy.tables["stock_moves"].filter(pl.col("kind") == "waste").join(goods, on="sku")
    assert set(waste["department"]) <= set(FRESH)
    assert (waste["quantity"] < 0).all()


def test_both_ends_of_a_transfer_name_it(busy: World) -> None:
    moves = busy.tables["stock_moves"]
    out = moves.filter(pl.col("kind") == "transfer_out")
    came = moves.filter(pl.col("kind") == "transfer_in").join(
        out, on=["reference", "sku"], how="left", suffix="_sent"
    )
    assert came.height > 0
    assert came["quantity_sent"].null_count() == 0
    assert (came["store_id"] != came["store_id_sent"]).all()
    assert (came["quantity"] <= -came["quantity_sent"]).all()
    assert (came["at"] > came["at_sent"]).all()


def test_the_tills_do_not_know_of_the_stock(tiny: World) -> None:
    """Stock has its own chance: the same seed gives the same sheets, and no move is a sale."""
    again = simulate(WorldSettings.tiny(seed=5))
    for table in ("stock_moves", "stock_counts"):
        assert tiny.tables[table].equals(again.tables[table])
    assert tiny.stock_causes.equals(again.stock_causes)
    assert not set(tiny.tables["stock_moves"]["kind"]) & {"sale", "return"}


def test_quantities_are_written_in_thousandths_at_most(busy: World) -> None:
    """A float with a tail of digits would be taken for a card number and removed."""
    sheets = {"stock_moves": ["quantity"], "stock_counts": ["counted", "book"]}
    for kind, columns in sheets.items():
        text = busy.tables[kind].select(columns).write_csv()
        assert re.search(r"\d\.\d{4,}", text) is None
