"""A small chain at hand: a frame of receipts, and rules that count overrides or weigh returns."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from shrinkwatch.features.catalogue import schema
from shrinkwatch.records.batch import TRANSACTION_COLUMNS, subject_key
from shrinkwatch.rules.rule import Rule, frame_columns, parse_rule

MONDAY = date(2026, 3, 2)

OVERRIDES = """
id = "overrides"
title = "Prices overridden"
scheme = "price_override"
subject = "operator"
kind = "count"
at_risk = "status = 'completed'"
fires = "override_minor > 0"
loss = "override_minor"
sentence = "{hits} of {exposure} receipts had an override; peers: {typical}."
unit = "receipts"
severity = "medium"
needs = []
source = "made up for this test"
[[exonerating]]
when = "approver_key > 0"
sentence = "Somebody approved it."
"""

RETURNS = """
id = "returns"
title = "An enormous return"
scheme = "refund_without_receipt"
subject = "customer"
kind = "extreme"
at_risk = "returned_minor > 0"
measure = "returned_minor"
loss = "returned_minor"
sentence = "{value} taken back; usual: {typical}, one in {tail} is as large."
unit = "money"
severity = "medium"
needs = []
source = "made up for this test"
"""

DISPUTED = """
id = "disputed"
title = "A card known from a dispute"
scheme = "refund_to_other_card"
subject = "card"
kind = "known"
at_risk = "card_answered_28d > 0"
fires = "card_confirmed_28d > 0"
loss = "card_minor"
sentence = "Came back {hits} times."
unit = "receipts"
severity = "high"
needs = []
source = "made up for this test"
"""

Row = dict[str, object]


def receipts(day: int, rows: Sequence[Row]) -> pl.DataFrame:
    """Return a frame of completed sales on that day (0 is a Monday), one a minute from 9:00 UTC.

    A row names its operator, store, and whatever else it wants to differ in.
    """
    known = frame_columns()
    today = MONDAY + timedelta(day)
    start = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    made = []
    for place, row in enumerate(rows):
        at = start + timedelta(seconds=20 * place)
        store, operator = row.get("store_id", "S1"), row.get("operator_id")
        customer = row.get("customer_id")
        made.append(
            {
                "source": "till",
                "store_id": store,
                "register_id": "1",
                "transaction_id": f"{day}-{place}",
                "type": "sale",
                "status": "completed",
                "currency": "USD",
                "ended_at": at,
                "arrived_at": at,
                "local_date": today,
                "training": False,
                "offline": False,
                "peer_group": 7,
                "lane_type": "staffed",
                "role": "cashier",
                "tenure_band": "settled",
                "tx_key": subject_key("tx", day, place),
                "store_key": subject_key("store", store),
                "operator_key": 0 if operator is None else subject_key("operator", store, operator),
                "customer_key": 0 if customer is None else subject_key("customer", customer),
                "approver_key": 0,
                "card_key": 0,
                "override_minor": 0,
                **row,
            }
        )
    columns = {**TRANSACTION_COLUMNS, **schema()}
    used = {name: known.get(name, columns.get(name)) for name in made[0]}
    return pl.DataFrame(made, schema=used)  # type: ignore[arg-type]


@pytest.fixture
def overrides() -> Rule:
    return parse_rule(OVERRIDES, frame_columns())


@pytest.fixture
def returns() -> Rule:
    return parse_rule(RETURNS, frame_columns())


@pytest.fixture
def disputed() -> Rule:
    return parse_rule(DISPUTED, frame_columns())


@pytest.fixture
def chain_day() -> Callable[..., pl.DataFrame]:
    """A day of four stores with six cashiers of thirty receipts each; every cashier overrides
    with 3 %; `thief` (store, operator) overrides 12.00 on `stolen` receipts more."""

    def day(number: int, thief: tuple[str, str] | None = None, stolen: int = 0) -> pl.DataFrame:
        dice = np.random.default_rng(number)
        rows: list[Row] = []
        for store in ("S1", "S2", "S3", "S4"):
            for person in range(6):
                honest = dice.random(30) < 0.03
                taken = np.arange(30) < (stolen if thief == (store, f"{person}") else 0)
                rows.extend(
                    {
                        "store_id": store,
                        "operator_id": f"{person}",
                        "override_minor": 1200 if steals else 200 if habit else 0,
                    }
                    for habit, steals in zip(honest, taken, strict=True)
                )
        return receipts(number, rows)

    return day
