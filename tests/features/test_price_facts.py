"""Prices lowered by hand, worked by hand."""

from typing import Any

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.tables import Tables

from .tills import batch_of, transaction

LINES = [
    {"sku": "a", "list_price": 200_000, "extended_minor": 1_500},
    {"sku": "b", "list_price": 100_000, "extended_minor": 1_000},
    {"sku": "c", "list_price": 100_000, "extended_minor": 1_000, "voided": True},
]
SHOWN = [
    {"line": 1, "type": "override", "amount_minor": -1, "approver_id": "90"},
    {"line": 1, "type": "manual_discount", "amount_minor": -1, "approver_id": "90"},
]


def changed(*changes: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Return the row of a transaction with these changes, after one that shows approvers."""
    shown = transaction(transaction_id="0", lines=LINES, price_changes=SHOWN)
    given = {"operator_id": "7", "lines": LINES} | given
    row = transaction(transaction_id="1", price_changes=list(changes), **given)
    return FeatureStream.new(Tables()).advance(batch_of(shown, row)).row(1, named=True)


def test_an_override_is_measured_against_the_list_value_of_its_line() -> None:
    row = changed({"line": 1, "type": "override", "amount_minor": -500})
    assert (row["override_minor"], row["override_lines"], row["override_depth"]) == (500, 1, 0.25)
    assert row["promotion_minor"] is None  # this feed has never shown a promotion


def test_a_change_of_a_voided_line_counts_nowhere() -> None:
    row = changed({"line": 3, "type": "override", "amount_minor": -500})
    assert (row["override_minor"], row["override_lines"]) == (0, 0)


def test_a_discount_on_the_whole_receipt_counts_as_one() -> None:
    row = changed(
        {"line": None, "type": "manual_discount", "amount_minor": -300},
        {"line": 2, "type": "manual_discount", "amount_minor": -300},
    )
    assert (row["manual_discount_minor"], row["manual_discount_lines"]) == (600, 2)
    assert row["manual_discount_share"] == 0.2


def test_coupons_are_counted_and_those_on_no_line_apart() -> None:
    coupon = {"type": "coupon", "amount_minor": -100}
    row = changed({"line": None} | coupon, {"line": None} | coupon, {"line": 1} | coupon)
    assert (row["coupons"], row["whole_coupons"], row["coupon_minor"]) == (3, 2, 300)
    of_voided = changed({"line": 3} | coupon)
    assert (of_voided["coupons"], of_voided["whole_coupons"]) == (0, 0)
    assert changed()["coupons"] is None  # this feed has never shown a coupon


def test_approval_counts_per_change_or_for_the_whole() -> None:
    bare = {"line": 1, "type": "override", "amount_minor": -500}
    assert changed(bare)["changes_without_approver"] is True
    assert changed(bare, approver_id="90")["changes_without_approver"] is False
    assert changed(bare | {"approver_id": "90"})["changes_without_approver"] is False
    assert changed()["changes_without_approver"] is False


def test_who_approves_alone_is_seen() -> None:
    by_self = {"line": 1, "type": "override", "amount_minor": -500, "approver_id": "7"}
    assert changed(by_self)["self_approved"] is True
    assert changed(by_self | {"approver_id": "90"})["self_approved"] is False
    assert changed(by_self | {"approver_id": None})["self_approved"] is None


def test_without_any_approver_in_the_feed_their_absence_says_nothing() -> None:
    change = {"line": 1, "type": "override", "amount_minor": -500}
    row = transaction(lines=LINES, price_changes=[change])
    frame = FeatureStream.new(Tables()).advance(batch_of(row))
    assert frame["changes_without_approver"][0] is None


def test_markdowns_of_the_one_who_rings_are_added_up() -> None:
    sticker = {"type": "markdown", "amount_minor": -500, "approver_id": "7"}
    own, others = sticker | {"line": 1}, sticker | {"line": 2, "approver_id": "8"}
    row = changed(own, others)
    assert (row["markdown_minor"], row["markdown_own_minor"]) == (1_000, 500)
    assert changed(own, sticker | {"line": 3})["markdown_own_minor"] == 500  # line 3 is voided
    assert changed(own, operator_id=None)["markdown_own_minor"] is None


def test_whose_markdowns_they_are_is_unknown_until_the_feed_shows_markdowns() -> None:
    assert changed()["markdown_own_minor"] is None
