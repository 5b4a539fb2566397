"""A day's alerts, what is told of them and the position are stored together or not at all."""

from datetime import date

import msgspec
import pytest
from tests.adapters.stores.test_alerts import an_alert

from shrinkwatch.adapters.stores.alerts import StoredAlerts
from shrinkwatch.adapters.stores.live import LivePosition, StoredLive

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


class Told:
    """Keeps what it is to tell."""

    def __init__(self):
        self.calls = []

    def __call__(self, connection, new, changed):
        self.calls.append(([one.alert_id for one in new], [one.alert_id for one in changed]))


def test_nothing_was_closed_before_the_first_day(database):
    assert StoredLive(database).position() is None


def test_a_closed_day_is_its_alerts_its_messages_and_its_position(database):
    told = Told()
    live = StoredLive(database, (told,))
    assert live.close_day(MONDAY, 7, [an_alert("a")]) == [an_alert("a")]
    assert live.close_day(TUESDAY, 9, [an_alert("a", 0.95), an_alert("b")]) == [an_alert("b")]
    assert told.calls == [(["a"], []), (["b"], ["a"])]
    assert live.position() == LivePosition(9, TUESDAY)
    assert {one.alert_id: one.probability for one in StoredAlerts(database).all()} == {
        "a": 0.95,
        "b": 0.9,
    }


def test_a_day_closed_again_changes_nothing_and_tells_nobody(database):
    told = Told()
    live = StoredLive(database, (told,))
    live.close_day(TUESDAY, 9, [an_alert("a")])
    assert live.close_day(TUESDAY, 11, [an_alert("a"), an_alert("b")]) == []
    assert live.close_day(MONDAY, 11, [an_alert("b")]) == []
    assert live.position() == LivePosition(9, TUESDAY)
    assert len(told.calls) == 1


def test_what_cannot_be_told_is_not_stored(database):
    def refuse(connection, new, changed):
        raise RuntimeError("the outbox is full")

    with pytest.raises(RuntimeError, match="full"):
        StoredLive(database, (refuse,)).close_day(MONDAY, 7, [an_alert("a")])
    assert StoredAlerts(database).all() == []
    assert StoredLive(database).position() is None


def test_what_people_did_with_an_alert_stays(database):
    StoredAlerts(database).put([an_alert("a", status="closed")])
    StoredLive(database).close_day(MONDAY, 7, [an_alert("a", 0.99)])
    assert StoredAlerts(database).all() == [
        msgspec.structs.replace(an_alert("a", 0.99), status="closed")
    ]
