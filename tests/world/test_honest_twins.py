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


def _used_before(world: World) -> pl.Expr:
    """Returns that name a receipt on which something was returned before."""
    key = ["store_id", "original_register_id", "original_business_date", "original_sequence"]
    backs = world.transactions.with_row_index("tx").filter(
        pl.col("type") == "return", pl.col("original_sequence").is_not_null()
    )
    again = backs.sort("began_at").filter(pl.int_range(pl.len()).over(key) > 0)["tx"]
    return pl.col("tx").is_in(again.cast(pl.Int64).implode())


def _employee_spends(world: World) -> pl.Expr:
    """Sales paid by a gift card that a refund was loaded on, where an employee's id is shown."""
    cards = world.tenders.filter(pl.col("gift_card_id").is_not_null())
    loaded = cards.filter(pl.col("amount_minor") < 0)
    spent = cards.filter(pl.col("amount_minor") > 0).join(loaded, on="gift_card_id", how="semi")
    employees = (pl.col("loyalty_id").str.tail(5).cast(pl.Int64) >= 90_000).fill_null(value=False)
    return pl.col("tx").is_in(spent["tx"].implode()) & (employees | pl.col("employee_sale"))


def _few_lines_for_the_time(world: World) -> pl.Expr:
    """Staffed sales by a known customer with twenty seconds and more between two lines."""
    gap = pl.col("at_s").diff().over("tx")
    slow = world.lines.sort("tx", "at_s").filter(gap > 20)["tx"].unique()
    return (
        pl.col("tx").is_in(slow.implode())
        & pl.col("loyalty_id").is_not_null()
        & (pl.col("operator_id") != "900")
    )


def _coupon_on_the_whole(world: World) -> pl.Expr:
    keyed = world.price_changes.filter(
        pl.col("type") == "coupon", pl.col("line").is_null(), pl.col("code").str.starts_with("M")
    )
    return pl.col("tx").is_in(keyed["tx"].implode())


def _order_refunded_before(world: World) -> pl.Expr:
    backs = world.transactions.with_row_index("tx").filter(
        pl.col("type") == "return", pl.col("order_id").is_not_null()
    )
    again = backs.sort("began_at").filter(pl.int_range(pl.len()).over("order_id") > 0)["tx"]
    return pl.col("tx").is_in(again.cast(pl.Int64).implode())


def _refunds_in_several_stores(world: World) -> pl.Expr:
    """Returns of a customer who has brought something back in another store as well."""
    backs = world.transactions.with_row_index("tx").filter(
        pl.col("type") == "return", pl.col("customer_id").is_not_null()
    )
    around = backs.filter(pl.col("store_id").n_unique().over("customer_id") > 1)["tx"]
    return pl.col("tx").is_in(around.cast(pl.Int64).implode())


def _shared_loyalty(world: World) -> pl.Expr:
    """Sales with a loyalty id that goes with five payment cards or more at one operator."""
    cards = world.tenders.filter(pl.col("card_token").is_not_null()).select("tx", "card_token")
    rows = world.transactions.with_row_index("tx").with_columns(pl.col("tx").cast(pl.Int64))
    pairs = rows.join(cards, on="tx").filter(pl.col("loyalty_id").is_not_null())
    many = pairs.filter(
        pl.col("card_token").n_unique().over("store_id", "operator_id", "loyalty_id") >= 5
    )
    return pl.col("tx").is_in(many["tx"].unique().implode())


def _drawer_after_cancel() -> pl.Expr:
    before = pl.col("status").shift(1).over("store_id", "register_id", "business_date")
    return (pl.col("type") == "no_sale") & (before == "cancelled")


def _drawer_after(before: pl.Expr) -> pl.Expr:
    keys = ("store_id", "register_id", "business_date")
    return (pl.col("type") == "no_sale") & before.shift(1).over(keys)


def _cash_voided(world: World) -> pl.Expr:
    return _of_kind(world.tenders.filter("voided"), "cash")


def _sign_off_of_a_short_till(world: World) -> pl.Expr:
    """Sign-offs of people whose drawer was short by 3.00 or more on that day."""
    short = world.tables["till_sessions"].filter(pl.col("expected") - pl.col("counted") >= 3)
    days = short.select(pl.concat_str("store_id", "register_id", "business_date")).to_series()
    day = pl.concat_str("store_id", "register_id", "business_date")
    return (pl.col("type") == "sign_off") & day.is_in(days.implode())


def _own_sticker(world: World) -> pl.Expr:
    """Sales rung by the one who marked something on them down."""
    stickers = world.price_changes.filter(pl.col("type") == "markdown")
    rows = world.transactions.with_row_index("tx").select(
        pl.col("tx").cast(pl.Int64), "operator_id"
    )
    own = stickers.join(rows, on="tx").filter(pl.col("approver_id") == pl.col("operator_id"))
    return pl.col("tx").is_in(own["tx"].implode())


def _in_two_places() -> pl.Expr:
    """Records of one who rang at another register within the five minutes before."""
    keys = ("store_id", "operator_id")
    elsewhere = pl.col("register_id") != pl.col("register_id").shift(1).over(
        keys, order_by="began_at"
    )
    since = pl.col("began_at") - pl.col("began_at").shift(1).over(keys, order_by="began_at")
    return elsewhere & (since.dt.total_seconds() < 300) & (pl.col("operator_id") != "900")


TELL_TALES: dict[str, Callable[[World], pl.Expr]] = {
    "cancel_after_total": lambda world: (
        (pl.col("status") == "cancelled") & pl.col("totaled_at").is_not_null() & _cash_voided(world)
    ),
    "abandoned_basket": lambda world: _drawer_after(
        (pl.col("status") == "cancelled") & pl.col("totaled_at").is_null()
    ),
    "training_mode_sale": lambda world: pl.col("training") & _of_kind(world.events, "drawer_open"),
    "price_inquiry_skim": lambda world: _drawer_after(pl.col("type") == "price_check"),
    "over_short": _sign_off_of_a_short_till,
    "cash_movement": lambda world: (
        (pl.col("type") == "paid_out") & (pl.col("net_minor") % 1_000 == 0)
    ),
    "tender_swap": lambda world: _cash_voided(world) & _of_kind(world.tenders, "coupon"),
    "markdown_abuse": _own_sticker,
    "shared_credentials": lambda world: (
        _in_two_places() | (pl.col("approver_id") == pl.col("operator_id"))
    ),
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
    "receipt_reuse": _used_before,
    "keyed_refund": lambda world: (
        (pl.col("type") == "return")
        & _cash(world)
        & pl.col("tx").is_in(
            world.lines.filter(pl.col("entry") == "key", pl.col("kind") == "return")["tx"].implode()
        )
    ),
    "refund_to_gift_card": _employee_spends,
    "under_ring": _few_lines_for_the_time,
    "coupon_abuse": _coupon_on_the_whole,
    "loyalty_hijack": _shared_loyalty,
    "online_return_abuse": _order_refunded_before,
    "cross_store_refund_ring": _refunds_in_several_stores,
    "store_credit": lambda world: (pl.col("type") == "other") & (pl.col("net_minor") < 0),
    "tax_exempt_abuse": lambda world: pl.col("tax_exempt_id").is_not_null() & _cash(world),
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
