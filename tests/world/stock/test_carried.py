"""What left the store, told apart from what the till wrote: on a till written by hand."""

import polars as pl
import pytest

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.stock.carried import carried, differences, rung_twice, unscanned

SALE = 3
"""A sale of the till fixture: items 0, 1 and 2, one of each."""


def total(ledger: Ledger) -> dict[int, int]:
    """Return item -> thousandths carried out."""
    sums = carried(ledger).group_by("item").agg(pl.col("out").sum())
    return dict(sums.sort("item").iter_rows())


@pytest.fixture
def one(till: Ledger) -> Ledger:
    return till.keep(pl.Series([SALE]))


def test_a_sale_carries_out_what_is_on_it(one: Ledger) -> None:
    assert total(one) == {0: 1000, 1: 1000, 2: 1000}


def test_weighed_goods_count_in_grams(one: Ledger) -> None:
    grapes = one.with_lines(one.lines.with_columns(quantity=pl.lit(0.732)))
    assert set(total(grapes).values()) == {732}


@pytest.mark.parametrize("status", ["cancelled", "suspended"])
def test_a_record_that_was_not_completed_carries_out_nothing(one: Ledger, status: str) -> None:
    assert total(one.mark(one.tx["tx"], status=status)) == {}


def test_practice_carries_out_nothing(one: Ledger) -> None:
    assert total(one.mark(one.tx["tx"], training=True)) == {}


def test_a_voided_line_stays_in_the_store(one: Ledger) -> None:
    voided = one.with_lines(one.lines.with_columns(voided=pl.col("item") == 1))
    assert total(voided) == {0: 1000, 2: 1000}


def test_a_post_void_brings_back_what_it_takes_back(one: Ledger) -> None:
    void = Ledger.of(tx=pl.DataFrame({"tx": [500], "type": ["void"], "original": [SALE]}))
    assert set(total(one.plus(void)).values()) == {0}


def test_a_gift_card_is_no_stock(one: Ledger) -> None:
    card = one.with_lines(one.lines.with_columns(kind=pl.lit("gift_card")))
    assert total(card) == {}


def test_a_line_that_nobody_scanned_is_found(one: Ledger) -> None:
    after = one.with_lines(one.lines.filter(pl.col("item") != 1))
    assert unscanned(one, after).select("tx", "item", "out").rows() == [(SALE, 1, 1000)]


def lost(honest: Ledger, written: Ledger, scheme: str, arrived: list[int]) -> list[tuple[int, int]]:
    """Return item and lost thousandths, every record of `written` but SALE being stolen or not."""
    numbers = written.tx.filter(pl.col("tx") >= SALE)["tx"]
    stolen = pl.DataFrame({"tx": numbers}).with_columns(scheme=pl.lit(scheme))
    found = differences(honest, written, carried(written), stolen, pl.Series(arrived))
    assert found["cause"].unique().to_list() in ([], [scheme])
    return found.select("item", "lost").sort("item").rows()


def test_a_stolen_sale_is_gone_from_the_shelf_and_still_in_the_book(one: Ledger) -> None:
    cancelled = one.mark(one.tx["tx"], status="cancelled")
    rows = lost(one, cancelled, "void_then_no_sale", [SALE])
    assert rows == [(0, 1000), (1, 1000), (2, 1000)]


def test_ghost_goods_are_in_the_book_and_never_came(one: Ledger) -> None:
    back = pl.DataFrame({"tx": [9], "type": ["return"], "day": [0]})
    line = pl.DataFrame(
        {"tx": [9], "line": [1], "kind": ["return"], "item": [2], "quantity": [-1.0]}
    )
    written = one.plus(Ledger.of(tx=back, lines=line))
    assert lost(one, written, "ghost_refund", [SALE, 9]) == [(2, 1000)]


def test_a_thief_who_pays_takes_nothing_from_the_book(one: Ledger) -> None:
    bought = pl.DataFrame({"tx": [9], "type": ["sale"], "day": [0]})
    line = pl.DataFrame({"tx": [9], "line": [1], "item": [2]})
    written = one.plus(Ledger.of(tx=bought, lines=line))
    assert lost(one, written, "markdown_abuse", [SALE, 9]) == []


def test_a_parked_and_stripped_sale_loses_what_was_taken_out(one: Ledger) -> None:
    """Items 0, 1 and 2 left; the resumed record says that only item 2 did."""
    resumed = pl.DataFrame({"tx": [9], "status": ["resumed"], "original": [SALE], "day": [0]})
    line = pl.DataFrame({"tx": [9], "line": [1], "item": [2]})
    parked = one.mark(one.tx["tx"], status="suspended")
    written = parked.plus(Ledger.of(tx=resumed, lines=line))
    assert lost(one, written, "suspend_strip", [SALE, 9]) == [(0, 1000), (1, 1000)]


def test_a_record_that_never_arrived_is_missing_in_the_book(one: Ledger) -> None:
    none = pl.DataFrame(schema={"tx": pl.Int64, "scheme": pl.String})
    found = differences(one, one, carried(one), none, pl.Series([], dtype=pl.Int64))
    assert found["cause"].unique().to_list() == ["lost_record"]
    assert found["lost"].to_list() == [1000, 1000, 1000]


def test_goods_taken_back_twice_came_back_once(one: Ledger) -> None:
    backs = pl.DataFrame({"tx": [8, 9], "type": ["return"] * 2, "original": [SALE] * 2})
    lines = pl.DataFrame(
        {
            "tx": [8, 9],
            "line": [1, 1],
            "kind": ["return"] * 2,
            "item": [1, 1],
            "quantity": [-2.0] * 2,
        }
    )
    twice = one.plus(Ledger.of(tx=backs.with_columns(day=4), lines=lines))
    assert rung_twice(twice).rows() == [(4, 1, 2000)]
    other = lines.with_columns(item=pl.Series([1, 2]))
    assert rung_twice(one.plus(Ledger.of(tx=backs, lines=other))).is_empty()


def test_looking_at_some_records_says_the_same_of_them(till: Ledger) -> None:
    void = Ledger.of(tx=pl.DataFrame({"tx": [500], "type": ["void"], "original": [SALE]}))
    ledger = till.plus(void)
    some = pl.Series([500, 7])
    whole = carried(ledger).filter(pl.col("tx").is_in(some.implode()))
    assert carried(ledger, some).sort("tx", "line").equals(whole.sort("tx", "line"))


def test_a_line_left_out_of_a_sale_beside_the_theft_is_put_down_to_it(till: Ledger) -> None:
    """The theft's own row is a price check minutes later at the same till."""
    check = pl.DataFrame(
        {"tx": [500], "type": ["price_check"], "register": [0], "start": [36_000 + 1900]}
    )
    fewer = till.lines.filter((pl.col("tx") != SALE) | (pl.col("item") != 1))
    written = till.with_lines(fewer).plus(Ledger.of(tx=check))
    stolen = pl.DataFrame({"tx": [500], "scheme": ["price_inquiry_skim"]})
    arrived = written.tx["tx"]
    found = differences(till, written, carried(written), stolen, arrived)
    assert found.select("item", "cause", "lost").rows() == [(1, "price_inquiry_skim", 1000)]
