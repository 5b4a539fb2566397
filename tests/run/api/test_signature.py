"""A request is known by its signature, fresh, whole, and taken once."""

import hashlib
import hmac
from typing import Any

import pytest

from shrinkwatch.run.api.signature import WINDOW_S, Nonces, sign

TARGET = "/v1/transactions"


def status(door: Any, headers: dict[str, str], body: bytes = b"{}") -> int:
    return int(door.client.post(TARGET, content=body, headers=headers).status_code)


def test_it_is_the_hmac_of_the_request_as_the_guide_says_it() -> None:
    said = b'POST\n/v1/transactions?wait=score\n1767225600\nnonce-12\n{"a":1}'
    expected = hmac.new(b"a secret", said, hashlib.sha256).hexdigest()
    parts = (b"POST", b"/v1/transactions?wait=score", b"1767225600", b"nonce-12", b'{"a":1}')
    assert sign(b"a secret", *parts) == expected


def test_a_signed_request_is_taken_and_its_twin_is_not(door: Any) -> None:
    headers = door.headers(door.key("S1"), TARGET, b"{}")
    assert [status(door, headers), status(door, headers)] == [202, 401]


@pytest.mark.parametrize("seconds", [-WINDOW_S - 1, WINDOW_S + 1, -86_400, 86_400])
def test_a_stale_or_future_request_is_not_taken(door: Any, seconds: int) -> None:
    at = int(door.watch.now.timestamp()) + seconds
    assert status(door, door.headers(door.key("S1"), TARGET, b"{}", at=at)) == 401


@pytest.mark.parametrize("seconds", [-WINDOW_S, WINDOW_S])
def test_a_clock_may_be_five_minutes_off(door: Any, seconds: int) -> None:
    at = int(door.watch.now.timestamp()) + seconds
    assert status(door, door.headers(door.key("S1"), TARGET, b"{}", at=at)) == 202


def test_every_flipped_bit_of_the_body_is_seen(door: Any) -> None:
    key, body = door.key("S1"), b'{"a": 1}'
    for bit in range(0, 8 * len(body), 5):
        flipped = bytearray(body)
        flipped[bit // 8] ^= 1 << bit % 8
        assert status(door, door.headers(key, TARGET, body), bytes(flipped)) == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-shrinkwatch-key", "k-0000000000"),
        ("x-shrinkwatch-key", ""),
        ("x-shrinkwatch-time", "1e9"),
        ("x-shrinkwatch-time", "-5"),
        ("x-shrinkwatch-nonce", "short"),
        ("x-shrinkwatch-nonce", "n" * 65),
        ("x-shrinkwatch-nonce", "other-than-signed"),
        ("x-shrinkwatch-signature", "0" * 64),
        ("x-shrinkwatch-signature", ""),
    ],
)
def test_anything_else_of_it_changed_is_not_taken(door: Any, name: str, value: str) -> None:
    headers = door.headers(door.key("S1"), TARGET, b"{}")
    said = door.client.post(TARGET, content=b"{}", headers=headers | {name: value})
    assert said.status_code == 401
    assert said.headers["www-authenticate"]
    assert said.headers["content-type"] == "application/problem+json"


def test_a_signature_for_another_route_or_method_is_not_taken(door: Any) -> None:
    key = door.key("S1")
    assert status(door, door.headers(key, "/v1/shifts", b"{}")) == 401
    assert status(door, door.headers(key, TARGET + "?wait=score", b"{}")) == 401
    assert status(door, door.headers(key, TARGET, b"{}", method="PUT")) == 401


def test_a_failed_request_does_not_use_up_its_nonce(door: Any) -> None:
    key = door.key("S1")
    forged = door.headers(key, TARGET, b"{}", nonce="the-nonce") | {
        "x-shrinkwatch-signature": "0" * 64
    }
    assert status(door, forged) == 401
    assert status(door, door.headers(key, TARGET, b"{}", nonce="the-nonce")) == 202


def test_nonces_are_forgotten_when_their_time_would_not_be_taken_any_more() -> None:
    nonces = Nonces()
    assert nonces.is_new(b"k", 1_000, b"nonce", 1_000)
    assert not nonces.is_new(b"k", 1_000, b"nonce", 1_000 + WINDOW_S)
    assert nonces.is_new(b"other", 1_000, b"nonce", 1_000)
    nonces.is_new(b"k", 2_000, b"nonce", 2_000)
    assert list(nonces._seen) == [2_000]
