"""What a record that cannot be taken still says of itself."""

import json
from datetime import date

import pytest

from shrinkwatch.intake.claim import Claim

FULL = {"source": "till", "store_id": "7", "register_id": "3", "business_date": "2026-03-02"}


def test_a_field_that_is_wrong_costs_only_itself() -> None:
    line = json.dumps(FULL | {"sequence": {"a": 1}, "ended_at": "yesterday", "net": []}).encode()
    assert Claim.read(line) == Claim(
        source="till", store_id="7", register_id="3", business_date=date(2026, 3, 2)
    )


def test_a_number_written_as_text_is_that_number() -> None:
    found = Claim.read(json.dumps(FULL | {"sequence": "12"}).encode())
    assert found is not None
    assert found.sequence == 12


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b"7", b"null", b'{"source": "\xff"', b"[" * 100_000, b"{}}"]
)
def test_what_is_no_object_claims_nothing(line: bytes) -> None:
    assert Claim.read(line) is None
