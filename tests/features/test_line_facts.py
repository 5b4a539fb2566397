"""What lines say, worked by hand."""

from typing import Any

import polars as pl

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.tables import Tables

from .tills import at, batch_of, transaction


def facts(*lines: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Return the row of one transaction with these lines, after one that shows a voided line."""
    shown = transaction(transaction_id="0", lines=[{"sku": "x", "voided": True}])
    row = transaction(transaction_id="1", ended_at=at(5), lines=list(lines), **given)
    return FeatureStream.new(Tables()).advance(batch_of(shown, row)).row(1, named=True)


def item(sku: str, euros: int, **given: Any) -> dict[str, Any]:
    quantity = given.get("quantity", 1.0)
    amount = round(quantity * euros * 100)
    return {"sku": sku, "list_price": euros * 10_000, "extended_minor": amount, **given}


def test_live_and_voided_lines_are_told_apart() -> None:
    row = facts(item("a", 3, quantity=2.0), item("b", 5), item("c", 40, voided=True))
    assert (row["live_lines"], row["voided_lines"]) == (2, 1)
    assert (row["units"], row["max_line_units"]) == (3.0, 2.0)
    assert (row["sold_minor"], row["list_value_minor"]) == (1_100, 1_100)
    assert (row["voided_minor"], row["dearest_minor"]) == (4_000, 600)


def test_what_comes_back_is_positive() -> None:
    row = facts(
        item("a", 25, kind="return", quantity=-2.0),
        item("b", 30),
        type="exchange",
        net_minor=-2_000,
    )
    assert (row["return_lines"], row["returned_units"], row["returned_minor"]) == (1, 2.0, 5_000)
    assert (row["sold_minor"], row["units"]) == (3_000, 1.0)


def test_an_item_sold_minus_once_is_a_return() -> None:
    row = facts(item("a", 25, quantity=-1.0), type="return", net_minor=-2_500)
    assert (row["return_lines"], row["returned_minor"]) == (1, 2_500)


def test_deposits_and_gift_cards_are_no_units() -> None:
    row = facts(item("a", 2), item("d", 1, kind="deposit"), item("g", 50, kind="gift_card"))
    assert (row["units"], row["gift_card_lines"], row["gift_card_sold_minor"]) == (1.0, 1, 5_000)
    assert row["sold_minor"] == 5_300


def test_yen_have_no_decimals() -> None:
    row = facts({"sku": "a", "list_price": 1_500_000, "extended_minor": 150}, currency="JPY")
    assert row["list_value_minor"] == 150


def test_cost_is_unknown_when_one_line_does_not_say() -> None:
    assert facts(item("a", 2, unit_cost=12_000), item("b", 2, unit_cost=5_000))["cost_minor"] == 170
    assert facts(item("a", 2, unit_cost=12_000), item("b", 2))["cost_minor"] is None


def test_keyed_lines_are_unknown_until_a_line_says_how_it_came() -> None:
    assert facts(item("a", 2))["keyed_lines"] is None
    keyed = item("a", 2, entry="key", kind="return", quantity=-1.0)
    row = facts(keyed, item("b", 2, entry="scan"), item("c", 2, entry="key", voided=True))
    assert (row["keyed_lines"], row["keyed_return_lines"]) == (1, 1)


def test_pace_is_units_per_minute_from_first_to_last_scan() -> None:
    row = facts(item("a", 2, at=at(1)), item("b", 2, at=at(1.25)), item("c", 2, at=at(1.5)))
    assert (row["scan_seconds"], row["units_per_minute"]) == (30.0, 6.0)
    assert facts(item("a", 2))["scan_seconds"] is None


def test_the_longest_pause_is_between_two_lines_whose_times_are_known() -> None:
    first, second, third = (item("a", 2, at=at(when)) for when in (1, 1.5, 1.75))
    row = facts(first, item("b", 3), second, third)
    assert row["longest_pause_s"] == 30.0
    assert facts(item("a", 2, at=at(1)))["longest_pause_s"] == 0.0
    assert facts(item("a", 2))["longest_pause_s"] is None


def test_the_line_voided_last_is_remembered_with_its_delay() -> None:
    row = facts(
        item("a", 10, voided=True, at=at(1), void_at=at(1.1)),
        item("b", 90, voided=True, at=at(2), void_at=at(2.2)),
        item("c", 1, at=at(3)),
    )
    assert (row["last_void_minor"], row["last_void_delay_s"]) == (9_000, 12.0)
    assert row["last_void_was_last_line"] is False
    assert row["last_void_after_scan_s"] == -48.0
    assert facts(item("a", 10, voided=True))["last_void_minor"] is None


def test_a_void_after_everything_was_scanned_is_told_from_one_in_between() -> None:
    late = item("a", 90, voided=True, at=at(1), void_at=at(3.5))
    assert facts(late, item("b", 1, at=at(3)))["last_void_after_scan_s"] == 30.0
    untimed = item("a", 90, voided=True, void_at=at(3.5))
    assert facts(untimed)["last_void_after_scan_s"] is None


def test_a_sale_without_lines_says_nothing_and_a_cancelled_basket_says_none() -> None:
    assert facts()["live_lines"] is None
    assert facts(status="cancelled")["live_lines"] == 0
    assert facts(type="no_sale", net_minor=0)["live_lines"] == 0


def test_the_focus_is_the_line_lowered_most_else_returned_else_dearest() -> None:
    lines = [item("a", 5), item("b", 90), item("c", 2, kind="return", quantity=-1.0)]
    lowered = [{"line": 1, "type": "override", "amount_minor": -100}]
    assert facts(*lines, price_changes=lowered)["focus_sku"] == "a"
    assert facts(*lines)["focus_sku"] == "c"
    assert facts(*lines[:2])["focus_sku"] == "b"
    assert facts(item("v", 9, voided=True))["focus_sku"] is None


def test_voided_lines_are_unknown_until_the_feed_shows_one() -> None:
    rows = [
        transaction(transaction_id="1", lines=[item("a", 1)]),
        transaction(transaction_id="2", lines=[item("a", 1, voided=True)]),
        transaction(transaction_id="3", lines=[item("a", 1)]),
        transaction(transaction_id="4", lines=[item("a", 1)], source="other"),
    ]
    frame: pl.DataFrame = FeatureStream.new(Tables()).advance(batch_of(*rows))
    assert frame["voided_lines"].to_list() == [None, 1, 0, None]
