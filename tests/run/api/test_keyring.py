"""A key that was revoked is gone within a minute, whatever the database does."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.access import SendingKey
from shrinkwatch.records.trouble import Unreachable
from shrinkwatch.run.api.keyring import REFRESHED_AFTER_S, Keyring, new_id, secret_of

THEN = datetime(2026, 3, 2, tzinfo=UTC)
KEY = SendingKey("k-1", "till", ("S1",), None, ("transactions",), 10, THEN)


class Shelf:
    """Where keys are kept, and a clock."""

    def __init__(self, *keys: SendingKey) -> None:
        self.keys: Sequence[SendingKey] | None = keys
        self.now_s = 0.0
        self.reads = 0

    def all(self) -> Sequence[SendingKey]:
        self.reads += 1
        if self.keys is None:
            raise Unreachable("the database is busy; try again")
        return self.keys


def ring(shelf: Shelf) -> Keyring:
    return Keyring(shelf, TokenKey(bytes(32)), lambda: shelf.now_s)


def test_a_known_key_is_not_looked_up_every_time() -> None:
    shelf = Shelf(KEY)
    keys = ring(shelf)
    for _ in range(100):
        held = keys.find("k-1")
        assert held is not None
        assert held.key == KEY
    assert shelf.reads == 1


def test_a_revoked_key_is_gone_when_the_keys_are_read_again() -> None:
    shelf = Shelf(KEY)
    keys = ring(shelf)
    assert keys.find("k-1")
    shelf.keys = [msgspec.structs.replace(KEY, revoked_at=THEN)]
    shelf.now_s = REFRESHED_AFTER_S
    assert keys.find("k-1") is None


def test_when_the_database_is_silent_keys_hold_for_less_than_a_minute() -> None:
    shelf = Shelf(KEY)
    keys = ring(shelf)
    assert keys.find("k-1")
    shelf.keys = None
    shelf.now_s = 45.0
    assert keys.find("k-1")
    shelf.now_s = 59.0
    with pytest.raises(Unreachable):
        keys.find("k-1")


def test_strangers_cannot_make_the_database_work() -> None:
    shelf = Shelf(KEY)
    keys = ring(shelf)
    assert [keys.find(f"k-{number}x") for number in range(100)] == [None] * 100
    assert shelf.reads == 1
    shelf.keys = [KEY, msgspec.structs.replace(KEY, key_id="k-2")]
    shelf.now_s = 1.0
    assert keys.find("k-2"), "a new key is known a second later"


def test_a_secret_is_of_its_key_and_its_workspace() -> None:
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    secrets = {secret_of(one, TokenKey(bytes([seed]) * 32)) for one in ids for seed in (1, 2)}
    assert len(secrets) == 200
    assert all(len(bytes.fromhex(one)) == 32 for one in secrets)
