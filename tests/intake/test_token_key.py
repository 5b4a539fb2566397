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


def test_a_derived_secret_is_what_hkdf_makes_of_the_key() -> None:
    """Expected value: `openssl kdf -keylen 32 ... HKDF` with the same salt and info."""
    key = TokenKey(b"k" * 32)
    assert key.derived("signs models, 1").hex() == (
        "5c3050b450eb71eba7d71e77fd7f46ff2d784e2ef5f0157e5a39cef61c5fe5d8"
    )
    assert key.derived("signs models, 2") != key.derived("signs models, 1")


def test_no_fingerprint_of_raw_bytes_is_a_derived_secret() -> None:
    key = TokenKey(b"k" * 32)
    for raw in (b"signs models, 1", b"signs models, 1\x01", b"shrinkwatch derived keys"):
        assert key.fingerprint(raw) != key.derived("signs models, 1").hex()
