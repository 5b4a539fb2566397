import hashlib
import hmac
import stat
from pathlib import Path

import pytest

from shrinkwatch.intake.token_key import BadTokenKey, TokenKey


def test_a_token_is_the_keyed_hash_of_the_number() -> None:
    """Expected value: the standard library's HMAC-SHA256."""
    key = TokenKey(b"k" * 32)
    whole = hmac.new(b"k" * 32, b"4111111111111111", hashlib.sha256).hexdigest()
    assert key.token("4111111111111111") == "tok_" + whole[:32]
    assert key.fingerprint(b"4111111111111111") == whole


def test_a_missing_key_file_is_made_for_its_owner_only_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "token.key"
    made = TokenKey.load_or_create(path)
    assert TokenKey.load_or_create(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["token.key"]


def test_an_exported_key_makes_the_same_tokens_elsewhere() -> None:
    key = TokenKey.new()
    assert TokenKey.from_hex(key.export()).token("1") == key.token("1")


def test_a_damaged_key_file_is_refused_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "token.key"
    path.write_text("abc")
    with pytest.raises(BadTokenKey, match="64 hex digits"):
        TokenKey.load_or_create(path)
    assert path.read_text() == "abc"


def test_the_secret_never_shows() -> None:
    assert "secret" not in repr(TokenKey(b"k" * 32))
