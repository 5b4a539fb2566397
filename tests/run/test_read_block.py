"""One block of a file, read wherever there is a process for it."""

import json
import pickle

import pytest

from shrinkwatch.intake.block import Block
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.journal.payload import unpack
from shrinkwatch.journal.places import Places
from shrinkwatch.run.read_block import BlockReader, added

GOOD = {
    "source": "till",
    "store_id": "7",
    "transaction_id": "T1",
    "type": "sale",
    "ended_at": "2026-03-02T09:00:00",
    "net": "1.00",
}


KEY = TokenKey(bytes(32))


def reader(**places):
    return BlockReader(KEY, Places(**places))


def block(*records):
    raw = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    return Block(raw=raw, file="a.ndjson")


def test_what_the_till_cannot_know_comes_from_the_places():
    found = reader(time_zone="Europe/Oslo", currency="NOK").read(block(GOOD))
    assert found.rejects == []
    assert len(found.packed.index) == 1


def test_what_cannot_be_placed_is_rejected_with_its_place_and_its_bytes():
    aware = GOOD | {"transaction_id": "T0", "ended_at": "2026-03-02T09:00:00Z"}
    raw = b'{"x": 1,   "net": "abc"}\n\n' + json.dumps(aware).encode() + b"\n"
    naive = json.dumps(GOOD | {"mood": "kept as it came"}, indent=None).encode()
    found = reader(currency="NOK").read(Block(raw + naive, "a.ndjson", place=10))
    assert len(found.packed.index) == 1
    broken, unplaced = found.rejects
    assert (broken.reason, broken.place) == ("impossible_value", 10)
    assert (unplaced.reason, unplaced.file, unplaced.place) == ("missing_zone", "a.ndjson", 13)
    assert unplaced.raw == naive
    assert unplaced.raw_key == KEY.fingerprint(naive)


def test_what_cannot_be_placed_keeps_the_rows_that_it_was_made_of():
    line = json.dumps(GOOD).encode()
    made = Block(line, "a.csv", places=(7,), originals=(b"7,T1,1.00",))
    (reject,) = reader(currency="NOK").read(made).rejects
    assert (reject.reason, reject.place, reject.raw) == ("missing_zone", 7, b"7,T1,1.00")


def test_one_line_that_is_not_plain_changes_nothing_for_the_others():
    records = [GOOD | {"transaction_id": f"T{n}", "mood": n} for n in range(3)]
    odd = GOOD | {"transaction_id": "odd", "net": 1e-7, "mood": {"a": 1}}
    told = reader(time_zone="UTC", currency="EUR")
    plain, mixed = told.read(block(*records)), told.read(block(*records, odd))
    assert (plain.rejects, mixed.rejects) == ([], [])
    assert (plain.unknown_fields, mixed.unknown_fields) == ({"mood": 3}, {"mood": 4})
    assert unpack(plain.packed.payload).transactions.equals(
        unpack(mixed.packed.payload).transactions[:3]
    )


def test_a_reject_says_which_transaction_it_is_as_far_as_that_can_be_read():
    wrong = GOOD | {"net": "abc"}
    broken, unread, unplaced = (
        reader(currency="NOK").read(block(wrong, {"source": "till"}, GOOD)).rejects
    )
    accepted = reader(currency="NOK", time_zone="Europe/Oslo").read(block(GOOD))
    (key,) = accepted.packed.index.tx_key.view("uint64").tolist()
    assert (broken.tx_key, unread.tx_key, unplaced.tx_key) == (key, None, key)


@pytest.mark.parametrize(
    ("field", "value"),
    [("currency", "eur"), ("currency", "XXQ"), ("sequence", -5), ("receipt_reprints", -1)],
)
def test_what_cannot_be_is_rejected_on_the_quick_way_too(field, value):
    found = reader(time_zone="UTC", currency="EUR").read(block(GOOD, GOOD | {field: value}))
    assert len(found.packed.index) == 1
    (reject,) = found.rejects
    assert (reject.reason, reject.place) == ("impossible_value", 2)
    assert field in reject.sentence


def test_a_field_written_with_escapes_is_looked_at_as_closely():
    raw = json.dumps(GOOD | {"sequence": -5}).replace("sequence", "s\\u0065quence").encode()
    (reject,) = reader(time_zone="UTC", currency="EUR").read(Block(raw, "a.ndjson")).rejects
    assert reject.reason == "impossible_value"


def test_a_card_number_is_stored_nowhere():
    card = "4111 1111 1111 1111"
    record = GOOD | {"tenders": [{"type": "credit", "amount": "1.00", "card_token": card}]}
    found = reader(time_zone="UTC", currency="EUR").read(block(record, record | {"net": card}))
    kept = pickle.dumps(found)
    assert len(found.rejects) == 1
    assert b"4111" not in kept


def test_counts_add_up_by_name():
    assert added({"a": 1, "b": 2}, {"b": 3, "c": 4}) == {"a": 1, "b": 5, "c": 4}
