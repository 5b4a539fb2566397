import pytest

from shrinkwatch.intake.headers import contract_names, table_kind
from shrinkwatch.records.tables import TABLE_COLUMNS


@pytest.mark.parametrize("kind", TABLE_COLUMNS)
def test_the_contracts_own_header_is_recognised(kind: str) -> None:
    assert table_kind([name.removesuffix("_minor") for name in TABLE_COLUMNS[kind]]) == kind


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Store No;Time Zone", "stores"),
        ("store_id;register_id;lane_type", "registers"),
        ("StoreID;Cashier;Role", "operators"),
        ("EAN;Description;Cost", "items"),
        ("store_id;date;rain_mm;visitors", "store_days"),
        ("store_id;sku;at;kind;quantity", "stock_moves"),
    ],
)
def test_usual_spellings_are_recognised(header: str, kind: str) -> None:
    assert table_kind(header.split(";")) == kind


@pytest.mark.parametrize(
    "header",
    [
        "InvoiceNo;StockCode;Description;Quantity;InvoiceDate;UnitPrice;CustomerID;Country",
        "transaction_id;transaction_date;sales_outlet_id;staff_id;product_id;quantity",
        "household_id;store_id;basket_id;product_id;quantity;sales_value",
        "coupon_upc;product_id;campaign_id",
        "a;b",
    ],
)
def test_receipts_and_strangers_are_no_table_of_the_contract(header: str) -> None:
    assert table_kind(header.split(";")) is None


def test_the_contracts_name_wins_over_a_spelling_of_it() -> None:
    assert contract_names(["store", "store_id"]) == {"store_id": "store_id"}
    assert contract_names(["Name", "name"]) == {"name": "name"}
