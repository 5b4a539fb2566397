"""What every vendor's file must do, and every new one inherits."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.adapters.sources.calls import BODIES, KEY, NOW, raw, signed

from shrinkwatch.adapters.sources import amount_of, hears, kinds
from shrinkwatch.records.heard import Heard
from shrinkwatch.records.trouble import Forged, Refused

SPOILED: dict[str, Callable[[str, bytes], tuple[dict[str, str], bytes]]] = {
    "signed by another": lambda vendor, body: (signed(vendor, body, "guess"), body),
    "a flipped bit": lambda vendor, body: (signed(vendor, body), body[:-2] + b"|}"),
    "in another order": lambda vendor, body: (
        signed(vendor, body),
        json.dumps(json.loads(body), sort_keys=True, indent=1).encode(),
    ),
    "a body of another": lambda vendor, body: (signed(vendor, b"{}"), body),
    "not signed": lambda _vendor, body: ({}, body),
    "signed with nothing": lambda vendor, body: (dict.fromkeys(signed(vendor, body), ""), body),
    "letters": lambda vendor, body: (dict.fromkeys(signed(vendor, body), "ü=ö,v1=ä"), body),
}


def heard(vendor: str, body: bytes) -> Heard | Refused:
    try:
        return hears(vendor)(signed(vendor, body), body, KEY, NOW)
    except Refused as refused:
        return refused


def test_every_file_has_a_call_here() -> None:
    assert set(kinds()) == set(BODIES)


@pytest.mark.parametrize("vendor", BODIES)
@pytest.mark.parametrize("how", SPOILED)
def test_a_call_that_the_vendor_did_not_sign_is_forged(vendor: str, how: str) -> None:
    headers, body = SPOILED[how](vendor, raw(BODIES[vendor]))
    with pytest.raises(Forged):
        hears(vendor)(headers, body, KEY, NOW)


@pytest.mark.parametrize("vendor", BODIES)
def test_either_of_two_secrets_may_have_signed(vendor: str) -> None:
    body = raw(BODIES[vendor])
    new = hears(vendor)(signed(vendor, body), body, KEY, NOW)
    old = hears(vendor)(signed(vendor, body, "old"), body, KEY, NOW)
    assert new == old
    assert new.transactions or new.disputes


@pytest.mark.parametrize("vendor", BODIES)
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null", b'{"id": 1}', b"9" * 5000])
def test_what_cannot_be_understood_is_refused_and_nothing_breaks(vendor: str, body: bytes) -> None:
    told = heard(vendor, body)
    assert isinstance(told, Refused) or not told.transactions + told.disputes
    assert not isinstance(told, Forged)


@pytest.mark.parametrize("vendor", BODIES)
def test_a_body_with_anything_taken_out_breaks_nothing(vendor: str) -> None:
    for cut in every_cut(BODIES[vendor]):
        assert not isinstance(heard(vendor, raw(cut)), Forged)


NASTY = (10**400, -(10**30), 1e308, "NaN", "Infinity", "sNaN", "1e999999", "", [], {}, True,
         "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-03-02T11:59:00")  # fmt: skip


@pytest.mark.parametrize("vendor", BODIES)
@pytest.mark.parametrize("nasty", NASTY, ids=lambda value: str(value)[:12])
def test_a_body_with_anything_nasty_in_it_breaks_nothing(vendor: str, nasty: Any) -> None:
    for spoiled in every_change(BODIES[vendor], nasty):
        assert not isinstance(heard(vendor, raw(spoiled)), Forged)


def every_change(document: Any, value: Any) -> list[Any]:
    """Return the document with this in the place of each of its parts, at any depth."""
    if isinstance(document, list):
        return [[one] for item in document[:1] for one in every_change(item, value)]
    if not isinstance(document, dict):
        return [value]
    return [
        document | {name: inner}
        for name, held in document.items()
        for inner in (value, *every_change(held, value))
    ]


def every_cut(document: Any) -> list[Any]:
    """Return the document with each of its parts, at any depth, taken out or made null."""
    if not isinstance(document, dict):
        return []
    cuts: list[Any] = []
    for name, value in document.items():
        cuts.append({key: kept for key, kept in document.items() if key != name})
        cuts.append(document | {name: None})
        cuts += [document | {name: inner} for inner in every_cut(value)]
    return cuts


def test_an_unknown_vendor_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(Refused, match="shopify, square, stripe"):
        hears("acme")


def test_amounts_keep_the_currencys_decimals() -> None:
    assert amount_of(123456, "KWD") == "123.456"
