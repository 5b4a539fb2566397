"""One block of a file, read wherever there is a process for it."""

import json
import pickle

from shrinkwatch.intake.block import Block
from shrinkwatch.intake.token_key import TokenKey
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


def reader(**places):
    return BlockReader(TokenKey.new(), Places(**places))


def block(*records):
    raw = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    return Block(raw=raw, file="a.ndjson")


def test_what_the_till_cannot_know_comes_from_the_places():
    found = reader(time_zone="Europe/Oslo", currency="NOK").read(block(GOOD))
    assert found.rejects == []
    assert len(found.packed.index) == 1


def test_what_cannot_be_placed_is_rejected_with_its_file():
    found = reader(currency="NOK").read(block(GOOD))
    assert found.packed is None
    (reject,) = found.rejects
    assert (reject.reason, reject.file) == ("missing_zone", "a.ndjson")


def test_a_card_number_is_stored_nowhere():
    card = "4111 1111 1111 1111"
    record = GOOD | {"tenders": [{"type": "credit", "amount": "1.00", "card_token": card}]}
    found = reader(time_zone="UTC", currency="EUR").read(block(record, record | {"net": card}))
    kept = pickle.dumps(found)
    assert len(found.rejects) == 1
    assert b"4111" not in kept


def test_counts_add_up_by_name():
    assert added({"a": 1, "b": 2}, {"b": 3, "c": 4}) == {"a": 1, "b": 5, "c": 4}
