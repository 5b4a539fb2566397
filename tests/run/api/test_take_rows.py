"""Rows of the tables beside the till come in live, each with its own outcome."""

from datetime import UTC, datetime
from typing import Any

import pytest

SHIFT = {"store_id": "S1", "operator_id": "7", "clock_in": "2026-03-02T08:00:00Z"}
MOVE = {
    "row_id": "m1",
    "store_id": "S1",
    "sku": "tea",
    "at": "2026-03-02T08:00:00Z",
    "kind": "receive",
    "quantity": 12,
    "unit_cost": 1.25,
}


def words(said: Any) -> list[str]:
    assert said.status_code == 202, said.text
    return [one["outcome"] for one in said.json()["records"]]


def test_a_shift_is_taken_once_and_corrected(door):
    key = door.key("S1")
    left = SHIFT | {"clock_out": "2026-03-02T11:00:00Z"}
    sent = [SHIFT, SHIFT, left, {"store_id": "S1"}]
    assert words(door.send(key, sent, "/v1/shifts")) == [
        "accepted",
        "duplicate",
        "revised",
        "rejected",
    ]
    assert words(door.send(key, left, "/v1/shifts")) == ["duplicate"]
    kept = door.workspace.journal.tables()["shifts"]
    assert kept.select("operator_id", "clock_out").rows() == [
        ("7", datetime(2026, 3, 2, 11, tzinfo=UTC))
    ]


def test_it_is_known_from_when_it_came_and_not_before(door):
    door.send(door.key("S1"), SHIFT, "/v1/shifts")
    journal = door.workspace.journal
    assert journal.tables(datetime(2026, 3, 2, 11, tzinfo=UTC))["shifts"].is_empty()
    assert journal.tables(datetime(2026, 3, 2, 13, tzinfo=UTC))["shifts"].height == 1


def test_numbers_keep_what_they_say(door):
    door.send(door.key("S1"), MOVE, "/v1/stock_moves")
    (row,) = door.workspace.journal.tables()["stock_moves"].to_dicts()
    assert (row["quantity"], row["unit_cost"], row["kind"]) == (12.0, 12_500, "receive")


def test_a_till_session_with_its_operators_as_a_list(door):
    session = {
        "session_id": "s1",
        "store_id": "S1",
        "register_id": "1",
        "business_date": "2026-03-02",
        "operator_ids": ["7", "8"],
        "opened_at": "2026-03-02T08:00:00Z",
        "closed_at": "2026-03-02T11:00:00Z",
        "opening": "100.00",
        "expected": "350.10",
        "counted": "349.90",
        "currency": "EUR",
    }
    assert words(door.send(door.key("S1"), session, "/v1/till_sessions")) == ["accepted"]
    (row,) = door.workspace.journal.tables()["till_sessions"].to_dicts()
    assert (row["operator_ids"], row["counted_minor"]) == ("7;8", 34_990)


def test_rows_without_an_id_sent_again_are_duplicates(door):
    key = door.key("S1")
    move = {name: value for name, value in MOVE.items() if name != "row_id"}
    assert words(door.send(key, [move, move], "/v1/stock_moves")) == ["accepted", "accepted"]
    assert words(door.send(key, [move, move], "/v1/stock_moves")) == ["duplicate", "duplicate"]
    assert door.workspace.journal.tables()["stock_moves"].height == 2


def test_no_store_overwrites_anothers_row(door):
    own, other = door.key("S1"), door.key("S2")
    door.send(own, MOVE, "/v1/stock_moves")
    said = door.send(other, MOVE | {"store_id": "S2"}, "/v1/stock_moves")
    assert said.json()["records"][0]["reason"] == "other_store"
    assert door.workspace.journal.tables()["stock_moves"]["store_id"].to_list() == ["S1"]
    assert list(door.workspace.journal.rejects())


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("/v1/shifts", SHIFT | {"store_id": "S2"}),
        ("/v1/stock_moves", MOVE | {"store_id": "S2"}),
        ("/v1/labels", {"at": "2026-03-02T08:00:00Z", "outcome": "theft", "alert_id": "0" * 20}),
        (
            "/v1/labels",
            {
                "at": "2026-03-02T08:00:00Z",
                "outcome": "theft",
                "subject_type": "card",
                "subject_id": "tok_1",
            },
        ),
    ],
)
def test_a_key_speaks_only_for_its_stores(door, path, row):
    assert door.send(door.key("S1"), [row], path).status_code == 403
    assert list(door.workspace.journal.rejects()) == []


def test_a_label_of_its_own_store_is_taken(door):
    label = {
        "at": "2026-03-02T08:00:00Z",
        "by": "chargebacks",
        "outcome": "theft",
        "source": "pos",
        "transaction_store_id": "S1",
        "register_id": "1",
        "business_date": "2026-03-01",
        "sequence": 4,
        "loss": "12.50",
        "currency": "EUR",
    }
    assert words(door.send(door.key("S1"), label, "/v1/labels")) == ["accepted"]
    (row,) = door.workspace.journal.tables()["labels"].to_dicts()
    assert (row["sequence"], row["loss_minor"]) == (4, 1_250)


@pytest.mark.parametrize("raw", [b"hello", b"[1,2]", b'{"store_id": "S1"', b"\xff"])
def test_what_is_no_row_is_kept_as_a_reject(door, raw):
    assert set(words(door.send(door.key("S1"), raw, "/v1/shifts"))) == {"rejected"}
    assert list(door.workspace.journal.rejects())


def test_unknown_fields_do_no_harm(door):
    row = SHIFT | {"row number": 3, "colour": "red", "": 1, "STORE": "S2"}
    assert words(door.send(door.key("S1"), row, "/v1/shifts")) == ["accepted"]
