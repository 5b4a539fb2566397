"""Tells whether a request comes from whom it says, is whole, fresh, and the first of its kind."""

import hmac
import re
import time
from collections.abc import Callable, Mapping

from shrinkwatch.run.api.keyring import Held, Keyring
from shrinkwatch.run.api.problem import Problem

KEY, TIME, NONCE, SIGNATURE = (
    b"x-shrinkwatch-key",
    b"x-shrinkwatch-time",
    b"x-shrinkwatch-nonce",
    b"x-shrinkwatch-signature",
)
WINDOW_S = 300
"""How far the clock of a terminal may be from the server's, either way."""

_NONCE = re.compile(rb"[A-Za-z0-9_.-]{8,64}")
_TIME = re.compile(rb"[0-9]{1,12}")
_CHALLENGE = {"www-authenticate": "Shrinkwatch-HMAC-SHA256"}


def sign(secret: bytes, method: bytes, target: bytes, at: bytes, nonce: bytes, body: bytes) -> str:
    """Return the signature (64 hex digits) of a request.

    target: path and, where there is one, `?` and query, as sent. at: Unix time in seconds, as
    text. body: the bytes as sent, packed if they are sent packed.

    >>> sign(b"secret", b"POST", b"/v1/transactions", b"1767225600", b"a-nonce-1", b"{}")[:8]
    '4a7ce736'
    """
    head = b"\n".join((method, target, at, nonce, b""))
    return hmac.digest(secret, head + body, "sha256").hex()


class Nonces:
    """The nonces of the last minutes; each may come once.

    A nonce is remembered for as long as its time would be taken. The same nonce with another time
    is another request: the time is signed.
    """

    def __init__(self) -> None:
        self._seen: dict[int, set[int]] = {}

    def is_new(self, key_id: bytes, at: int, nonce: bytes, now: float) -> bool:
        """Tell whether this nonce is new, and remember it."""
        if at not in self._seen:  # not with every request: that would be to look at minutes of them
            self._forget(now - WINDOW_S - 1)
        seen = self._seen.setdefault(at, set())
        mark = hash((key_id, nonce))
        if mark in seen:
            return False
        seen.add(mark)
        return True

    def _forget(self, before: float) -> None:
        for old in [second for second in self._seen if second < before]:
            del self._seen[old]


class Signatures:
    """Says whose request this is."""

    def __init__(self, keys: Keyring, now_s: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._now_s = now_s
        self._nonces = Nonces()

    def verify(
        self, method: bytes, target: bytes, headers: Mapping[bytes, bytes], body: bytes
    ) -> Held:
        """Return the key that signed this request.

        headers: with names in lower case. Raises: Problem (401) that says what does not hold;
        Unreachable when the keys cannot be looked up.
        """
        key_id, at = headers.get(KEY, b""), headers.get(TIME, b"")
        nonce, signed = headers.get(NONCE, b""), headers.get(SIGNATURE, b"")
        if not key_id or not signed:
            raise _stranger("sign the request: see the guide to sending live")
        if _TIME.fullmatch(at) is None or _NONCE.fullmatch(nonce) is None:
            raise _stranger("the time must be Unix seconds, the nonce 8 to 64 of A-Z a-z 0-9 _ . -")
        held = self._keys.find(key_id.decode("latin-1"))
        secret = b"" if held is None else held.secret
        expected = sign(secret, method, target, at, nonce, body).encode()
        if not hmac.compare_digest(expected, signed.lower()) or held is None:
            raise _stranger("the key is not known, was revoked, or did not sign this request")
        now = self._now_s()
        if abs(now - int(at)) > WINDOW_S:
            raise _stranger(
                f"the request was signed more than {WINDOW_S} s from now; set the clock"
            )
        if not self._nonces.is_new(key_id, int(at), nonce, now):
            raise _stranger("this nonce was used before; sign every request anew")
        return held


def _stranger(detail: str) -> Problem:
    return Problem(401, "not-signed", detail, _CHALLENGE)
