"""Every column that describes a transaction, announced once, for all who compute or read one.

The frame of `stream.FeatureStream.advance` has the batch's own `transactions` columns, then
`COLUMNS` in this order. Features of the fold are read before the transaction is learned: they
speak of what had arrived before it. They are null where the subject is nobody (key 0).
"""

import hashlib
from dataclasses import replace

import polars as pl

from shrinkwatch.features.catalogue_of_facts import FACTS, MONEY
from shrinkwatch.features.declared import DAY_S, HOUR_S, MINUTE_S, Column, Measure, Rings

_TEN_MINUTES_S = 10 * MINUTE_S
QUARTER_DAY_S = 6 * HOUR_S

_TX = Measure("tx", "transactions", "completed sales, returns and exchanges")
_REFUNDS = Measure("refunds", "transactions", "completed transactions that took goods back")
_VOIDS = Measure("voids", "transactions", "post-voids")
_CANCELS = Measure("cancels", "transactions", "cancelled baskets")
_NO_SALES = Measure("no_sales", "transactions", "drawer openings without a sale")
_OVERRIDES = Measure("overrides", "lines", "lines with a price override")
_LINE_VOIDS = Measure("line_voids", "lines", "lines voided before the end")

OPERATOR_RINGS = Rings(
    "operator",
    (
        _TX,
        _REFUNDS,
        _VOIDS,
        _CANCELS,
        _NO_SALES,
        _OVERRIDES,
        Measure("manual_discounts", "lines", "lines with a discount by hand"),
        _LINE_VOIDS,
        Measure("refund_minor", MONEY, "value taken back", money=True),
        Measure("override_minor", MONEY, "value of price overrides", money=True),
        Measure("manual_discount_minor", MONEY, "value of discounts by hand", money=True),
        Measure("cash_minor", MONEY, "net cash taken", money=True),
    ),
    {"1h": _TEN_MINUTES_S, "8h": HOUR_S, "1d": HOUR_S, "7d": DAY_S, "28d": DAY_S},
)
REGISTER_RINGS = Rings(
    "register",
    (_TX, _REFUNDS, _VOIDS, _NO_SALES, _LINE_VOIDS),
    {"10m": _TEN_MINUTES_S, "1h": _TEN_MINUTES_S, "1d": HOUR_S},
)
STORE_RINGS = Rings(
    "store",
    (_TX, _REFUNDS, _VOIDS, _CANCELS, _OVERRIDES),
    {"10m": _TEN_MINUTES_S, "1h": _TEN_MINUTES_S, "1d": HOUR_S, "7d": DAY_S},
)
SKU_RINGS = Rings(
    "sku",
    (
        Measure("overrides", "lines", "lines with a price override"),
        Measure("returns", "lines", "lines taken back"),
        Measure("returned_units", "units", "units taken back (rounded per line)"),
        Measure("sold_units", "units", "units sold (rounded per line)"),
    ),
    {"1d": QUARTER_DAY_S, "7d": QUARTER_DAY_S},
)
RINGS = (OPERATOR_RINGS, REGISTER_RINGS, STORE_RINGS, SKU_RINGS)
"""Windows for operators, registers, stores and the focus SKU (`focus_sku_key`)."""

SINCE: dict[str, tuple[str, ...]] = {
    "operator": ("void", "cancel", "refund", "no_sale", "sale", "suspend", "training"),
    "register": ("void", "cancel", "refund", "no_sale", "sale", "suspend", "tx"),
}
"""Per subject, the kinds of transaction whose last time is remembered."""

OUTCOME_SUBJECTS = ("card", "customer", "operator", "register")
OUTCOME_RINGS = {
    subject: Rings(
        subject,
        (
            Measure("answered", "receipts", "receipts answered for"),
            Measure("confirmed", "receipts", "receipts found to be theft or breach"),
        ),
        {"1d": HOUR_S, "7d": DAY_S, "28d": DAY_S},
    )
    for subject in OUTCOME_SUBJECTS
}
"""What people said of a subject's earlier receipts, counted when it became known."""
OUTCOME_SHARES = ("7d", "28d")
"""The windows whose share of confirmed receipts is told, too."""

RECENT_SUBJECTS = ("card", "loyalty", "customer")
"""Subjects of whom there are millions: four weekly sums, a decayed sum and small sets each."""

SMALL_SETS: dict[str, int] = {
    "card_stores_28d": 6,
    "card_operators_28d": 8,
    "loyalty_stores_28d": 6,
    "loyalty_operators_28d": 8,
    "customer_stores_28d": 6,
    "customer_operators_28d": 8,
    "operator_employee_cards_28d": 32,
    "operator_loyalty_cards_28d": 8,
    "store_training_operators_2d": 4,
    "sku_override_operators_1d": 16,
    "sku_override_stores_1d": 16,
    "sku_return_stores_7d": 16,
}
"""Distinct counts and where each stops: exact up to that number, which means that many or more.

Members are told apart by 20 bits of a hash: two different ones are taken for one with probability
about one in a million per pair.
"""


def _since() -> tuple[Column, ...]:
    return tuple(
        Column(
            f"{subject}_since_{kind}_s",
            pl.Int32,
            "s",
            f"since the last {kind} of this {subject} (null: none yet, or this one arrived late)",
        )
        for subject, kinds in SINCE.items()
        for kind in kinds
    )


def _marks() -> tuple[Column, ...]:
    columns = []
    for kind in SINCE["register"]:
        columns += [
            Column(
                f"register_last_{kind}_same_operator",
                pl.Boolean,
                "",
                f"the last {kind} at this register was by the same operator",
            ),
            Column(
                f"register_last_{kind}_minor",
                pl.Int64,
                MONEY,
                f"absolute net of the last {kind} at this register",
            ),
        ]
    return tuple(columns)


def _outcomes() -> tuple[Column, ...]:
    columns: list[Column] = []
    for subject, declared in OUTCOME_RINGS.items():
        columns += [
            replace(column, sentence=f"{column.sentence} (null: no answer)")
            for column in declared.columns()
        ]
        columns += [
            Column(
                f"{subject}_confirmed_share_{window}",
                pl.Float64,
                "share",
                f"{subject}_confirmed_{window} / {subject}_answered_{window}",
            )
            for window in OUTCOME_SHARES
        ]
        columns.append(
            Column(
                f"{subject}_since_confirmed_s",
                pl.Int32,
                "s",
                f"since a receipt of this {subject} was last found to be theft or breach",
            )
        )
    return tuple(columns)


def _recents() -> tuple[Column, ...]:
    columns = []
    for who in RECENT_SUBJECTS:
        span = f"of this {who} in four weeks (this week and the three before)"
        columns += [
            Column(f"{who}_tx_28d", pl.Int32, "transactions", f"completed transactions {span}"),
            Column(f"{who}_refunds_28d", pl.Int32, "transactions", f"of them refunds {span}"),
            Column(f"{who}_spent_minor_28d", pl.Int64, MONEY, f"spent {span}"),
            Column(f"{who}_refunded_minor_28d", pl.Int64, MONEY, f"paid back {span}"),
            Column(f"{who}_balance_minor", pl.Int64, MONEY, f"all that this {who} ever paid, net"),
            Column(
                f"{who}_spent_decayed_minor",
                pl.Float64,
                MONEY,
                f"spent by this {who}, each amount halved every 28 days",
            ),
            Column(f"{who}_since_tx_s", pl.Int32, "s", f"since the last transaction of this {who}"),
            Column(
                f"{who}_spent_ratio_28d",
                pl.Float64,
                "times",
                f"spent now, as a multiple of the mean {span}",
            ),
        ]
    return tuple(columns)


def _pairs() -> tuple[Column, ...]:
    return (
        Column("operator_card_first", pl.Boolean, "", "this operator and card never met (8 weeks)"),
        Column("operator_card_tx_28d", pl.Int32, "transactions", "of this pair in four weeks"),
        Column("operator_loyalty_first", pl.Boolean, "", "operator and loyalty id never met"),
        Column("operator_loyalty_tx_28d", pl.Int32, "transactions", "of this pair in four weeks"),
    )


def _drawers() -> tuple[Column, ...]:
    return (
        Column(
            "drawer_over_minor",
            pl.Int64,
            MONEY,
            "a count of a drawer that this operator signed off from became known since the last"
            " receipt: counted less expected (null: none did)",
        ),
        Column("drawer_people", pl.Int32, "people", "who worked at that drawer"),
        Column("drawer_receipt_key", pl.UInt64, "", "the sign-off before that count; 0 where none"),
    )


def _baskets() -> tuple[Column, ...]:
    return (
        Column(
            "basket_receipt_key",
            pl.UInt64,
            "",
            "a basket that this operator put aside and nobody took up in two hours; 0 where none",
        ),
        Column("basket_minor", pl.Int64, MONEY, "its net"),
    )


_SETS_SAY = {
    "stores_28d": "stores that this {} came to in 28 days",
    "operators_28d": "people who served this {} in 28 days",
    "operator_employee_cards_28d": "cards in this operator's employee sales in 28 days",
    "operator_loyalty_cards_28d": "cards shown with this loyalty id at this operator in 28 days",
    "store_training_operators_2d": "people who practised in this store today or yesterday (UTC)",
    "sku_override_operators_1d": "people who overrode the focus SKU's price in a day",
    "sku_override_stores_1d": "stores where the focus SKU's price was overridden in a day",
    "sku_return_stores_7d": "stores where the focus SKU was brought back in 7 days",
}


def _distinct() -> tuple[Column, ...]:
    columns = []
    for name, most in SMALL_SETS.items():
        subject, what = name.split("_", maxsplit=1)
        sentence = _SETS_SAY.get(name) or _SETS_SAY[what].format(subject)
        columns.append(Column(name, pl.Int32, "distinct", f"{sentence}; {most} is {most} or more"))
    return tuple(columns)


OUTCOME_COLUMNS = _outcomes()
RING_COLUMNS = tuple(column for rings in RINGS for column in rings.columns())
FOLD = (
    *RING_COLUMNS,
    *_since(),
    *_marks(),
    *_recents(),
    *_pairs(),
    *_drawers(),
    *_baskets(),
    *_distinct(),
    *OUTCOME_COLUMNS,
)
"""The columns that the fold makes: they depend on what arrived before."""

COLUMNS: tuple[Column, ...] = (*FACTS, *FOLD)
"""Every column that features add to the batch's transactions, in the frame's order."""

FEATURES_VERSION = hashlib.sha256(
    "\n".join(f"{c.name} {c.dtype} {c.unit} {c.sentence}" for c in COLUMNS).encode()
).hexdigest()[:12]
"""Changes whenever a column is added, renamed or redefined; state of another version is refused."""


def schema() -> dict[str, pl.DataType | type[pl.DataType]]:
    """Return name and dtype of every column that features add, in the frame's order."""
    return {column.name: column.dtype for column in COLUMNS}
