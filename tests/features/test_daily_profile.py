"""How a day divides, and prices against what items usually cost; expected counts by hand."""

from datetime import timedelta
from typing import Any

import polars as pl

from shrinkwatch.features.daily_profile import (
    PROFILE_COLUMNS,
    day_counts,
    day_prices,
    price_counts,
)
from shrinkwatch.records.batch import Batch

from .tills import START, batch_of, transaction

TODAY = START.date()


def counted(*rows: dict[str, Any]) -> dict[tuple[str, str], int]:
    found = day_counts(batch_of(*rows))
    assert set(found["store_id"]) <= {"S1"}
    return {(row["feature"], row["bin"]): row["rows"] for row in found.iter_rows(named=True)}


def test_refunds_voids_and_no_sales_are_counted_beside_sales() -> None:
    rows = [transaction() for _ in range(3)]
    rows += [transaction(type=kind) for kind in ("return", "exchange", "void", "no_sale", "loan")]
    told = counted(*rows)
    assert told["refunds", "refunds"] == 2
    assert told["voids", "voids"] == told["no_sales", "no_sales"] == 1
    assert {told[feature, "sales"] for feature in ("refunds", "voids", "no_sales")} == {3}


def test_cancelled_sales_are_counted_and_training_is_not() -> None:
    told = counted(
        transaction(), transaction(status="cancelled"), transaction(status="suspended"),
        transaction(training=True), transaction(training=None),
    )  # fmt: skip
    assert told["cancelled", "completed"] == 2
    assert told["cancelled", "cancelled"] == 1
    assert told["refunds", "sales"] == 2


def test_tenders_and_entries_of_sales_are_counted_without_change_and_voided_ones() -> None:
    tenders = [
        {"type": "cash"},
        {"type": "cash", "change": True},
        {"type": "credit", "voided": True},
    ]
    lines = [{"entry": "scan"}, {"entry": "key", "voided": True}, {"entry": None}]
    told = counted(
        transaction(tenders=tenders, lines=lines),
        transaction(type="return", tenders=[{"type": "debit"}]),
    )
    assert {key: rows for key, rows in told.items() if key[0] in {"tenders", "entries"}} == {
        ("tenders", "cash"): 1,
        ("entries", "scan"): 1,
    }


def sold(sku: str, price: int, times: int = 1, **more: Any) -> Batch:
    line = {"sku": sku, "list_price": price, **more}
    return batch_of(*[transaction(lines=[line]) for _ in range(times)])


def of_days(*days: Batch) -> dict[tuple[int, str], int]:
    """Return (days before today, bin) -> rows."""
    prices = [
        day_prices(batch).with_columns(day=pl.lit(TODAY - timedelta(days=len(days) - 1 - place)))
        for place, batch in enumerate(days)
    ]
    found = price_counts(pl.concat(prices), TODAY)
    assert set(found["feature"]) <= {"prices"}
    rows = found.iter_rows(named=True)
    return {((TODAY - row["day"]).days, row["bin"]): row["rows"] for row in rows}


def test_a_price_is_measured_against_the_most_frequent_one_before() -> None:
    """Milk cost 1.00 mostly: a tenth more is higher, a fifth more much higher, 2 % less lower."""
    before = Batch.concat([sold("milk", 10_000, 3), sold("milk", 9_000)])
    for price, bin_ in (
        (10_000, "usual"), (10_100, "usual"), (11_000, "higher"), (12_000, "much higher"),
        (9_790, "lower"), (7_900, "much lower"),
    ):  # fmt: skip
        told = of_days(before, sold("milk", price))
        assert told == {(1, "usual"): 3, (1, "lower"): 1, (0, bin_): 1}


def test_an_item_that_was_not_sold_before_has_no_usual_price() -> None:
    assert of_days(sold("milk", 10_000), sold("bread", 30_000)) == {(1, "usual"): 1}


def test_returns_deposits_and_free_items_have_no_price() -> None:
    free = sold("milk", 0)
    deposit = sold("bottle", 2_500, kind="deposit")
    returned = batch_of(
        transaction(type="return", lines=[{"sku": "milk", "list_price": 9, "kind": "return"}])
    )
    assert day_prices(Batch.concat([free, deposit, returned])).is_empty()


def test_the_columns_asked_for_are_enough() -> None:
    whole = batch_of(
        transaction(tenders=[{"type": "cash"}], lines=[{"sku": "milk", "list_price": 9_000}])
    )
    few = Batch(**{part: getattr(whole, part).select(columns)
                   for part, columns in PROFILE_COLUMNS.items()})  # fmt: skip
    assert day_counts(few).sort("feature", "bin").equals(day_counts(whole).sort("feature", "bin"))
    assert day_prices(few).equals(day_prices(whole))


def test_a_day_without_receipts_has_no_counts() -> None:
    assert day_counts(Batch.empty()).is_empty()
    assert day_prices(Batch.empty()).is_empty()
