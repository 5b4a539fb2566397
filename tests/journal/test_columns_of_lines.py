"""Lines that are plainly written make the same columns with records and without."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.intake.block import Block
from shrinkwatch.intake.contract_lines import read, read_columns
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.journal.columns import ColumnMaker
from shrinkwatch.journal.places import Places
from shrinkwatch.records.batch import PARTS
from shrinkwatch.records.transaction import Line, Transaction

KEY = TokenKey(bytes(32))
PLACES = [Places(), Places(zones={"7": "Europe/Berlin"}, time_zone="America/New_York")]

TIMES = ["2026-03-29T02:30:00", "2026-10-25T02:30:00.25", "2026-03-29T02:31:00Z"]
TIMES += ["2026-03-30T00:00:00.123456-05:30"]
ODD = [
    None,
    "XXY",
    "é",
    "",
    " x",
    "k" * 61,
    "4111111111111111",
    1e9,
    "1e3",
    "NaN",
    0.30000000000000004,
    -1,
    {},
]
ODD += [
    "1999-12-31T23:59:59Z",
    "2026-03-29 02:30",
    "2026-02-30",
    2**40,
    1.0,
    True,
    [],
    "\x00",
    [{}],
]

NEVER_NULL = {"voided", "change", "training", "tax_included", "status"}
NEVER_NULL |= {"lines", "tenders", "events", "price_changes"}

words = st.sampled_from(["tea", "T1", "é", "7", "8", 'q"uote', "back\\slash"])
keys = st.sampled_from(["T1", "7", "8"])
amounts = st.sampled_from([0, -1, 2.5, "12.50", 0.005, -0.0, 999999999.125]) | st.decimals(
    -9999, 9999, places=2
).map(float)
times = st.sampled_from(TIMES)
dates = st.sampled_from(["2026-03-28", "2024-02-29"])
counts = st.sampled_from([0, 1, 7, 123456789])
flags = st.booleans()


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of these fields, a null now and then, and a field that nobody knows."""
    optional = {
        name: values if name in NEVER_NULL else st.none() | values
        for name, values in fields.items()
    }
    return st.fixed_dictionaries({}, optional=optional | {"mood": st.sampled_from(["x", 1, None])})


originals = some(
    store_id=keys, register_id=keys, business_date=dates, sequence=counts, transaction_id=keys
)


def among(*texts: str) -> st.SearchStrategy[str]:
    return st.sampled_from(texts)


def with_all(
    whole: dict[str, st.SearchStrategy[Any]], more: st.SearchStrategy[dict[str, Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda given, rest: given | rest, st.fixed_dictionaries(whole), more)


changes = with_all(
    {"type": among("coupon", "override"), "amount": amounts},
    some(code=words, reason=words, approver_id=words),
)
lines = with_all(
    {
        "line": st.integers(1, 9),
        "kind": among("item", "return"),
        "sku": words,
        "quantity": amounts,
        "list_price": amounts,
        "extended": amounts,
    },
    some(
        description=words,
        weight=amounts,
        entry=among("scan", "key"),
        unit_cost=amounts,
        voided=flags,
        at=times,
        void_at=times,
        original=originals,
        price_changes=st.lists(changes, max_size=2),
    ),
)
tenders = with_all(
    {"type": among("cash", "credit"), "amount": amounts},
    some(change=flags, voided=flags, card_token=words, entry=words),
)
receipts = with_all(
    {
        "source": among("till", "hq"),
        "store_id": among("7", "8"),
        "type": among("sale", "void", "no_sale"),
        "currency": among("EUR", "JPY"),
        "transaction_id": among("T1", "T2"),
        "ended_at": times,
    },
    some(
        register_id=keys,
        business_date=dates,
        sequence=counts,
        revision=counts,
        status=among("completed", "resumed"),
        training=flags,
        began_at=times,
        arrived_at=times,
        updated_at=times,
        operator_id=words,
        loyalty_id=words,
        channel=words,
        net=amounts,
        tax=amounts,
        tax_included=flags,
        original=originals,
        receipt_reprints=counts,
        price_changes=st.lists(changes, max_size=2),
        lines=st.lists(lines, max_size=3),
        tenders=st.lists(tenders, max_size=2),
        events=st.lists(with_all({"type": among("lock", "assist")}, some(at=times)), max_size=2),
    ),
)


def are_the_same(raw: bytes, places: Places) -> bool:
    """Check that columns without records, where there are any, are those of the records."""
    block = Block(raw, "f")
    found = read_columns(block, KEY)
    if found is None:
        return False
    batch = ColumnMaker(places).batch_of_lines(found)
    seen = read(block, KEY)
    of_records, refused = ColumnMaker(places).batch(seen.transactions)
    assert (batch is None) == bool(refused or seen.rejects)
    assert seen.unknown_fields == found.unknown_fields
    if batch is not None:
        for part in PARTS:
            mine, theirs = getattr(batch, part), getattr(of_records, part)
            assert mine.schema == theirs.schema
            assert mine.equals(theirs), part
    return batch is not None


spoilt = st.dictionaries(
    st.sampled_from([*Transaction.__struct_fields__, *Line.__struct_fields__]),
    st.sampled_from(ODD),
    max_size=1,
)


@settings(max_examples=150)
@given(
    st.lists(st.builds(dict.__or__, receipts, spoilt), min_size=1, max_size=3),
    st.sampled_from([*PLACES, PLACES[1], PLACES[1]]),
    st.booleans(),
)
def test_whatever_records_say(records, places, is_ascii):
    lines = (json.dumps(record, ensure_ascii=is_ascii) for record in records)
    are_the_same("\n".join(lines).encode(), places)


PLAIN = {
    "source": "till",
    "store_id": "7",
    "type": "return",
    "currency": "EUR",
    "began_at": "2026-03-29T02:30:00.5",
    "ended_at": "2026-03-29T03:31:00+02:00",
    "transaction_id": "T1",
    "register_id": "2",
    "business_date": "2026-03-28",
    "sequence": 12,
    "training": True,
    "operator_id": "é",
    "net": "-12.50",
    "original": {"store_id": "8", "business_date": "2024-02-29", "sequence": 3},
    "price_changes": [{"type": "coupon", "amount": -1}],
    "lines": [
        {
            "line": 1,
            "kind": "return",
            "sku": "tea",
            "quantity": -1,
            "list_price": 12.505,
            "extended": -12.5,
            "at": "2026-03-29T02:30:10",
            "original": {"transaction_id": "T0"},
            "price_changes": [{"type": "override", "amount": "-0.10"}],
        },
        {"line": 2, "kind": "item", "sku": "", "quantity": 1, "list_price": 1, "extended": 1},
    ],
    "tenders": [{"type": "cash", "amount": -12.5, "change": False, "card_token": "tok"}],
    "events": [{"type": "override", "at": "2026-03-29T02:30:00", "reason": None}],
    "mood": "x",
}
WHOLE = json.dumps(PLAIN, ensure_ascii=False).encode()
PIECES = [b"", b"\n", b"\\", b'"', b",", b":", b"{", b"}", b"[", b"]", b"0", b"-", b".", b"e", b" "]
PIECES += [
    b"null",
    b"\xff",
    b"\x00",
    b'"net": 1, ',
    b'"line": 3, ',
    b"{}",
    b'\\"',
    b"\\u0041",
    b"9",
]


@pytest.mark.parametrize("places", PLACES)
def test_a_record_with_all_that_is_plain(places):
    assert are_the_same(WHOLE, places) == (places == PLACES[1])


@settings(max_examples=400)
@given(
    st.integers(0, len(WHOLE)), st.integers(0, 3), st.sampled_from(PIECES) | st.binary(max_size=2)
)
def test_whatever_becomes_of_a_line(at, cut, piece):
    broken = WHOLE[:at] + piece + WHOLE[at + cut :]
    are_the_same(WHOLE + b"\n" + broken, PLACES[1])
