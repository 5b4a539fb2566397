"""A claimed key is the key that the journal gives the transaction once it can be read."""

from datetime import UTC, date, datetime

import pytest

from shrinkwatch.intake.claim import Claim
from shrinkwatch.journal.claims import claimed_key
from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.places import Places

OSLO = Places(zones={"7": "Europe/Oslo"})
NUMBERED = {"transaction_id": None, "register_id": "3", "sequence": 9}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        NUMBERED,
        NUMBERED | {"business_date": date(2026, 3, 1)},
        NUMBERED | {"ended_at": datetime(2026, 3, 2, 23, 30, tzinfo=UTC)},
        NUMBERED | {"ended_at": None, "began_at": datetime.fromisoformat("2026-03-02T23:30")},
    ],
)
def test_it_is_the_key_of_the_accepted_transaction(fields, sale):
    given = sale(**fields)
    batch, _ = to_batch([given], OSLO)
    assert claimed_key(Claim.of(given), OSLO) == batch.transactions["tx_key"][0]


@pytest.mark.parametrize(
    "claim",
    [
        Claim(),
        Claim(source="till", store_id="", transaction_id="T1"),
        Claim(source="till", store_id="7", register_id="3", sequence=9),
        Claim(
            source="till", store_id="7", register_id="3", ended_at=datetime(2026, 3, 2, tzinfo=UTC)
        ),
        Claim(
            source="till",
            store_id="7",
            register_id="3",
            sequence=9,
            ended_at=datetime(9999, 12, 31, 23, 30, tzinfo=UTC),
        ),
    ],
)
def test_half_a_key_is_none(claim):
    assert claimed_key(claim, OSLO) is None
