"""Which part of a receipt a scheme is about, so that the eye finds it."""

from typing import Literal

Part = Literal[
    "banner",
    "voided_lines",
    "returned_lines",
    "keyed_lines",
    "gift_card_lines",
    "override",
    "manual_discount",
    "coupon",
    "employee",
    "markdown",
    "paid_out",
    "voided_tenders",
    "other_tenders",
    "cards",
    "drawer_open",
    "price_inquiry",
    "weight_mismatch",
    "assist",
    "suspend",
]
"""banner: the line that says what kind of receipt it is (post-void, cancelled, no sale …)."""

_PARTS: dict[str, frozenset[Part]] = {
    "post_void": frozenset({"banner", "paid_out"}),
    "cancel_after_total": frozenset({"banner", "voided_tenders"}),
    "late_line_void": frozenset({"voided_lines"}),
    "abandoned_basket": frozenset({"banner", "drawer_open"}),
    "void_then_no_sale": frozenset({"banner", "drawer_open"}),
    "suspend_strip": frozenset({"banner", "suspend", "voided_lines"}),
    "training_mode_sale": frozenset({"banner", "drawer_open"}),
    "price_inquiry_skim": frozenset({"price_inquiry"}),
    "cash_movement": frozenset({"banner", "paid_out"}),
    "tender_swap": frozenset({"voided_tenders", "other_tenders"}),
    "refund_without_receipt": frozenset({"returned_lines", "paid_out"}),
    "refund_to_other_card": frozenset({"paid_out"}),
    "ghost_refund": frozenset({"returned_lines", "paid_out"}),
    "receipt_reuse": frozenset({"returned_lines"}),
    "keyed_refund": frozenset({"keyed_lines"}),
    "refund_to_gift_card": frozenset({"paid_out"}),
    "cross_store_refund_ring": frozenset({"returned_lines", "paid_out"}),
    "wardrobing": frozenset({"returned_lines"}),
    "price_override": frozenset({"override"}),
    "manual_discount": frozenset({"manual_discount"}),
    "employee_discount_abuse": frozenset({"employee", "cards"}),
    "coupon_abuse": frozenset({"coupon"}),
    "gift_card_activation": frozenset({"gift_card_lines", "voided_tenders", "other_tenders"}),
    "store_credit": frozenset({"paid_out"}),
    "markdown_abuse": frozenset({"markdown"}),
    "self_checkout_skip_scan": frozenset({"voided_lines", "weight_mismatch", "assist"}),
}


def parts(schemes: tuple[str, ...]) -> frozenset[Part]:
    """Return the parts of a receipt to mark for these schemes; a scheme of no part adds none.

    >>> sorted(parts(("late_line_void", "price_override")))
    ['override', 'voided_lines']
    """
    return frozenset[Part]().union(*(_PARTS.get(scheme, frozenset()) for scheme in schemes))
