"""A message arrives as JSON, signed as Standard Webhooks has it."""

import base64
import hashlib
import hmac
import json

import pytest
from tests.adapters.notifiers.messages import MESSAGE
from tests.adapters.targets import HOST, Target

from shrinkwatch.adapters.network import Network
from shrinkwatch.adapters.notifiers.webhook import Webhook, notifier, secret_of, signature
from shrinkwatch.records.trouble import Refused


def test_the_signature_is_that_of_the_published_example() -> None:
    """Source: the example that Svix, an author of the standard, prints in its documentation."""
    secret = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_message_arrives_signed_over_id_time_and_body(target: Target) -> None:
    url = f"{target.address}/in"
    Webhook(url, b"hush", Network(frozenset({HOST})), lambda: 1_772_441_000.7).send(MESSAGE)
    (asked,) = target.asked
    told = json.loads(asked.body)
    assert (told["id"], told["alerts"][0]["alert_id"]) == (MESSAGE.id, "3f2a9c5e10b24d7f8a91")
    assert told["text"] == MESSAGE.text
    assert asked.headers["webhook-id"] == MESSAGE.id
    signed = f"{MESSAGE.id}.1772441000.".encode() + asked.body
    mark = base64.b64encode(hmac.new(b"hush", signed, hashlib.sha256).digest()).decode()
    assert asked.headers["webhook-signature"] == f"v1,{mark}"


def test_the_secret_is_not_part_of_the_request(target: Target) -> None:
    notifier(f"{target.address}/in#hush", Network(frozenset({HOST}))).send(MESSAGE)
    assert "hush" not in target.asked[0].path + str(target.asked[0].headers)


@pytest.mark.parametrize("url", ["https://a.example/in", "https://a.example/in#whsec_%%%"])
def test_an_address_without_a_proper_secret_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="secret"):
        notifier(url, Network())
