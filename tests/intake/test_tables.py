import gzip
from datetime import UTC, date, datetime, time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.intake.cells import read_sheet
from shrinkwatch.intake.headers import REQUIRED
from shrinkwatch.intake.mapping import load_mapping
from shrinkwatch.intake.tables import Nowhere, ReadTable, read_table, table_of
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.tables import TABLE_COLUMNS, TableKind

KEY = TokenKey(bytes(32))
PLACES = Nowhere({"S1": "Europe/Berlin"}, {"S1": "EUR", "S2": "JPY"})


def read(kind: TableKind, text: str) -> ReadTable:
    return table_of(read_sheet(text.encode()), kind, KEY, PLACES, "file.csv")


@pytest.mark.parametrize("kind", TABLE_COLUMNS)
def test_every_table_has_exactly_its_columns_and_types(kind: TableKind) -> None:
    text = ",".join(REQUIRED[kind]) + "\n"
    assert dict(read(kind, text).frame.schema) == TABLE_COLUMNS[kind]


def test_stores_keep_further_numbers_and_count_further_texts() -> None:
    found = read(
        "stores",
        "Store ID,timezone,currency,opens,closes,income,remark\n"
        "S1,Europe/Berlin,EUR,8:00,20:00,3.5,x\nS2,Asia/Tokyo,JPY,,,,\n",
    )
    assert found.frame["income"].to_list() == [3.5, None]
    assert found.frame["opens"].to_list() == [time(8), None]
    assert found.unknown_fields == {"remark": 1}


def test_bad_rows_are_rejected_one_by_one_and_the_rest_is_kept() -> None:
    found = read(
        "stores",
        "store_id,time_zone,currency\n,Europe/Berlin,EUR\nS2,Middle/Earth,EUR\n"
        "S3,Asia/Tokyo,yen\nS4,Asia/Tokyo,JPY\nS5,a,b,c\n",
    )
    assert found.frame["store_id"].to_list() == ["S4"]
    assert [(r.place, r.sentence) for r in found.rejects] == [
        (5, "4 cells where the header has 3"),
        (1, "store_id is missing"),
        (2, "time_zone cannot be Middle/Earth: write an IANA name, as Europe/London"),
        (3, "currency cannot be yen: write an ISO 4217 code, as EUR"),
    ]
    assert found.rejects[2].raw == b"S2,Middle/Earth,EUR"


def test_operators_are_persons_unless_said_otherwise() -> None:
    found = read(
        "operators", "store_id,operator_id,virtual,hired_on\nS1,1,yes,2026-01-02\nS1,2,,\n"
    )
    assert found.frame["virtual"].to_list() == [True, False]
    assert found.frame["hired_on"].to_list() == [date(2026, 1, 2), None]


def test_money_is_minor_units_of_the_stores_currency_and_prices_are_ten_thousandths() -> None:
    header = ",".join(REQUIRED["till_sessions"])
    row = "R1,2026-01-01,2026-01-01T08:00Z,2026-01-01T18:00Z,100,250.5,249"
    found = read("till_sessions", f"{header}\n1,S1,{row}\n2,S2,{row}\n").frame
    assert found["expected_minor"].to_list() == [25050, 250]
    items = read("items", "sku,description,unit_cost\nA,x,1.2345\n").frame
    assert items["unit_cost"].to_list() == [12345]


def test_local_times_are_read_in_the_zone_of_their_store() -> None:
    found = read(
        "shifts",
        "store_id,operator_id,clock_in,clock_out\nS1,1,2026-07-01 08:00,2026-07-01T16:00:00+02:00\n"
        "S9,1,2026-07-01 08:00,\n",
    )
    assert found.frame.row(0)[2:] == (
        datetime(2026, 7, 1, 6, tzinfo=UTC),
        datetime(2026, 7, 1, 14, tzinfo=UTC),
    )
    assert "time zone" in found.rejects[0].sentence


def test_rows_without_an_id_are_known_again_by_content_and_occurrence() -> None:
    text = "store_id,sku,at,kind,quantity\n" + "S1,a,2026-01-01,Write-off,-2\n" * 2
    first, again = read("stock_moves", text).frame, read("stock_moves", text).frame
    assert first["row_id"].n_unique() == 2
    assert first.equals(again)
    assert first["kind"].to_list() == ["write_off"] * 2


def test_labels_name_an_alert_a_transaction_or_a_subject() -> None:
    found = read(
        "labels",
        "at,by,outcome,loss,alert_id,source,store_id,transaction_id,subject_type,subject_id,from,to\n"
        "2026-01-01T10:00Z,bob,theft,10.50,abc,,,,,,,\n"
        "2026-01-01T10:00Z,bob,Training need,,,pos,S1,T1,,,,\n"
        "2026-01-01T10:00Z,bob,legitimate,,,,S1,,operator,17,2026-01-01,2026-01-08\n"
        "2026-01-01T10:00Z,bob,theft,,,,S1,,,,,\n"
        "2026-01-01T10:00Z,bob,guilty,,abc,,,,,,,\n",
    )
    assert found.frame["loss_minor"].to_list() == [1050, None, None]
    assert found.frame["transaction_store_id"].to_list() == [None, "S1", None]
    assert found.frame["from"].to_list()[2] == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert [r.place for r in found.rejects] == [4, 5]


def test_a_missing_column_is_one_reject_that_names_it() -> None:
    (reject,) = read("shifts", "store_id,clock_in\nS1,2026-01-01\n").rejects
    assert "operator_id" in reject.sentence


def test_card_numbers_in_cells_are_taken_out_but_not_from_goods() -> None:
    found = read("items", "sku,description\n4111111111111111,by 4111-1111-1111-1111\n")
    assert found.frame.row(0)[:2] == ("4111111111111111", "by [removed]")


def test_packed_files_are_read_and_broken_ones_keep_what_came_before(tmp_path: Path) -> None:
    packed = gzip.compress(b"sku,description\n" + b"".join(b"A%d,x\n" % i for i in range(9999)))
    whole, half = tmp_path / "a.bin", tmp_path / "b.bin"
    whole.write_bytes(packed)
    half.write_bytes(packed[: len(packed) // 2])
    assert read_table(whole, "items", KEY).frame.height == 9999
    found = read_table(half, "items", KEY)
    assert 0 < found.frame.height < 9999
    assert any("breaks off" in reject.sentence for reject in found.rejects)


def test_zero_price_rows_of_online_retail_are_stock_moves(shared_data: Path) -> None:
    """1,478 rows have UnitPrice 0; counted with DuckDB."""
    path = shared_data / "online_retail" / "online_retail_2010-12_2011-06.parquet"
    mapping = load_mapping(Path("online_retail"))
    places = Nowhere(time_zone="Europe/London")
    found = read_table(path, "stock_moves", KEY, places, mapping=mapping)
    assert (found.frame.height, found.rejects) == (1478, [])
    assert found.frame.filter(pl.col("reason") == "damages").height == 16


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text('S1,"\n2026-:Zé€', max_size=40)), st.sampled_from(list(TABLE_COLUMNS)))
def test_any_rows_are_read_or_rejected(lines: list[str], kind: TableKind) -> None:
    text = ",".join(REQUIRED[kind]) + "\n" + "\n".join(lines)
    found = read(kind, text)
    assert set(found.frame.columns) >= set(TABLE_COLUMNS[kind])
