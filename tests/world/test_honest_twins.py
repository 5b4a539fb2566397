"""Every record that gives a theft away is also made by honest people."""

from collections.abc import Callable

import polars as pl
import pytest

from shrinkwatch.world.chain import World

KEY = ["store_id", "register_id", "business_date", "sequence"]


def _of_kind(part: pl.DataFrame, kind: str) -> pl.Expr:
    return pl.col("tx").is_in(part.filter(pl.col("type") == kind)["tx"].unique().implode())


def _cash(world: World) -> pl.Expr:
    return _of_kind(world.tenders.filter(~pl.col("voided")), "cash")


def _late_void(world: World) -> pl.Expr:
    last = world.lines.group_by("tx").agg(last=pl.col("at_s").max())
    late = world.lines.join(last, on="tx").filter(pl.col("void_at_s") > pl.col("last"))
    return pl.col("tx").is_in(late["tx"].unique().implode())


def _deep_override(world: World) -> pl.Expr:
    lowered = world.price_changes.filter(pl.col("type") == "override")
    lines = lowered.join(world.lines, on=["tx", "line"])
    deep = lines.filter(-pl.col("amount_minor") > 0.4 * pl.col("list_price_minor"))
    return pl.col("tx").is_in(deep["tx"].unique().implode())


def _drawer_after_cancel() -> pl.Expr:
    before = pl.col("status").shift(1).over("store_id", "register_id", "business_date")
    return (pl.col("type") == "no_sale") & (before == "cancelled")


TELL_TALES: dict[str, Callable[[World], pl.Expr]] = {
    "post_void": lambda world: (pl.col("type") == "void") & _cash(world),
    "late_line_void": lambda world: _late_void(world) & _cash(world),
    "void_then_no_sale": lambda world: _drawer_after_cancel(),
    "suspend_strip": lambda world: pl.col("status") == "suspended",
    "refund_without_receipt": lambda world: (
        (pl.col("type") == "return") & pl.col("original_sequence").is_null() & _cash(world)
    ),
    "refund_to_other_card": lambda world: (pl.col("type") == "return") & ~_cash(world),
    "ghost_refund": lambda world: (
        (pl.col("type") == "return")
        & pl.col("original_sequence").is_not_null()
        & pl.col("customer_id").is_null()
        & _cash(world)
    ),
    "price_override": _deep_override,
    "manual_discount": lambda world: _of_kind(world.price_changes, "manual_discount"),
    "employee_discount_abuse": lambda world: (
        pl.col("employee_sale") & pl.col("loyalty_id").is_null()
    ),
    "gift_card_activation": lambda world: _of_kind(world.tenders, "other"),
    "self_checkout_skip_scan": lambda world: _of_kind(world.events, "weight_mismatch"),
}


@pytest.mark.parametrize("scheme", TELL_TALES)
def test_the_tell_tale_record_is_made_by_honest_people_too(busy: World, scheme: str) -> None:
    rows = busy.transactions.with_row_index("tx").with_columns(pl.col("tx").cast(pl.Int64))
    ordered = rows.sort("store_id", "register_id", "business_date", "sequence")
    seen = ordered.filter(TELL_TALES[scheme](busy))
    honest = seen.join(busy.incidents, on=KEY, how="anti")
    assert honest.height >= 2
    assert honest["store_id"].n_unique() >= 2


@pytest.mark.parametrize("scheme", ["refund_without_receipt", "ghost_refund"])
def test_a_false_return_takes_as_long_as_an_honest_one(busy: World, scheme: str) -> None:
    lasted = (pl.col("ended_at") - pl.col("began_at")).dt.total_seconds()
    returns = busy.transactions.filter(pl.col("type") == "return").with_columns(lasted=lasted)
    false = returns.join(busy.incidents.filter(pl.col("scheme") == scheme), on=KEY, how="semi")
    honest = returns.join(busy.incidents, on=KEY, how="anti")
    assert set(false["lasted"]) <= set(range(int(str(honest["lasted"].min())), 146))
    assert false["lasted"].n_unique() > 0.3 * min(false.height, 100)
