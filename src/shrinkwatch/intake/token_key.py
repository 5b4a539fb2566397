"""The workspace's secret: it turns a card number into a token that only this workspace makes.

The same number always gives the same token under the same key, so a card can be followed without
its number being kept. Copy the key file to another machine and its tokens are the same there.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from shrinkwatch.records.trouble import Misconfigured

KEY_BYTES = 32
TOKEN_DIGITS = 32
"""Hex digits of a token: 128 bits, enough that no two cards of the world share one."""


class BadTokenKey(Misconfigured):
    """The token key file does not hold 64 hex digits; put back the copy that you exported."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The secret of a workspace; its value never shows in a log or a traceback."""

    secret: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Return a key that nobody has seen before."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Return the key that `export` wrote down.

        Raises: BadTokenKey when the text is not 64 hex digits.
        """
        try:
            secret = bytes.fromhex(text.strip())
        except ValueError:
            secret = b""
        if len(secret) != KEY_BYTES:
            raise BadTokenKey(BadTokenKey.__doc__)
        return cls(secret)

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """Return the key kept in this file; a missing file is made, readable by its owner only.

        Raises: BadTokenKey when the file holds something else.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _create_whole(path, cls.new().export() + "\n")
        return cls.from_hex(path.read_text(encoding="ascii", errors="replace"))

    def export(self) -> str:
        """Return the key as 64 hex digits, to be kept where secrets are kept."""
        return self.secret.hex()

    def token(self, identifier: str) -> str:
        """Return `tok_` and 32 hex digits: HMAC-SHA256 of the identifier under this key.

        identifier: a card number's digits, spaces and dashes already taken out.
        """
        return "tok_" + self.fingerprint(identifier.encode())[:TOKEN_DIGITS]

    def fingerprint(self, raw: bytes) -> str:
        """Return the keyed hash (64 hex digits) by which these bytes are known again."""
        return hmac.digest(self.secret, raw, hashlib.sha256).hex()

    def derived(self, purpose: str) -> bytes:
        """Return a secret of 32 bytes for another purpose, which tells nothing of this one.

        purpose: names the use and its version. No token or fingerprint can ever equal it, since
        here this key is what is hashed and not the key of the hash.
        Source: HKDF with SHA-256, extract then expand, RFC 5869.
        """
        extracted = hmac.digest(b"shrinkwatch derived keys", self.secret, hashlib.sha256)
        return hmac.digest(extracted, purpose.encode() + b"\x01", hashlib.sha256)


def _create_whole(path: Path, text: str) -> None:
    """Make the file at once with its text, or leave the one that another process just made."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
