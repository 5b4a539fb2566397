"""Alerts are kept as documents, and people's decisions outlive a replay."""

from datetime import UTC, datetime

import msgspec
import pytest

from shrinkwatch.adapters.stores.alerts import StoredAlerts
from shrinkwatch.records.alert import Alert, Subject, Versions, Window

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


def an_alert(name: str, probability: float = 0.9, loss: float = 100.0, **fields) -> Alert:
    given = {
        "alert_id": name,
        "opened_at": MORNING,
        "updated_at": MORNING,
        "subject": Subject("operator", "101", "7"),
        "schemes": (),
        "probability": probability,
        "expected_loss": loss,
        "currency": "EUR",
        "window": Window(MORNING, MORNING),
        "transactions": (),
        "reasons": (),
        "versions": Versions("1", "1", "1", "1"),
    }
    return Alert(**(given | fields))


@pytest.fixture
def alerts(database):
    return StoredAlerts(database)


def test_the_most_valuable_comes_first_and_nothing_is_lost(alerts):
    small, large = an_alert("a", 0.9, 10), an_alert("b", 0.5, 1000)
    alerts.put([small, large])
    assert alerts.all() == [large, small]


def test_a_known_alert_is_updated(alerts):
    alerts.put([an_alert("a", 0.6)])
    alerts.put([an_alert("a", 0.8)])
    assert [alert.probability for alert in alerts.all()] == [0.8]


def test_a_replay_replaces_alerts_and_keeps_what_people_did(alerts):
    alerts.put([an_alert("gone"), an_alert("stays", status="closed"), an_alert("new")])
    alerts.replace([an_alert("stays", 0.7), an_alert("fresh")])
    found = {alert.alert_id: alert for alert in alerts.all()}
    assert found.keys() == {"stays", "fresh"}
    assert found["stays"] == msgspec.structs.replace(an_alert("stays", 0.7), status="closed")


def test_no_alerts_are_no_trouble(alerts):
    alerts.put([])
    alerts.replace([])
    assert alerts.all() == []
