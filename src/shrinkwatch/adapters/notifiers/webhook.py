"""Posts a message as JSON to somebody's own program, signed so that it can tell who sent it.

The signature is that of Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256 over id, time and
body, in the headers webhook-id, webhook-timestamp and webhook-signature. The secret stands behind
the `#` of the address, as `whsec_…` or as any text, and is never sent.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from time import time

import msgspec

from shrinkwatch.adapters.network import Network
from shrinkwatch.records.message import Message
from shrinkwatch.records.trouble import Refused

SCHEMES = frozenset({"https", "http"})
_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Webhook:
    """`ports.Notifier` for one's own program. now: seconds since 1970."""

    url: str
    secret: bytes = field(repr=False)
    network: Network
    now: Callable[[], float] = time

    def send(self, message: Message) -> None:
        """Return when the program has taken the message. Raises: Unreachable, Refused."""
        body = msgspec.json.encode({"id": message.id, "text": message.text, **_told(message)})
        stamp = str(int(self.now()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(self.secret, message.id, stamp, body),
        }
        self.network.request("POST", self.url, headers, body)


def notifier(url: str, network: Network) -> Webhook:
    """Return what posts to this address.

    Raises: Refused when it has no secret.
    """
    address, _, secret = url.partition("#")
    if not secret:
        raise Refused("a webhook's address ends with its secret: https://HOST/PATH#SECRET")
    return Webhook(address, secret_of(secret), network)


def secret_of(text: str) -> bytes:
    """Return the bytes of a secret: of base64 behind `whsec_`, else the text's own."""
    if not text.startswith(_PREFIX):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise Refused("a webhook's secret that begins with whsec_ goes on in base64") from error


def signature(secret: bytes, id_: str, stamp: str, body: bytes) -> str:
    """Return `v1,` and the base64 of HMAC-SHA256 over id, time and body, with dots between."""
    mark = hmac.digest(secret, f"{id_}.{stamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mark).decode()


def _told(message: Message) -> dict[str, object]:
    return {"title": message.title, "alerts": message.alerts}
