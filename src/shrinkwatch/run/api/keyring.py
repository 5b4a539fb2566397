"""Which terminals and feeds may send, for which stores, and the secret that each signs with.

No secret is stored: it is derived from the workspace's own key and the id of the terminal's key,
so that a copied database signs nothing.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.access import SendingKey
from shrinkwatch.records.trouble import Unreachable

REFRESHED_AFTER_S = 5.0
"""How old the list of keys may be, as long as the database answers."""
TRUSTED_FOR_S = 50.0
"""How old it may be when the database does not answer: a key is gone within a minute."""
_ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"
_ID_SIGNS = 10


class SendingKeys(Protocol):
    """Where the keys are kept."""

    def all(self) -> Sequence[SendingKey]:
        """Return every key, revoked ones too, oldest first.

        Raises: Unreachable.
        """
        ...


def new_id() -> str:
    """Return an id that nobody has, easy to read out: `k-` and ten letters or digits."""
    return "k-" + "".join(secrets.choice(_ALPHABET) for _ in range(_ID_SIGNS))


def secret_of(key_id: str, workspace: TokenKey) -> str:
    """Return what a terminal signs with: 64 hex digits, used as text."""
    return workspace.derived(f"sending key v1 {key_id}").hex()


class Held(Struct, frozen=True):
    """A key that holds, with its secret as bytes."""

    key: SendingKey
    secret: bytes


class Keyring:
    """The keys that hold now; reads them again when they may have changed."""

    def __init__(
        self,
        kept: SendingKeys,
        workspace: TokenKey,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kept = kept
        self._workspace = workspace
        self._monotonic = monotonic
        self._held: dict[str, Held] = {}
        self._read_at = float("-inf")
        self._tried_at = float("-inf")

    def find(self, key_id: str) -> Held | None:
        """Return the key of this id; None where there is none or it was revoked.

        Raises: Unreachable when nobody could say so for nearly a minute.
        """
        now = self._monotonic()
        held = self._held.get(key_id)
        due = REFRESHED_AFTER_S if held is not None else 1.0
        if now - self._tried_at >= due:
            self._refresh(now)
            held = self._held.get(key_id)
        return held

    def _refresh(self, now: float) -> None:
        self._tried_at = now
        try:
            kept = self._kept.all()
        except Unreachable:
            if now - self._read_at > TRUSTED_FOR_S:
                raise
            return
        self._read_at = now
        before = self._held
        self._held = {
            key.key_id: before[key.key_id]
            if key.key_id in before and before[key.key_id].key == key
            else Held(key, secret_of(key.key_id, self._workspace).encode())
            for key in kept
            if key.revoked_at is None
        }
