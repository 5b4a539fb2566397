import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from shrinkwatch.intake.contract_lines import read
from shrinkwatch.intake.formats.poslog import blocks
from shrinkwatch.intake.read import blocks as blocks_of_file
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.transaction import Transaction

Growth = Callable[[Callable[[bytes], object], bytes, bytes], float]
KEY = TokenKey(bytes(32))
GOOD = """<Transaction><RetailStoreID>1</RetailStoreID><WorkstationID>2</WorkstationID>
<SequenceNumber>{}</SequenceNumber><BeginDateTime>2026-03-02T10:00:00Z</BeginDateTime>
<ControlTransaction><SignOn/></ControlTransaction></Transaction>"""


def read_all(raw: bytes) -> tuple[list[Transaction], list[Rejected]]:
    transactions: list[Transaction] = []
    rejects: list[Rejected] = []
    for block in blocks(io.BytesIO(raw), "till.xml"):
        found = read(block, KEY)
        transactions += found.transactions
        rejects += found.rejects
    return transactions, rejects


def test_the_supermarkets_message_reads_as_its_receipt_says(shared_data: Path) -> None:
    """Expected numbers: read off the XML by hand."""
    (block,) = blocks_of_file(shared_data / "poslog" / "retalix_r10_v6.xml")
    (found,) = read(block, KEY).transactions
    assert (found.store_id, found.register_id, found.sequence) == ("0610", "140", 451)
    assert (found.transaction_id, found.operator_id) == ("119EKZ37QD", "0610-9009")
    assert (found.net, found.tax, found.tax_included) == (Decimal("6.57"), Decimal("0.66"), True)
    assert [line.sku for line in found.lines] == ["48", "123", "321"]
    assert found.lines[1].weight == Decimal("0.127")
    assert str(found.totaled_at) == "2016-08-22 15:21:52.697168+01:00"
    assert [(t.type, t.amount) for t in found.tenders] == [("cash", Decimal("6.57"))]


@pytest.mark.parametrize(
    "bad",
    [
        "<Transaction><SequenceNumber>1</Transaction>",
        "<Transaction><A>&nobody;</A></Transaction>",
        "<Transaction>" + "<a>" * 5000 + "</a>" * 5000 + "</Transaction>",
        "<Transaction/>",
        "<Transaction><SequenceNumber>1</SequenceNumber>",
    ],
    ids=["mismatched", "entity", "deep", "empty", "unended"],
)
def test_a_broken_transaction_costs_only_itself(bad: str) -> None:
    raw = f"<POSLog>{GOOD.format(1)}{bad}{GOOD.format(3)}</POSLog>".encode()
    transactions, rejects = read_all(raw)
    assert [t.sequence for t in transactions] == [1, 3]
    assert len(rejects) == 1


def test_a_transaction_in_a_comment_or_in_cdata_is_none() -> None:
    raw = f"<POSLog><!-- {GOOD.format(1)} --><![CDATA[{GOOD.format(2)}]]>{GOOD.format(3)}</POSLog>"
    transactions, rejects = read_all(raw.encode())
    assert [t.sequence for t in transactions] == [3]
    assert rejects == []


def test_utf_16_and_latin_1_documents_are_read_as_they_declare() -> None:
    head = '<?xml version="1.0" encoding="{}"?><POSLog>'
    for codec in ("utf-16", "iso-8859-1"):
        raw = (head.format(codec) + GOOD.format("7") + "<!-- ü --></POSLog>").encode(codec)
        assert [t.sequence for t in read_all(raw)[0]] == [7]


def _laughs(levels: int) -> str:
    doctype = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, levels + 1))
    receipt = GOOD.format(f"&l{levels};")
    return f'<!DOCTYPE x [<!ENTITY l0 "ha">{doctype}]><POSLog>{receipt}</POSLog>'


ATTACKS: dict[str, Callable[[int], str]] = {
    "billion laughs": lambda times: _laughs(3 + times),
    "quadratic": lambda times: (
        f'<!DOCTYPE x [<!ENTITY a "{"a" * 3_000 * times}">]><POSLog>'
        + GOOD.format("&a;" * 1_250 * times)
        + "</POSLog>"
    ),
    "external": lambda times: (
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><POSLog>'
        + GOOD.format("&f;" * times)
        + "</POSLog>"
    ),
    "open comments": lambda times: "<POSLog><Transaction>" + "<!--" * 20_000 * times,
    "open tags": lambda times: "<POSLog>" + "<Transaction a='" * 12_500 * times,
    "nested": lambda times: "<POSLog>" + "<Transaction>" * 1_250 * times,
    "attributes": lambda times: "<POSLog><Transaction " + "a='1' " * 20_000 * times + "/></POSLog>",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_sixteen_times_as_large_is_rejected_in_less_than_half_of_its_square(
    attack: Callable[[int], str], growth: Growth
) -> None:
    """What is guarded against grows with the square, or by ten with each level of laughs."""

    def rejected(raw: bytes) -> None:
        transactions, rejects = read_all(raw)
        assert transactions == []
        assert rejects

    assert growth(rejected, attack(1).encode(), attack(16).encode()) < 128
