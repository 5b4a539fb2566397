"""Passwords are kept stretched; the vector of RFC 7914 says by what."""

import hashlib

import pytest

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.api.password import is_right, stretched


def test_it_is_the_scrypt_of_the_standard() -> None:
    # RFC 7914, section 12, third vector
    found = hashlib.scrypt(b"pleaseletmein", salt=b"SodiumChloride", n=16384, r=8, p=1)
    assert found.hex().startswith("7023bdcb3afd7348461c06cd81fd38eb")


def test_only_the_right_one_is_right_and_two_keepings_differ() -> None:
    first, second = stretched("four words in a row"), stretched("four words in a row")
    assert first != second
    assert "four" not in first
    assert is_right("four words in a row", first)
    assert is_right("four words in a row", second)
    assert not is_right("four words in a raw", first)
    assert not is_right("four words in a row", None)
    assert not is_right("x" * 10_000, first)


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_a_password_that_is_too_short_or_long_is_refused(password: str) -> None:
    with pytest.raises(Refused, match="12 to 256"):
        stretched(password)
