"""What one receipt says about itself, column by column, before anything earlier is looked at.

Amounts are integer minor units and positive in the direction that the name says. A line is live
when it is not voided. Where the record cannot say (a completed sale without a single line or
tender, a feed that never sends such events), the column is null.
"""

import polars as pl

from shrinkwatch.features.declared import Column, Dtype

_Row = tuple[str, Dtype, str, str]


def _columns(*rows: _Row) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


MONEY = "minor units"

JOINED = _columns(
    ("role", pl.String, "", "the operator's role in the operators table"),
    ("tenure_days", pl.Int32, "days", "days since the operator was hired, on the local date"),
    ("virtual_operator", pl.Boolean, "", "the operator id is nobody: self-checkout, training"),
    ("off_shift_s", pl.Int32, "s", "from the operator's nearest shift, 0 within; a day at most"),
    ("lane_type", pl.String, "", "staffed, self_checkout, service, mobile or kiosk"),
    ("format", pl.String, "", "the store's format"),
    ("local_date", pl.Date, "", "the store's date when it ended"),
    ("local_hour", pl.Int8, "h", "the store's hour of day when it ended, 0 to 23"),
    ("local_weekday", pl.Int8, "", "1 is Monday, 7 is Sunday"),
    ("part_of_day", pl.String, "", "night 22-6, morning -11, midday -14, afternoon -18, evening"),
    ("minutes_since_open", pl.Int32, "min", "minutes since the store opened (negative: before)"),
    ("minutes_to_close", pl.Int32, "min", "minutes until the store closes (negative: after)"),
    ("tenure_band", pl.String, "", "new below 28 days, settling below 90, settled, unknown"),
    ("peer_group", pl.UInt32, "", "format x lane x part of day x role x tenure band, as a code"),
)

LINES = _columns(
    ("live_lines", pl.Int32, "lines", "lines that are not voided"),
    ("units", pl.Float64, "units", "sum of quantity over live lines that are not returns"),
    ("max_line_units", pl.Float64, "units", "largest absolute quantity of a live line"),
    ("voided_lines", pl.Int32, "lines", "lines voided before the end"),
    ("voided_minor", pl.Int64, MONEY, "sum of the absolute amounts of voided lines"),
    ("last_void_minor", pl.Int64, MONEY, "amount of the line voided last (null: no void time)"),
    ("last_void_delay_s", pl.Float64, "s", "from that line's scan to its void"),
    ("last_void_was_last_line", pl.Boolean, "", "that line was the last one of the receipt"),
    ("last_void_after_scan_s", pl.Float64, "s", "from the receipt's last scan to that void"),
    ("sold_minor", pl.Int64, MONEY, "sum of the amounts of live lines that are not returns"),
    ("return_lines", pl.Int32, "lines", "live lines that take goods back"),
    ("returned_units", pl.Float64, "units", "units taken back, positive"),
    ("returned_minor", pl.Int64, MONEY, "value of the lines taken back, positive"),
    ("keyed_lines", pl.Int32, "lines", "live lines keyed by hand (null: no line says how)"),
    ("keyed_return_lines", pl.Int32, "lines", "live return lines keyed by hand"),
    ("gift_card_lines", pl.Int32, "lines", "live lines that load or sell a gift card"),
    ("gift_card_sold_minor", pl.Int64, MONEY, "value of those lines"),
    ("dearest_minor", pl.Int64, MONEY, "largest absolute amount of a live line"),
    ("list_value_minor", pl.Int64, MONEY, "sum of quantity x list price of live sold lines"),
    ("cost_minor", pl.Int64, MONEY, "quantity x unit cost of live lines (null: some unknown)"),
    ("scan_seconds", pl.Float64, "s", "from the first line's time to the last line's"),
    ("longest_pause_s", pl.Float64, "s", "longest time between two lines in the order scanned"),
    ("units_per_minute", pl.Float64, "units/min", "live units per minute of scanning"),
    ("focus_sku", pl.String, "", "SKU of the largest hand-made reduction, return or line"),
    ("focus_sku_key", pl.UInt64, "", "its key; 0 where the receipt has no such line"),
)

PRICE_CHANGES = _columns(
    ("override_minor", pl.Int64, MONEY, "prices overridden downwards on live lines, in all"),
    ("override_lines", pl.Int32, "lines", "live lines with an override"),
    ("override_depth", pl.Float64, "share", "override_minor / list value of those lines"),
    ("manual_discount_minor", pl.Int64, MONEY, "discounts given by hand, on lines or the whole"),
    ("manual_discount_lines", pl.Int32, "lines", "live lines with such a discount"),
    ("manual_discount_share", pl.Float64, "share", "manual_discount_minor / list_value_minor"),
    ("promotion_minor", pl.Int64, MONEY, "promotions"),
    ("coupon_minor", pl.Int64, MONEY, "coupons taken as price changes"),
    ("coupons", pl.Int32, "coupons", "these coupons, those on voided lines left out"),
    ("whole_coupons", pl.Int32, "coupons", "of them those that are on no line"),
    ("employee_minor", pl.Int64, MONEY, "employee discounts"),
    ("loyalty_minor", pl.Int64, MONEY, "loyalty discounts"),
    ("markdown_minor", pl.Int64, MONEY, "markdowns"),
    ("markdown_own_minor", pl.Int64, MONEY, "markdowns on live lines that the operator made"),
    ("changes_without_approver", pl.Boolean, "", "an override or manual discount had no approver"),
    ("self_approved", pl.Boolean, "", "the operator approved it alone (null: nobody approved)"),
)

TENDERS = _columns(
    ("cash_minor", pl.Int64, MONEY, "live cash, net of change and refunds"),
    ("card_minor", pl.Int64, MONEY, "live credit and debit, net"),
    ("cash_refund_minor", pl.Int64, MONEY, "cash paid out that is not change, positive"),
    ("card_refund_minor", pl.Int64, MONEY, "paid back to cards, positive"),
    ("gift_card_refund_minor", pl.Int64, MONEY, "paid back to gift cards or store credit"),
    ("gift_card_tender_minor", pl.Int64, MONEY, "live gift card and store credit, net"),
    ("coupon_tender_minor", pl.Int64, MONEY, "live coupon tenders, net"),
    ("other_tender_minor", pl.Int64, MONEY, "live check, account and other tenders, net"),
    ("change_minor", pl.Int64, MONEY, "change given, positive"),
    ("voided_tender_minor", pl.Int64, MONEY, "tenders voided, absolute"),
    ("voided_cash_minor", pl.Int64, MONEY, "of these, cash"),
    ("paid_cards", pl.Int32, "cards", "distinct card tokens among live tenders"),
)

EVENTS = _columns(
    ("drawer_opens", pl.Int32, "events", "the drawer was opened"),
    ("price_inquiries", pl.Int32, "events", "a price was asked for"),
    ("weight_mismatches", pl.Int32, "events", "the scale disagreed with the scan"),
    ("assists", pl.Int32, "events", "a member of staff stepped in"),
    ("suspends", pl.Int32, "events", "the basket was put aside"),
    ("overrides", pl.Int32, "events", "the till's own override key was used"),
    ("age_checks", pl.Int32, "events", "an age was checked"),
)

ORIGINALS = _columns(
    ("original_named", pl.Boolean, "", "the feed named an original; unknown until it ever has"),
    ("original_found", pl.Boolean, "", "it came in the 45 days before (null: not named in full)"),
    ("original_age_s", pl.Float64, "s", "time from the original to this"),
    ("original_net_minor", pl.Int64, MONEY, "its net"),
    ("original_cash_minor", pl.Int64, MONEY, "its net cash"),
    ("original_card_paid_minor", pl.Int64, MONEY, "its net by card"),
    ("original_card_key", pl.UInt64, "", "the card that paid it; 0 where none"),
    ("original_same_operator", pl.Boolean, "", "the same person rang both"),
    ("original_same_register", pl.Boolean, "", "both at one till"),
    ("original_units", pl.Float64, "units", "units that it sold"),
    ("original_refunded_minor", pl.Int64, MONEY, "already paid back on it before this"),
)

FACTS = (*JOINED, *LINES, *PRICE_CHANGES, *TENDERS, *EVENTS, *ORIGINALS)
