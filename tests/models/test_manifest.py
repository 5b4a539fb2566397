"""A manifest shows any change, and its id knows what a model is made of and nothing else."""

import hashlib
import hmac
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.models.manifest import DataWindow, Manifest, Seal, describe, whole

KEY = TokenKey(b"k" * 32)
WINDOW = DataWindow(date(2026, 1, 1), date(2026, 2, 1), 40)


def manifest(
    parts: dict[str, bytes], day: int = 1, parent: str | None = None, code: str = "1"
) -> Manifest:
    made = datetime(2026, 3, day, tzinfo=UTC)
    return describe(
        parts, columns=("a", "b"), data=WINDOW, code=code, parent=parent, made_at=made,
        metrics={"average_precision": None},
    )  # fmt: skip


def test_a_signature_is_the_hmac_of_the_kind_and_the_bytes() -> None:
    """Expected value: the standard library's HMAC-SHA256."""
    seal = Seal(b"s" * 32)
    known = hmac.new(b"s" * 32, b"manifest\nabc", hashlib.sha256).hexdigest()
    assert seal.mark("manifest", b"abc") == known
    assert seal.fits("manifest", b"abc", known + "\n")
    assert not seal.fits("history", b"abc", known)


def test_signatures_of_another_workspace_do_not_fit() -> None:
    mine, other = Seal.of(KEY), Seal.of(TokenKey(b"o" * 32))
    assert mine.fits("manifest", b"abc", mine.mark("manifest", b"abc"))
    assert not mine.fits("manifest", b"abc", other.mark("manifest", b"abc"))
    assert not mine.fits("manifest", b"abc", "é")


def test_tokens_and_signatures_have_nothing_in_common() -> None:
    assert Seal.of(KEY).secret != KEY.secret
    assert KEY.fingerprint(b"manifest\nabc") != Seal.of(KEY).mark("manifest", b"abc")
    assert "secret" not in repr(Seal.of(KEY))


def test_learning_the_same_again_gives_the_same_id() -> None:
    first, again = manifest({"m": b"1"}), manifest({"m": b"1"}, day=9, parent="x")
    assert first.model_id == again.model_id
    assert first.made_at != again.made_at
    assert manifest({"m": b"2"}).model_id != first.model_id
    assert manifest({"n": b"1"}).model_id != first.model_id
    assert manifest({"m": b"1"}, code="2").model_id != first.model_id


@given(st.dictionaries(st.sampled_from("abc"), st.binary(min_size=1), min_size=1), st.data())
def test_any_changed_bit_of_any_part_is_noticed(
    parts: dict[str, bytes], data: st.DataObject
) -> None:
    papers = manifest(parts)
    assert whole(parts, papers) is None
    name = data.draw(st.sampled_from(sorted(parts)))
    place = data.draw(st.integers(0, len(parts[name]) * 8 - 1))
    raw = bytearray(parts[name])
    raw[place // 8] ^= 1 << place % 8
    assert whole({**parts, name: bytes(raw)}, papers) == f"its part {name} was changed"
    del parts[name]
    assert whole(parts, papers) == f"its part {name} is lacking"
