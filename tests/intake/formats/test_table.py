import io
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.intake.block import ReadBlock
from shrinkwatch.intake.contract_lines import read
from shrinkwatch.intake.formats import table
from shrinkwatch.intake.mapping import BadMapping, Mapping, load_mapping, parse_mapping
from shrinkwatch.intake.read import blocks
from shrinkwatch.intake.token_key import TokenKey

KEY = TokenKey(bytes(32))
TOML = """
receipt = ["shop", "no"]
time_zone = "Europe/Berlin"
[file]
separator = ";"
decimal = ","
numbers = ["qty", "price", "off"]
empty = ["-"]
[transaction]
source = { value = "csv" }
store_id = { column = "shop" }
transaction_id = { sql = "shop || '/' || no" }
currency = { value = "EUR" }
ended_at = { column = "at", formats = ["%d.%m.%Y %H:%M"] }
customer_id = { column = "card" }
[line]
sku = { column = "article" }
quantity = { column = "qty" }
list_price = { column = "price" }
[[price_change]]
type = "coupon"
amount = { sql = "-off" }
[tender]
type = { sql = "CASE pay WHEN 'Bar' THEN 'cash' ELSE 'other' END" }
[[skip]]
when = "article = 'NOTE'"
reason = "a remark"
"""
HEADER = "shop;no;at;card;article;qty;price;off;pay\n"
ROWS = (
    "1;7;02.03.2026 10:15;-;A;2;1.234,50;0,50;Bar\n"
    "1;7;02.03.2026 10:15;-;NOTE;1;0;0;Bar\n"
    "2;7;02.03.2026 10:16;4111111111111111;B;1;5,00;0;EC\n"
    "1;7;02.03.2026 10:15;-;B;-1;5,00;0;Bar\n"
)


def load(text: str, toml: str = TOML) -> ReadBlock:
    return together(parse_mapping(toml, "m"), text.encode())


def together(mapping: Mapping, raw: bytes) -> ReadBlock:
    whole = ReadBlock()
    for block in table.blocks(io.BytesIO(raw), "f.csv", mapping):
        part = read(block, KEY)
        whole.transactions += part.transactions
        whole.rejects += part.rejects
        whole.skipped |= part.skipped
    return whole


def test_rows_of_one_key_are_one_receipt_wherever_they_stand() -> None:
    first, second = load(HEADER + ROWS).transactions
    assert (first.transaction_id, second.transaction_id) == ("1/7", "2/7")
    assert [(ln.line, ln.sku, ln.kind) for ln in first.lines] == [
        (1, "A", "item"),
        (2, "B", "return"),
    ]


def test_amounts_are_exact_and_missing_ones_are_worked_out() -> None:
    """2 × 1,234.50 − 0.50 = 2,468.50; minus 5.00 returned: 2,463.50."""
    first = load(HEADER + ROWS).transactions[0]
    assert first.lines[0].list_price == Decimal("1234.50")
    assert first.lines[0].extended == Decimal("2468.5")
    assert [(c.type, c.amount) for c in first.lines[0].price_changes] == [
        ("coupon", Decimal("-0.5"))
    ]
    assert first.lines[1].price_changes == ()
    assert (first.net, first.type) == (Decimal("2463.5"), "exchange")
    assert [(t.type, t.amount) for t in first.tenders] == [("cash", Decimal("2463.5"))]


def test_times_stay_local_and_empty_means_not_known() -> None:
    first, second = load(HEADER + ROWS).transactions
    assert str(first.ended_at) == "2026-03-02 10:15:00"
    assert first.customer_id is None
    assert second.customer_id == KEY.token("4111111111111111")


def test_skipped_rows_are_counted_by_their_reason() -> None:
    assert load(HEADER + ROWS).skipped == {"a remark": 1}


@pytest.mark.parametrize(
    "bad",
    ["1;8;02.03.2026;-;A;1;1,0;0;Bar", "1;8;02.03.2026 10:00;-;A;x;1,0;0;Bar", "1;8;;-;A;1;1;0;"],
)
def test_a_bad_row_costs_its_receipt_alone_and_is_kept(bad: str) -> None:
    found = load(HEADER + ROWS + bad + "\n")
    assert len(found.transactions) == 2
    assert [(r.place, r.raw.decode()) for r in found.rejects] == [(5, bad.replace(",", "."))] or [
        (r.place) for r in found.rejects
    ] == [5]


def test_rows_without_their_key_are_not_put_together() -> None:
    row = ";;02.03.2026 10:15;-;A;1;1,0;0;Bar\n"
    found = load(HEADER + row + row)
    assert [r.reason for r in found.rejects] == ["missing_field"] * 2


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (('"article" }', '"artikel" }'), "artikel"),
        (("shop || '/' || no", "shop ||"), "shop"),
        (("article = 'NOTE'", "article"), "no condition"),
    ],
)
def test_a_mapping_that_does_not_fit_says_where(change: tuple[str, str], named: str) -> None:
    with pytest.raises(BadMapping, match=named):
        load(HEADER + ROWS, TOML.replace(*change))


def test_a_column_can_be_added_up_over_the_receipt() -> None:
    toml = TOML.replace("[line]", 'tax = { sum = "price" }\n[line]')
    assert load(HEADER + ROWS, toml).transactions[0].tax == Decimal("1239.5")


def _whole_file(name: str, path: Path) -> ReadBlock:
    mapping = load_mapping(Path(name))
    whole = ReadBlock()
    for block in blocks(path, mapping=mapping):
        part = read(block, KEY)
        whole.transactions += part.transactions
        whole.rejects += part.rejects
        whole.skipped |= part.skipped
    return whole


def test_online_retail_reads_as_duckdb_counts_it(shared_data: Path) -> None:
    """Counted with DuckDB: 245,903 rows, 1,478 at price 0; 11,665 other invoices, 2,006 with C."""
    found = _whole_file(
        "online_retail", shared_data / "online_retail" / "online_retail_2010-12_2011-06.parquet"
    )
    assert found.rejects == []
    assert sum(found.skipped.values()) == 1478
    assert sum(len(t.lines) for t in found.transactions) == 245_903 - 1478
    assert Counter(t.type for t in found.transactions) == {"sale": 9659, "return": 2006}
    (monster,) = (t for t in found.transactions if t.transaction_id == "C541433")
    assert (monster.customer_id, monster.lines[0].quantity) == ("12346", -74215)
    assert monster.net == Decimal("-77183.60")
    postage = {ln.kind for t in found.transactions for ln in t.lines if ln.sku in ("POST", "M")}
    assert postage == {"fee"}


def test_coffee_shop_rejects_its_eight_damaged_receipts_and_no_other(shared_data: Path) -> None:
    """Damaged cells were found by eye: dates 01/04/2019a and x01/04/2019, prices 3b3, a3x, a3 …"""
    found = _whole_file("coffee_shop", shared_data / "coffee_shop" / "sales_receipts_201904.csv.gz")
    assert len(found.rejects) == 8
    assert sum(len(t.lines) for t in found.transactions) == 49_894 - 8
    keys = {(t.store_id, t.transaction_id) for t in found.transactions}
    assert len(keys) == len(found.transactions)
    assert "12" in {t.operator_id for t in found.transactions}
    assert "0" not in {t.customer_id for t in found.transactions}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text('1;,.-"\nA', max_size=80).map(str.encode))
def test_any_rows_end_as_receipts_or_rejects(raw: bytes) -> None:
    together(parse_mapping(TOML, "m"), HEADER.encode() + raw)
