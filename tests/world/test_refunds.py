"""Returns, on the hand-written day."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import (
    dearest_lines,
    earlier_sales,
    picked_goods,
    quiet_moments,
    reasons,
    refunds_after,
    returned,
)
from shrinkwatch.world.theft import Habit, Scene, Thief, own_work


def test_the_dearest_line_within_the_limits_is_found(till: Ledger) -> None:
    assert dearest_lines(till, 0, 5000)["price"].unique().to_list() == [2000]
    assert dearest_lines(till, 0, 1999)["price"].unique().to_list() == [1000]


def test_each_moment_gets_another_sale_from_before_it(till: Ledger) -> None:
    sales = till.tx.filter(pl.col("pay") == "cash").select("tx", "day", "start")
    moments = till.tx.filter(pl.col("pay") == "credit", pl.col("register") == 0)
    pairs = earlier_sales(sales, moments, 3, 1, np.random.default_rng(2))
    assert 7 <= pairs.height <= 9  # the first day has none; two may draw the same and one drops
    assert pairs["tx"].is_unique().all()
    assert (pairs["moment_day"] - pairs["day"]).is_between(1, 3).all()


def test_a_return_gives_back_what_was_paid_not_the_list_price() -> None:
    """Two pieces for 15.00 come back at 7.50 each."""
    sold = pl.DataFrame({"tx": [1], "item": [0], "quantity": [2.0], "extended": [1500]})
    line = returned(sold, reasons(1, np.random.default_rng(0)), pl.Series(["scan"])).row(
        0, named=True
    )
    assert (line["quantity"], line["price"], line["kind"]) == (-2.0, 750, "return")


def test_a_return_follows_its_moment_and_takes_a_customer_s_time(
    till: Ledger, cashier: Thief
) -> None:
    moments = quiet_moments(own_work(till, cashier), 60)
    rows = refunds_after(moments, till.next_numbers(moments.height), np.random.default_rng(1))
    assert (rows["start"] - moments["start"] - 30 >= 12).all()
    assert rows["length"].is_between(45, 144).all()
    assert rows["length"].n_unique() > 20


def test_goods_picked_from_the_shelf_are_of_a_tempting_price(scene: Scene) -> None:
    habit = Habit(0.5, 1.0, least_minor=900, most_minor=1500)
    goods = picked_goods(np.arange(5), habit, scene, np.random.default_rng(0))
    assert goods["price"].to_list() == [1000] * 5


def test_where_nothing_is_tempting_the_dearest_goods_are_picked(scene: Scene) -> None:
    habit = Habit(0.5, 1.0, least_minor=5000, most_minor=9000)
    goods = picked_goods(np.arange(2), habit, scene, np.random.default_rng(0))
    assert goods["price"].to_list() == [2000, 2000]
