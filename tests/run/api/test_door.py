"""Records come in signed, whole and once; the answer comes when the disk has them."""

import asyncio
import gzip
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
import zstandard

from shrinkwatch.journal.places import Places
from shrinkwatch.run.api.body import MOST_PLAIN, MOST_RECORDS, MOST_SENT, Cut
from shrinkwatch.run.api.problem import Problem
from shrinkwatch.run.api.submission import Submission
from shrinkwatch.run.api.take_transactions import TransactionTaker
from shrinkwatch.run.audit import audit_log


def words(said: Any) -> list[str]:
    assert said.status_code == 202, said.text
    return [one["outcome"] for one in said.json()["records"]]


def stored(door: Any, day: date = date(2026, 3, 2)) -> Any:
    return door.workspace.journal.arrivals(day).transactions


def test_one_an_array_and_lines_are_taken(door, sale):
    key = door.key("S1")
    lines = b"\n".join(json.dumps(sale(number)).encode() for number in (4, 5)) + b"\n"
    assert words(door.send(key, sale(1))) == ["accepted"]
    assert words(door.send(key, [sale(2), sale(3)])) == ["accepted"] * 2
    assert words(door.send(key, lines, content_type="application/x-ndjson")) == ["accepted"] * 2
    assert sorted(stored(door)["sequence"].to_list()) == [1, 2, 3, 4, 5]


def test_a_record_written_over_many_lines_is_one_record(door, sale):
    raw = json.dumps(sale(1), indent=2).encode()
    assert words(door.send(door.key("S1"), raw)) == ["accepted"]


@pytest.mark.parametrize(
    ("pack", "name"),
    [(gzip.compress, "gzip"), (zstandard.compress, "zstd"), (bytes, "identity")],
)
def test_a_packed_body_is_unpacked(door, sale, pack, name):
    raw = pack(json.dumps([sale(1), sale(2)]).encode())
    assert words(door.send(door.key("S1"), raw, content_encoding=name)) == ["accepted"] * 2


@pytest.mark.parametrize(("pack", "name"), [(gzip.compress, "gzip"), (zstandard.compress, "zstd")])
def test_a_bomb_and_a_torn_body_are_refused(door, sale, pack, name):
    key = door.key("S1")
    bomb = pack(b" " * (MOST_PLAIN + 1))
    assert len(bomb) < MOST_SENT
    assert door.send(key, bomb, content_encoding=name).status_code == 413
    torn = pack(json.dumps([sale(number) for number in range(9)]).encode())[:-6]
    assert door.send(key, torn, content_encoding=name).status_code == 400
    assert door.send(key, b"no such thing", content_encoding=name).status_code == 400
    assert door.send(key, b"{}", content_encoding="br").status_code == 415


def test_what_is_too_much_is_refused(door, sale):
    key = door.key("S1")
    assert door.send(key, b"x" * (MOST_SENT + 1)).status_code == 413
    many = b"\n".join([b"{}"] * (MOST_RECORDS + 1))
    assert door.send(key, many, content_type="application/x-ndjson").status_code == 413
    assert door.send(key, b"").status_code == 400
    assert door.send(key, b"[]").status_code == 400
    assert door.client.get("/v1/transactions").status_code == 405


def test_every_record_has_its_own_outcome(door, sale):
    key = door.key("S1")
    first = door.send(key, sale(1))
    sent = [
        sale(1),
        sale(2),
        sale(1, revision=2, net="11.00"),
        sale(2, net="99.00"),
        sale(3, net={"amount": 3}),
        sale(4, currency="QQQ"),
        sale(5),
    ]
    said = door.send(key, sent)
    assert words(said) == [
        "duplicate",
        "accepted",
        "revised",
        "conflicting",
        "rejected",
        "rejected",
        "accepted",
    ]
    told = said.json()
    counts = {"accepted": 2, "duplicate": 1, "revised": 1, "conflicting": 1, "rejected": 2}
    assert {word: told[word] for word in counts} == counts
    assert told["records"][0]["position"] == first.json()["records"][0]["position"]
    assert [one.get("reason") for one in told["records"]][4:6] == ["wrong_type", "impossible_value"]
    assert all("sentence" in told["records"][row] for row in (4, 5))


def test_what_is_rejected_is_kept_with_its_bytes_and_sender(door, sale):
    key = door.key("S1")
    door.send(key, [sale(1), sale(2, type="gossip"), sale(3, net="NaN")])
    rejects = list(door.workspace.journal.rejects())
    assert [(one.file, one.place) for one in rejects] == [
        (f"key {key.key_id}", 2),
        (f"key {key.key_id}", 3),
    ]
    assert b"gossip" in rejects[0].raw
    door.send(key, sale(2))
    assert [one.settled for one in door.workspace.journal.rejects()] == [True, False]


@pytest.mark.parametrize(
    "raw",
    [
        b"hello",
        b"{",
        b'{"a":',
        b"[1,2]",
        b"\xff\xfe",
        b'"text"',
        b"null",
        b"[[[[1",
        b"{}{}",
        b"NaN",
    ],
)
def test_what_is_no_json_is_an_outcome_and_no_fault(door, raw):
    assert set(words(door.send(door.key("S1"), raw))) == {"rejected"}
    assert list(door.workspace.journal.rejects())


def test_a_document_that_breaks_off_keeps_what_came_before(door, sale):
    raw = json.dumps([sale(1), sale(2)]).encode()[:-20]
    assert words(door.send(door.key("S1"), raw)) == ["accepted", "rejected"]


def test_the_time_of_arrival_is_the_servers_whatever_the_sender_says(door, sale):
    key = door.key("S1")
    door.send(key, sale(1, arrived_at="2020-01-01T00:00:00Z"))
    door.watch.turn(minutes=-2)
    door.send(key, sale(2))
    first, second = stored(door).sort("sequence")["arrived_at"]
    assert first == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert second > first, "a clock that is set back does not reorder what came"


def test_sent_again_is_a_duplicate_even_with_other_spacing(door, sale):
    key = door.key("S1")
    door.send(key, sale(1))
    assert words(door.send(key, json.dumps(sale(1), indent=1).encode())) == ["duplicate"]
    assert stored(door).height == 1


def test_a_key_speaks_only_for_its_stores_and_tills(door, sale):
    own, till = door.key("S1"), door.key("S1", registers=("1",))
    for said in (
        door.send(own, [sale(1), sale(2, store="S2")]),
        door.send(own, b'{"store_id": "S2", "net": 3}'),
        door.send(till, sale(1, register_id="2")),
    ):
        assert (said.status_code, said.json()["type"]) == (403, "urn:shrinkwatch:other-store")
    assert door.workspace.journal.days() == [], "nothing of the request was taken"
    noted = [(row.what, row.who) for row in audit_log(door.workspace).rows()]
    assert noted == [("refused", f"key {one.key_id}") for one in (own, own, till)]
    assert words(door.send(till, sale(1))) == ["accepted"]


def test_a_key_sends_only_what_it_may(door, sale):
    key = door.key("S1", sends=("shifts",))
    assert door.send(key, sale(1)).status_code == 403


def test_a_stranger_in_the_group_costs_the_others_nothing(door, sale):
    # the writer takes both at once; asked directly, since requests of one client come in turn

    taker = TransactionTaker(door.workspace.journal, door.workspace.key, Places(), door.watch)
    mine, other = door.key("S1"), door.key("S2")
    group = [
        Submission("transactions", mine, Cut([json.dumps(sale(1)).encode()])),
        Submission("transactions", other, Cut([json.dumps(sale(2)).encode()])),
        Submission("transactions", mine, Cut([b"{", json.dumps(sale(3)).encode()])),
    ]
    first, second, third = taker.take(group)
    assert [one.outcome for one in first] == ["accepted"]
    assert isinstance(second, Problem)
    assert [one.outcome for one in third] == ["rejected", "accepted"]
    assert sorted(stored(door)["sequence"].to_list()) == [1, 3]


def test_more_requests_than_a_key_may_are_sent_away_until_later(door, sale):
    key = door.key("S1", per_second=1)
    said = [door.send(key, sale(number)) for number in range(7)]
    assert {one.status_code for one in said[:5]} == {202}
    assert said[-1].status_code == 429
    assert int(said[-1].headers["retry-after"]) >= 1


def test_no_score_is_pretended_where_nothing_scores(door, sale):
    key = door.key("S1")
    said = door.send(key, sale(1), "/v1/transactions?wait=score")
    assert (said.status_code, said.json()["type"]) == (503, "urn:shrinkwatch:not-scoring")
    assert door.workspace.journal.days() == []
    assert door.send(key, sale(1), "/v1/transactions?wait=tea").status_code == 400


def knocked(door: Any, headers: dict[str, str], received: list[dict[str, Any]]) -> Any:
    """Status and document of the answer to a request that is received in these pieces."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/transactions",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> Any:
        return received.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(door.behind(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_a_body_of_the_length_that_was_said_is_not_asked_for_more(door, sale):
    raw = json.dumps(sale(1)).encode()
    headers = door.headers(door.key(), "/v1/transactions", raw) | {"content-length": str(len(raw))}
    pieces = (raw[:9], raw[9:])
    halves = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    status, told = knocked(door, headers, halves)
    assert (status, told["accepted"]) == (202, 1)


def test_a_fault_is_told_as_a_problem(door):
    status, told = knocked(door, {"content-length": "9"}, [])
    assert (status, told["type"]) == (500, "urn:shrinkwatch:fault")
