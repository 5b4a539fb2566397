"""Stretches passwords, so that a copied database tells none of them.

Source: scrypt, RFC 7914; N = 2**15, r = 8, p = 1 takes 32 MiB and about a tenth of a second.
"""

import hashlib
import hmac
import secrets

from shrinkwatch.records.trouble import Refused

LEAST_SIGNS = 12
MOST_SIGNS = 256
_COST, _BLOCK, _LANES = 15, 8, 1
_MEMORY = 64 << 20


def stretched(password: str) -> str:
    """Return what is kept of a password. Raises: Refused when it is too short or too long."""
    if not LEAST_SIGNS <= len(password) <= MOST_SIGNS:
        raise Refused(f"a password has {LEAST_SIGNS} to {MOST_SIGNS} signs; think of another")
    salt = secrets.token_bytes(16)
    return f"scrypt${_COST}${salt.hex()}${_hash(password, salt, _COST).hex()}"


def is_right(password: str, kept: str | None) -> bool:
    """Tell whether this password was stretched to `kept`.

    kept: None where nobody has this name; that takes as long, so that it cannot be told apart.
    """
    if len(password) > MOST_SIGNS:
        return False
    _, cost, salt, expected = (kept or _NOBODYS).split("$")
    found = _hash(password, bytes.fromhex(salt), int(cost))
    return hmac.compare_digest(found.hex(), expected) and kept is not None


def _hash(password: str, salt: bytes, cost: int) -> bytes:
    raw = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(raw, salt=salt, n=1 << cost, r=_BLOCK, p=_LANES, maxmem=_MEMORY)


_NOBODYS = f"scrypt${_COST}${'0' * 32}${'0' * 128}"
