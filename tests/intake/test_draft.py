from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from shrinkwatch.intake.draft import Draft, NoReceipts, draft
from shrinkwatch.intake.mapping import Mapping, parse_mapping
from shrinkwatch.intake.token_key import TokenKey

KEY = TokenKey(bytes(32))
EUROPEAN = """Filiale;Kasse;Bon-Nr;Datum;Uhrzeit;Kassierer;Artikel-Nr;Menge;Preis;Betrag;Zahlart
12;1;1001;02.03.2026;09:15;77;4006381333931;2;1,99;3,98;Bar
12;1;1001;02.03.2026;09:15;77;4006381333948;1;1.234,50;1.234,50;Bar
12;2;1002;13.03.2026;10:15;78;4006381333931;-1;1,99;-1,99;EC-Karte
"""


def drafted(path: Path) -> tuple[Draft, Mapping]:
    found = draft(path, KEY)
    return found, parse_mapping(found.toml, "draft")


def asked(found: Draft, *words: str) -> None:
    for word in words:
        assert any(word in question for question in found.questions), word


def test_a_semicolon_file_with_decimal_commas_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "kasse.csv"
    path.write_text(EUROPEAN)
    found, mapping = drafted(path)
    assert (mapping.file.separator, mapping.file.decimal) == (";", ",")
    sale, back = found.receipts
    assert (sale.store_id, sale.register_id, sale.operator_id) == ("12", "1", "77")
    assert (sale.net, str(sale.ended_at)) == (Decimal("1238.48"), "2026-03-02 09:15:00")
    assert (back.type, back.net) == ("return", Decimal("-1.99"))
    assert [t.type for t in sale.tenders + back.tenders] == ["cash", "debit"]
    asked(found, "time zone", "currency", "returns", "Zahlart")
    assert not any("shipped" in question for question in found.questions)


def test_online_retail_is_understood(shared_data: Path) -> None:
    path = shared_data / "online_retail" / "online_retail_2010-12_2011-06.parquet"
    found, mapping = drafted(path)
    assert mapping.receipt == ("InvoiceNo",)
    assert {t.type for t in found.receipts} == {"sale", "return"}
    assert len(found.receipts) == 10
    asked(
        found,
        "shipped mapping online_retail fits",
        "begin with C",
        "POST",
        "no store",
        "price of 0",
        "time zone",
    )


def test_coffee_shop_numbers_begin_anew_in_every_outlet_on_every_day(shared_data: Path) -> None:
    found, mapping = drafted(shared_data / "coffee_shop" / "sales_receipts_201904.csv.gz")
    assert mapping.receipt == ("sales_outlet_id", "transaction_date", "transaction_id")
    assert found.receipts[0].operator_id == "12"
    assert mapping.line["sku"].column == "product_id"
    asked(found, "customer_id is often 0", "No quantity is negative")


def test_complete_journey_discounts_become_price_changes(shared_data: Path) -> None:
    found, mapping = drafted(shared_data / "complete_journey" / "transactions_sample.csv.gz")
    assert [change.type for change in mapping.price_change] == ["promotion", "coupon", "coupon"]
    line = found.receipts[0].lines[0]
    assert line.price_changes[0].amount == Decimal("-0.43")
    assert line.extended == line.list_price * line.quantity + line.price_changes[0].amount


def test_a_file_without_goods_or_prices_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for text in ("name,age\nx,1\n", "sku,name\nA,x\n", ""):
        path.write_text(text)
        with pytest.raises(NoReceipts):
            draft(path, KEY)


def test_day_or_month_first_is_asked_only_where_it_is_unsure(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    header = "receipt_id,date,sku,price\n"
    path.write_text(header + "1,02/03/2026,A,1.50\n")
    asked(draft(path, KEY), "day or the month")
    path.write_text(header + "1,02/03/2026,A,1.50\n2,02/28/2026,A,1.50\n")
    found = draft(path, KEY)
    assert not any("month" in question for question in found.questions)
    assert "%m/%d/%Y" in found.toml


@pytest.mark.parametrize(
    ("header", "text", "expected"),
    [
        ("time", "2026-03-14T09:00:00Z", "2026-03-14T09:00:00+00:00"),
        ("sold", "2026-03-14 09:00+0100", "2026-03-14T08:00:00+00:00"),
        ("date", "03/14/2026 9:05 PM", "2026-03-14T21:05:00"),
        ("date", "14/03/26", "2026-03-14T00:00:00"),
        ("Zeit", "14.03.2026 10:00:00", "2026-03-14T10:00:00"),
        ("Kassenschluss", "14.03.26 10:00", "2026-03-14T10:00:00"),
        ("Datum,Zeit", "14.03.2026,10:00", "2026-03-14T10:00:00"),
        ("date,time", "03/14/2026,9:05 PM", "2026-03-14T21:05:00"),
    ],
)
def test_times_are_found_as_people_write_them(
    tmp_path: Path, header: str, text: str, expected: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"receipt_id,sku,price,{header}\n1,A,1.50,{text}\n")
    ended_at = draft(path, KEY).receipts[0].ended_at
    assert ended_at is not None
    assert ended_at == datetime.fromisoformat(expected)


def test_a_file_without_times_is_drafted_without_an_invented_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("receipt_id,sku,price\n1,A,1.50\n")
    found = draft(path, KEY)
    asked(found, "No column seems to hold the time")
    assert found.receipts == []
    assert [reject.reason for reject in found.rejects] == ["missing_field"]


def test_a_column_may_be_called_as_the_parts_of_a_receipt_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("receipt,date,lines,sku,price\n1,2026-03-14,2,A,1.50\n1,2026-03-14,2,B,2\n")
    (found,) = draft(path, KEY).receipts
    assert [line.sku for line in found.lines] == ["A", "B"]
