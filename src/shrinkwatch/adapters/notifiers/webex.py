"""Brings an alert into a Webex room as a card with its reasons, and buttons to answer it there.

An address is `webex://ROOM_ID?secret=SECRET#ACCESS_TOKEN`: the room, the webhook's secret (without
it no answer is believed) and the bot's token, which is never part of a request's address.
Source: developer.webex.com, Messages, Attachment Actions and Webhooks; cards are of version 1.3.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

import msgspec
from msgspec import Meta, Struct

from shrinkwatch.adapters.network import Network
from shrinkwatch.records.message import REMINDER, Message, Told
from shrinkwatch.records.trouble import Forged, Refused

Kind = TypeVar("Kind")

SCHEMES = frozenset({"webex"})
API = "https://webexapis.com/v1"
SIGNATURE = "x-spark-signature"

BUTTONS = {"Theft": "theft", "False alarm": "legitimate", "Look later": "unknown"}
"""What a button says, and the outcome it stands for: "unknown" goes on waiting for an answer."""

_MOST_BYTES = 20_000
"""Webex takes messages of 22 kB with their attachments; a digest says the most valuable first."""


class Pressed(Struct, frozen=True):
    """A button that somebody pressed. by: the person's e-mail address at Webex."""

    alert_id: str
    outcome: str
    by: str
    at: datetime


class _Data(Struct):
    id: str


class _Event(Struct):
    resource: str
    event: str
    data: _Data


class _Action(Struct, rename="camel"):
    type: str
    room_id: str
    person_id: str
    created: Annotated[datetime, Meta(tz=True)]
    inputs: dict[str, Any]


class _Person(Struct):
    emails: list[str]


@dataclass(frozen=True, slots=True)
class Webex:
    """`ports.Notifier` for one Webex room, and what reads the answers given there."""

    room: str
    token: str = field(repr=False)
    secret: bytes = field(repr=False)
    network: Network
    api: str = API

    def send(self, message: Message) -> None:
        """Return when the message stands in the room. Raises: Unreachable, Refused."""
        self._call("POST", "/messages", msgspec.json.encode(self.body(message)))

    def body(self, message: Message) -> dict[str, Any]:
        """Return the message as Webex takes it: a card, with plain words where none is shown."""
        told = list(message.alerts)
        body = self._body(message, told)
        while len(msgspec.json.encode(body)) > _MOST_BYTES and len(told) > 1:
            told.pop()
            body = self._body(message, told)
        return body

    def pressed(self, headers: Mapping[str, str], raw: bytes) -> Pressed | None:
        """Return the button that this webhook call tells of; None when it tells of something else.

        headers: by name in any case. raw: the body as it came; it is not looked into before its
        signature is found to be Webex's. Raises: Refused when it is forged or says nothing;
        Unreachable when Webex cannot be asked what was pressed.
        """
        self._refuse_forged(headers, raw)
        event = _decoded(raw, _Event)
        if (event.resource, event.event) != ("attachmentActions", "created"):
            return None
        action = self._asked(f"/attachment/actions/{quote(event.data.id, safe='')}", _Action)
        alert_id, outcome = action.inputs.get("alert_id"), action.inputs.get("answer")
        if action.type != "submit" or not isinstance(alert_id, str):
            return None
        if action.room_id != self.room or outcome not in BUTTONS.values():
            raise Refused("a button that stands on none of our cards was pressed")
        person = self._asked(f"/people/{quote(action.person_id, safe='')}", _Person)
        if not person.emails:
            raise Refused("Webex does not say who pressed the button")
        return Pressed(alert_id, str(outcome), person.emails[0], action.created)

    def _refuse_forged(self, headers: Mapping[str, str], raw: bytes) -> None:
        said = next((v for name, v in headers.items() if name.lower() == SIGNATURE), "")
        # SHA-1 is what Webex signs with; HMAC does not rest on what is broken in it
        true = hmac.digest(self.secret, raw, hashlib.sha1).hex()
        if not self.secret or not hmac.compare_digest(true.encode(), said.encode()):
            raise Forged("the signature is not Webex's")

    def _asked(self, path: str, kind: type[Kind]) -> Kind:
        return _decoded(self._call("GET", path), kind)

    def _call(self, method: str, path: str, body: bytes = b"") -> bytes:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return self.network.request(method, self.api + path, headers, body).body

    def _body(self, message: Message, told: list[Told]) -> dict[str, Any]:
        shown = Message(message.id, message.title, tuple(told))
        return {
            "roomId": self.room,
            "markdown": _unmarked(shown.text),
            "attachments": [
                {
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": card(shown, len(message.alerts) - len(told)),
                }
            ],
        }


def card(message: Message, left_out: int = 0) -> dict[str, Any]:
    """Return the message as an adaptive card of version 1.3.

    left_out: how many alerts had no room; the card says it.
    """
    parts: list[dict[str, Any]] = []
    for told in message.alerts:
        parts += _parts(told, alone=len(message.alerts) == 1)
    if left_out:
        parts.append(_text(f"{left_out} more wait in the queue."))
    parts.append(_text(REMINDER, isSubtle=True))
    made: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.3",
        "body": parts,
    }
    if len(message.alerts) == 1:
        made["actions"] = _actions(message.alerts[0])
    return made


def notifier(url: str, network: Network) -> Webex:
    """Return what sends to this room. Raises: Refused when the address lacks room or token."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    # a room's id has upper and lower case, which `hostname` would lose
    room, token = parts.netloc, parts.fragment
    if not room or not token:
        raise Refused("a Webex address is written webex://ROOM_ID?secret=SECRET#ACCESS_TOKEN")
    secret = asked.get("secret", [""])[0].encode()
    return Webex(room, token, secret, network, asked.get("api", [API])[0])


def _parts(told: Told, *, alone: bool) -> list[dict[str, Any]]:
    facts = [{"title": name, "value": value} for name, value in told.facts]
    parts = [_text(told.title, weight="Bolder", size="Medium" if alone else "Default")]
    parts += [{"type": "FactSet", "facts": facts}] if facts else []
    parts += [_text(f"• {sentence}") for sentence in told.reasons]
    if told.speaks_for:
        parts.append(_text("What speaks for them:", isSubtle=True))
        parts += [_text(f"• {sentence}") for sentence in told.speaks_for]
    if told.link is not None and not alone:
        parts.append({"type": "ActionSet", "actions": [_opening(told.link)]})
    return parts


def _actions(told: Told) -> list[dict[str, Any]]:
    buttons = [
        {
            "type": "Action.Submit",
            "title": title,
            "data": {"alert_id": told.alert_id, "answer": outcome},
        }
        for title, outcome in BUTTONS.items()
    ]
    return buttons if told.link is None else [_opening(told.link), *buttons]


def _opening(link: str) -> dict[str, Any]:
    return {"type": "Action.OpenUrl", "title": "Open the receipts", "url": link}


def _text(text: str, **style: object) -> dict[str, Any]:
    return {"type": "TextBlock", "text": _unmarked(text), "wrap": True, **style}


def _unmarked(text: str) -> str:
    """Return the text so that nothing in it is taken as a link or calls somebody by name.

    >>> _unmarked("[here](https://x)").replace("\\u200b", "|"), _unmarked("<@all>")
    ('[here]|(https://x)', '&lt;@all>')
    """
    return text.replace("](", "]\u200b(").replace("<", "&lt;")


def _decoded(raw: bytes, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused("Webex said something that cannot be understood") from error
