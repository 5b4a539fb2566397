import json
from decimal import Decimal
from typing import Any

import pytest

from shrinkwatch.intake.block import LONGEST_RECORD, Block
from shrinkwatch.intake.contract_lines import read, read_record
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.transaction import Transaction

KEY = TokenKey(bytes(32))
SALE: dict[str, Any] = {
    "source": "pos",
    "store_id": "S1",
    "register_id": "R1",
    "sequence": 7,
    "type": "sale",
    "currency": "EUR",
    "ended_at": "2026-03-04T12:00:00+01:00",
    "net": "12.50",
    "lines": [
        {
            "line": 1,
            "kind": "item",
            "sku": "4006381333931",
            "quantity": 1,
            "list_price": 12.5,
            "extended": "12.50",
        }
    ],
    "tenders": [
        {"type": "cash", "amount": "20.00"},
        {"type": "cash", "amount": -7.50, "change": True},
    ],
}


def line(**changes: Any) -> bytes:
    record = SALE | changes
    return json.dumps({k: v for k, v in record.items() if v != "absent"}).encode()


def test_a_sale_reads_as_the_contract_says() -> None:
    """The worked example of the contract."""
    found = read_record(line())
    assert isinstance(found, Transaction)
    assert found.net == Decimal("12.50")
    assert found.lines[0].list_price == Decimal("12.5")
    assert [t.amount for t in found.tenders] == [Decimal("20.00"), Decimal("-7.50")]
    assert found.status == "completed"


@pytest.mark.parametrize("field", ["source", "store_id", "type", "ended_at", "sequence"])
def test_a_missing_required_field_is_named(field: str) -> None:
    for record in (line(**{field: "absent"}), line(**{field: None})):
        found = read_record(record)
        assert isinstance(found, tuple)
        assert found[0] == "missing_field"
        assert field in found[1]


def test_an_empty_key_is_a_missing_one() -> None:
    for record in (line(store_id=""), line(register_id=""), line(source="")):
        found = read_record(record)
        assert isinstance(found, tuple)
        assert found[0] == "missing_field"


def test_one_of_two_times_and_one_of_two_keys_suffice() -> None:
    assert isinstance(
        read_record(line(ended_at="absent", began_at="2026-03-04T12:00:00")), Transaction
    )
    assert isinstance(
        read_record(line(register_id="absent", sequence="absent", transaction_id="T1")), Transaction
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"store_id": 12}, "wrong_type"),
        ({"sequence": "7"}, "wrong_type"),
        ({"training": "yes"}, "wrong_type"),
        ({"lines": {}}, "wrong_type"),
        ({"type": "SALE"}, "impossible_value"),
        ({"net": "NaN"}, "impossible_value"),
        ({"net": "Infinity"}, "impossible_value"),
        ({"net": "1e15"}, "impossible_value"),
        ({"net": "twelve"}, "impossible_value"),
        ({"ended_at": "yesterday"}, "impossible_value"),
        ({"ended_at": "0201-03-04T12:00:00Z"}, "impossible_value"),
        ({"business_date": "9999-01-01"}, "impossible_value"),
        ({"currency": "Euro"}, "impossible_value"),
        ({"sequence": 2**60}, "impossible_value"),
        ({"sequence": -1}, "impossible_value"),
        ({"revision": 10**30}, "impossible_value"),
        ({"transaction_id": "x" * 300}, "impossible_value"),
    ],
)
def test_an_impossible_value_is_rejected_with_its_reason(
    changes: dict[str, Any], reason: str
) -> None:
    found = read_record(line(**changes))
    assert isinstance(found, tuple)
    assert found[0] == reason
    assert len(found[1]) > 10


def test_a_fine_fraction_is_no_reason_to_reject() -> None:
    assert isinstance(read_record(line(net=0.1 + 0.2)), Transaction)


def test_a_field_with_a_default_may_be_null() -> None:
    found = read_record(line(training=None, tenders=None, tax_included=None, net=12.5))
    assert isinstance(found, Transaction)
    assert (found.training, found.tenders, found.tax_included) == (False, (), True)
    assert found.net == Decimal("12.5")


def test_a_bad_line_costs_only_itself_and_keeps_its_bytes() -> None:
    bad = [b"{", b"[]", b"null", b'{"a":"\xff"}', b'{"net":' + b"[" * 5000, line(net="NaN")]
    raw = b"\n".join(part for one in bad for part in (line(), one, b"", line()))
    found = read(Block(raw, "till.ndjson"), KEY)
    assert len(found.transactions) == 2 * len(bad)
    assert [r.raw for r in found.rejects] == bad
    assert [r.place for r in found.rejects] == [2 + 4 * i for i in range(len(bad))]
    assert {r.file for r in found.rejects} == {"till.ndjson"}
    assert found.rejects[0].raw_key == KEY.fingerprint(b"{")


def test_an_odd_value_is_caught_in_a_block_too() -> None:
    for bad in ({"net": "NaN"}, {"sequence": 10**12 * 10**12}, {"store_id": ""}, {"net": "1e15"}):
        found = read(Block(line() + b"\n" + line(**bad), "f"), KEY)
        assert (len(found.transactions), len(found.rejects)) == (1, 1)


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"[]",
        b"{",
        line(net="1e15"),
        line(ended_at="absent"),
        line(sequence="absent"),
        line(mood="x" * LONGEST_RECORD),
    ],
    ids=["blank", "no object", "broken", "odd number", "no time", "no key", "long"],
)
def test_usual_lines_are_read_at_one_go_and_others_with_them_as_one_by_one(odd: bytes) -> None:
    usual = [line(sequence=number) for number in range(5)]
    whole = read(Block(b"\n".join(usual), "f"), KEY, for_columns=True)
    assert [one.sequence for one in whole.transactions] == whole.lines == [0, 1, 2, 3, 4]
    raw = b"\n".join([*usual[:3], odd, *usual[3:]])
    quick, slow = (read(Block(raw, "f"), KEY, for_columns=quick) for quick in (True, False))
    assert [one.sequence for one in quick.transactions] == [0, 1, 2, 3, 4]
    assert (quick.lines, quick.rejects) == (slow.lines, slow.rejects)
    assert quick.lines == [0, 1, 2, 4, 5]


def test_card_numbers_are_gone_before_a_record_is_read_or_rejected() -> None:
    tender = [{"type": "credit", "amount": "12.50", "card_token": "4111 1111 1111 1111"}]
    bad = line(description="4111111111111111", net="NaN")
    found = read(Block(line(tenders=tender) + b"\n" + bad, "f"), KEY)
    assert found.transactions[0].tenders[0].card_token == KEY.token("4111111111111111")
    assert b"[removed]" in found.rejects[0].raw
    assert found.rejects[0].raw_key == KEY.fingerprint(bad)


def test_unknown_fields_are_counted_by_name_at_every_level() -> None:
    extra = [{**SALE["lines"][0], "colour": "red"}] * 3
    raw = line(lines=extra, mood={"lines": [{"colour": 1}]}) + b"\n" + line(mood=1)
    assert read(Block(raw, "f"), KEY).unknown_fields == {"lines.colour": 3, "mood": 2}


def test_a_damaged_block_is_one_reject() -> None:
    block = Block(b"rest 4111111111111111", "f", 9, damage=("too_long", "too long"))
    (reject,) = read(block, KEY).rejects
    assert (reject.reason, reject.raw, reject.place) == ("too_long", b"rest [removed]", 9)


def test_an_empty_transaction_id_is_none() -> None:
    found = read_record(line(transaction_id=""))
    assert isinstance(found, Transaction)
    assert (found.transaction_id, found.sequence) == (None, 7)


def test_files_with_a_byte_order_mark_each_may_be_put_together() -> None:
    mark = b"\xef\xbb\xbf"
    one = read(Block(line() + b"\n" + mark + line(sequence=-5) + b"\n" + mark + line(), "f"), KEY)
    assert [t.sequence for t in one.transactions] == [7, 7]
    assert [r.reason for r in one.rejects] == ["impossible_value"]
