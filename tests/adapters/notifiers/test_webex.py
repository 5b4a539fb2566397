"""A card arrives in a room as Webex's own library would have sent it; forged answers do not."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from tests.adapters.notifiers.messages import MESSAGE, ONE
from tests.adapters.targets import HOST, Asked, Target
from webexpythonsdk import WebexAPI
from webexpythonsdk.models.cards import AdaptiveCard

from shrinkwatch.adapters.network import Network
from shrinkwatch.adapters.notifiers.webex import Pressed, Webex, card, notifier
from shrinkwatch.records.message import Message
from shrinkwatch.records.trouble import Refused, Unreachable

SECRET = b"hush"
EVENT = {
    "id": "hook",
    "resource": "attachmentActions",
    "event": "created",
    "data": {"id": "A1", "type": "submit", "roomId": "Room1", "personId": "P1"},
}
ACTION = {
    "id": "A1",
    "type": "submit",
    "messageId": "M1",
    "roomId": "Room1",
    "personId": "P1",
    "created": "2026-03-02T10:00:00.000Z",
    "inputs": {"alert_id": ONE.alert_id, "answer": "theft"},
}
PERSON = {"id": "P1", "emails": ["kim@example.com"], "displayName": "Kim Smith"}


def webex(action: dict[str, Any] | None = None) -> Any:
    """Return what answers as Webex does, with this action."""
    things = {
        "/v1/messages": {"id": "M1", "roomId": "Room1"},
        "/v1/attachment/actions/A1": ACTION if action is None else action,
        "/v1/people/P1": PERSON,
    }

    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        found = things.get(asked.path)
        if asked.headers.get("authorization") != "Bearer token":
            return 401, {}, b"{}"
        kind = {"Content-Type": "application/json"}
        return (404, kind, b"{}") if found is None else (200, kind, json.dumps(found).encode())

    return answer


@pytest.fixture
def room(target: Target) -> Webex:
    target.answer = webex()
    network = Network(frozenset({HOST}))
    return Webex("Room1", "token", SECRET, network, f"{target.address}/v1")


def signed(raw: bytes, secret: bytes = SECRET) -> dict[str, str]:
    return {"X-Spark-Signature": hmac.new(secret, raw, hashlib.sha1).hexdigest()}


def test_it_sends_what_the_vendors_library_sends(target: Target, room: Webex) -> None:
    room.send(MESSAGE)
    body = room.body(MESSAGE)
    api = WebexAPI(access_token="token", base_url=f"{target.address}/v1/")
    api.messages.create(roomId="Room1", markdown=body["markdown"], attachments=body["attachments"])
    ours, theirs = target.asked
    assert (ours.method, ours.path) == (theirs.method, theirs.path) == ("POST", "/v1/messages")
    assert json.loads(ours.body) == json.loads(theirs.body)
    assert ours.headers["authorization"] == theirs.headers["authorization"]


def test_the_vendors_library_reads_the_same_action(target: Target, room: Webex) -> None:
    raw = json.dumps(EVENT).encode()
    pressed = room.pressed(signed(raw), raw)
    assert pressed == Pressed(
        ONE.alert_id, "theft", "kim@example.com", datetime(2026, 3, 2, 10, tzinfo=UTC)
    )
    api = WebexAPI(access_token="token", base_url=f"{target.address}/v1/")
    theirs = api.attachment_actions.get("A1")
    assert theirs.inputs["alert_id"] == pressed.alert_id
    assert api.people.get(theirs.personId).emails[0] == pressed.by


def test_the_card_holds_reasons_what_exonerates_the_link_and_the_buttons() -> None:
    made = card(MESSAGE)
    assert made["version"] == "1.3"
    assert {part["type"] for part in made["body"]} == {"TextBlock", "FactSet"}
    said = " ".join(part["text"] for part in made["body"] if part["type"] == "TextBlock")
    for sentence in (*ONE.reasons, *ONE.speaks_for, "A lead, not a finding"):
        assert sentence in said
    assert [(one["type"], one["title"]) for one in made["actions"]] == [
        ("Action.OpenUrl", "Open the receipts"),
        ("Action.Submit", "Theft"),
        ("Action.Submit", "False alarm"),
        ("Action.Submit", "Look later"),
    ]
    known = AdaptiveCard(body=[]).to_dict()
    assert (made["type"], made["$schema"]) == (known["type"], known["$schema"])


def test_a_digest_that_is_too_long_says_how_many_it_left_out(room: Webex) -> None:
    many = tuple(replace(ONE, alert_id=f"{n:020d}", reasons=("x" * 900,)) for n in range(60))
    body = room.body(Message("lp/1", "60 new leads", many))
    assert len(json.dumps(body).encode()) < 22_000
    assert "more wait in the queue" in json.dumps(body)


def test_nothing_in_a_text_becomes_a_link_or_calls_everybody(room: Webex) -> None:
    nasty = replace(ONE, title="<@all> [look](https://evil.example)")
    sent = json.dumps(room.body(Message("a", nasty.title, (nasty,))))
    assert "<@all>" not in sent
    assert "](https" not in sent


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: (signed(raw, b"another"), raw),
        lambda raw: (signed(raw), raw.replace(b"A1", b"A2")),
        lambda raw: (signed(raw), json.dumps(EVENT, sort_keys=True, indent=1).encode()),
        lambda raw: ({}, raw),
        lambda raw: ({"X-Spark-Signature": "ü"}, raw),
        lambda raw: (signed(raw + b" "), raw),
    ],
)
def test_a_call_that_webex_did_not_sign_is_refused_unread(
    target: Target, room: Webex, spoil: Any
) -> None:
    headers, raw = spoil(json.dumps(EVENT).encode())
    with pytest.raises(Refused, match="signature"):
        room.pressed(headers, raw)
    assert target.asked == []


def test_without_a_secret_no_answer_is_believed(room: Webex) -> None:
    raw = json.dumps(EVENT).encode()
    open_room = Webex("Room1", "token", b"", room.network, room.api)
    with pytest.raises(Refused, match="signature"):
        open_room.pressed(signed(raw, b""), raw)


def test_something_else_that_happened_is_no_answer(room: Webex) -> None:
    raw = json.dumps(EVENT | {"resource": "messages"}).encode()
    assert room.pressed(signed(raw), raw) is None
    with pytest.raises(Refused, match="cannot be understood"):
        room.pressed(signed(b"[]"), b"[]")


@pytest.mark.parametrize(
    "change",
    [{"roomId": "Another"}, {"inputs": {"alert_id": ONE.alert_id, "answer": "guilty"}}],
)
def test_a_button_on_another_card_is_refused(
    target: Target, room: Webex, change: dict[str, Any]
) -> None:
    target.answer = webex(ACTION | change)
    raw = json.dumps(EVENT).encode()
    with pytest.raises(Refused, match="none of our cards"):
        room.pressed(signed(raw), raw)


def test_a_token_that_webex_no_longer_takes_is_told(target: Target, room: Webex) -> None:
    target.answer = lambda _: (401, {}, b"{}")
    with pytest.raises(Refused, match="401"):
        room.send(MESSAGE)
    target.answer = lambda _: (503, {}, b"{}")
    with pytest.raises(Unreachable, match="503"):
        room.send(MESSAGE)


def test_an_address_is_read_with_the_rooms_own_letters() -> None:
    made = notifier("webex://Y2lzY28Xyz?secret=s#t", Network())
    assert (made.room, made.secret, made.token) == ("Y2lzY28Xyz", b"s", "t")
    assert made.api == "https://webexapis.com/v1"
    with pytest.raises(Refused, match="webex://ROOM_ID"):
        notifier("webex://Y2lzY28Xyz", Network())
