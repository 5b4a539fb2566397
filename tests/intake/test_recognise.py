import gzip
from pathlib import Path

import pytest
import zstandard

from shrinkwatch.intake.recognise import recognise

RECORD = b'{"source": "pos", "store_id": "S1"}\n'
KINDS = {
    "ndjson": RECORD * 3,
    "json_document": b"[" + RECORD + b"," + RECORD + b"]",
    "poslog": b'<?xml version="1.0"?><n:POSLog xmlns:n="x"><n:Transaction/></n:POSLog>',
    "table": b"InvoiceNo,StockCode,Quantity\n1,A,2\n",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_a_format_is_known_by_content_packed_or_not(tmp_path: Path, kind: str, pack: type) -> None:
    path = tmp_path / "misleading.csv.xml"
    path.write_bytes(pack(KINDS[kind]))
    assert recognise(path).format == kind


def test_a_broken_first_line_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b'{"source": \n' + RECORD)
    assert recognise(path).format == "ndjson"


def test_one_object_over_many_lines_is_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b'{\n  "source": "pos"\n}\n')
    assert recognise(path).format == "json_document"


def test_a_table_of_the_contract_is_known_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("store_id;time_zone\nS1;Europe/Berlin\n")
    assert recognise(path).table == "stores"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x7fELF\0\0\0\1\2", "no text"),
        (b"Dear Sir or Madam\nhello\n", "names no columns"),
        (b"<html><body>hi</body></html>", "no POSLog"),
        (b"PAR1 broken", "cannot be read"),
        (b"[build-system]\nrequires = 1\n", "names no columns"),
    ],
)
def test_an_unknown_file_says_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    seen = recognise(path)
    assert (seen.format, seen.table) == (None, None)
    assert said in seen.sentence


def test_a_foreign_table_asks_for_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(KINDS["table"])
    assert recognise(path).needs_mapping
    assert "shrinkwatch map" in recognise(path).sentence


OBJECT = b'{"source": "pos"}'


@pytest.mark.parametrize(
    ("raw", "format_"),
    [
        (b"[\n" + OBJECT + b",\n" + OBJECT + b"\n]\n", "json_document"),
        (b'{\n  "lines": [\n    {"sku": "1"}\n  ]\n}\n', "json_document"),
        (b"\n " + OBJECT + b"\n", "ndjson"),
        (b"{broken\n" + OBJECT + b"\n", "ndjson"),
    ],
)
def test_a_line_that_is_an_object_of_another_makes_no_ndjson(
    tmp_path: Path, raw: bytes, format_: str
) -> None:
    path = tmp_path / "a"
    path.write_bytes(raw)
    assert recognise(path).format == format_
