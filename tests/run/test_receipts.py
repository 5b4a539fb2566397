"""Receipts out of the journal: found by key, and suspected by the alerts that name them."""

from pathlib import Path

import pytest

from shrinkwatch.records.alert import NaturalKey
from shrinkwatch.run.opened import Opened, opened
from shrinkwatch.run.receipts import fetch_named, key_of, natural_key, suspicion


@pytest.fixture
def desk(workspace: Path) -> Opened:
    return opened(workspace)


def test_receipts_of_an_alert_are_found_by_their_keys(desk: Opened) -> None:
    alert = desk.alerts.all()[0]
    found = fetch_named(desk.journal, alert.transactions)
    assert found.keys() == set(alert.transactions)
    assert all(natural_key(receipt) == key for key, receipt in found.items())


def test_a_receipt_is_suspected_of_the_schemes_of_its_alerts(desk: Opened) -> None:
    alert = desk.alerts.all()[0]
    (receipt,) = fetch_named(desk.journal, alert.transactions[:1]).values()
    assert set(suspicion(receipt, [alert])) == {scheme.id for scheme in alert.schemes}
    assert suspicion(receipt, []) == ()


def test_a_key_that_the_journal_does_not_have_is_left_out(desk: Opened) -> None:
    assert fetch_named(desk.journal, [NaturalKey("pos", "nowhere", "1")]) == {}


def test_a_transaction_id_goes_before_the_tills_numbering() -> None:
    assert key_of(NaturalKey("pos", "S1", "7")) != key_of(NaturalKey("pos", "S1", "8"))
